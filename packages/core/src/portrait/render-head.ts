// Pictures of a head as users see them: textured, lit, antialiased. What fits a head to a photo is the
// differentiable renderer beside this one; both take the same cameras and lights. Every sample of a pixel is
// shaded by itself.

import { GanfitError } from "../errors.js";
import type { Colour } from "../image/composite.js";
import type { Image, Mask } from "../image/image.js";
import { clampedByte } from "../image/tensor.js";
import type { TexturedHead } from "../models/textured-head.js";
import { type Samples, shadeSamples } from "./head-shading.js";
import { headSurface, type RenderHeadOptions } from "./head-surface.js";

export type { RenderHeadOptions };

export interface RenderedHead {
  /** With `alpha` where no background was given. */
  readonly image: Image;
  /** Share of each pixel that the head covers, all parts. */
  readonly coverage: Mask;
  /** Share of each pixel that skin covers. */
  readonly skin: Mask;
}

/**
 * Draws a head.
 *
 * @throws GanfitError `usage` where a size or the number of samples is not a positive integer, the
 * background is of another size, or coefficients do not fit the model
 */
export function renderHead(head: TexturedHead, options: RenderHeadOptions): RenderedHead {
  const { width, height, supersampling = 2, background } = options;
  if (![width, height, supersampling].every((value) => Number.isInteger(value) && value > 0)) {
    throw new GanfitError(
      "usage",
      `A head cannot be drawn in ${width} x ${height} pixels with ${supersampling} x ${supersampling} samples each.`,
    );
  }
  if (isImage(background) && (background.width !== width || background.height !== height)) {
    throw new GanfitError(
      "usage",
      `A background of ${background.width} x ${background.height} pixels does not fit a picture of ${width} x ${height}.`,
    );
  }
  return resolve(shadeSamples(headSurface(head, options), options), options, supersampling);
}

function resolve(samples: Samples, options: RenderHeadOptions, scale: number): RenderedHead {
  const { width, height, background } = options;
  const { colour, opacity, skin } = samples;
  const count = scale * scale;
  const data = new Uint8Array(3 * width * height);
  const alpha = background ? null : new Uint8Array(width * height);
  for (let i = 0; i < opacity.length; i++) {
    const share = opacity[i]! / count;
    for (let c = 0; c < 3; c++) {
      const head = share > 0 ? (255 * colour[3 * i + c]!) / opacity[i]! : 0;
      const behind = isImage(background) ? background.data[3 * i + c]! : (background?.[c] ?? head);
      data[3 * i + c] = clampedByte(behind + share * (head - behind));
    }
    if (alpha) alpha[i] = clampedByte(255 * share);
    opacity[i] = share;
    skin[i]! /= count;
  }
  return {
    image: alpha ? { width, height, data, alpha } : { width, height, data },
    coverage: { width, height, data: opacity },
    skin: { width, height, data: skin },
  };
}

function isImage(background: Image | Colour | undefined): background is Image {
  return background !== undefined && "data" in background;
}
