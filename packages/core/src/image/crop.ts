import { GanfitError } from "../errors.js";
import type { Image } from "./image.js";
import type { Similarity } from "./similarity.js";

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whole pixels, from the top left corner. */
export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Cuts a rectangle out as it is. What reaches beyond the picture is for `warpSimilarity`.
 *
 * @throws GanfitError `usage` for a rectangle that is empty, not of whole pixels or not inside
 */
export function crop(image: Image, { left, top, width, height }: Rectangle): Image {
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside =
    left >= 0 && top >= 0 && left + width <= image.width && top + height <= image.height;
  if (!whole || !inside || width < 1 || height < 1) {
    throw new GanfitError(
      "usage",
      `${width} x ${height} pixels from ${left}, ${top} on do not lie inside a picture of ${image.width} x ${image.height}.`,
    );
  }
  const cut = (values: Uint8Array, channels: number) => {
    const result = new Uint8Array(width * height * channels);
    for (let y = 0; y < height; y++) {
      const from = ((top + y) * image.width + left) * channels;
      result.set(values.subarray(from, from + width * channels), y * width * channels);
    }
    return result;
  };
  const data = cut(image.data, 3);
  return image.alpha
    ? { width, height, data, alpha: cut(image.alpha, 1) }
    : { width, height, data };
}

/**
 * Where a picture lies in a frame that shows all of it, centred, as large as possible: from the
 * frame's pixels to the picture's, as `warpSimilarity` takes it.
 */
export function fitInside(picture: Size, frame: Size): Similarity {
  const scale = Math.max(picture.width / frame.width, picture.height / frame.height);
  return {
    scale,
    rotation: 0,
    tx: (picture.width - scale * frame.width) / 2,
    ty: (picture.height - scale * frame.height) / 2,
  };
}
