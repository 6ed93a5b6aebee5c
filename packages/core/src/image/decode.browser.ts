import { imageSize } from "image-size";
import { GanfitError } from "../errors.js";
import { type DecodedImage, type DecodeOptions, decodedSize } from "./decode.js";
import { checkedFormat, type ImageFormat } from "./format.js";

/**
 * As `decodeImage` in Node, with the browser's decoders: JPEG, PNG, WebP, AVIF or GIF (first frame),
 * recognised by its content, upright, in sRGB. Where a pixel is nearly transparent its colour is
 * rounded more coarsely, since browsers keep it multiplied by opacity; CMYK without a profile is
 * shown by the browser's own rule, which may be far from Node's.
 *
 * @throws GanfitError `image` for anything else (TIFF too, which no browser but Safari decodes), a
 * damaged or truncated file, and pictures of more than `PIXEL_LIMIT` pixels
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  const name = options.name ?? "The picture";
  const format = checkedFormat(bytes, name);
  const header = sizeOf(bytes, name);
  decodedSize(header.width, header.height, name, options.maxPixels);
  const bitmap = await bitmapOf(bytes, format, name);
  try {
    // Turned upright, or not what the header said.
    const size = decodedSize(bitmap.width, bitmap.height, name, options.maxPixels);
    return { ...pixelsOf(bitmap, size.width, size.height), format, scale: size.scale };
  } finally {
    bitmap.close();
  }
}

/** As the file's header says, before anything is decoded. */
function sizeOf(bytes: Uint8Array, name: string): { width: number; height: number } {
  try {
    return imageSize(bytes);
  } catch (error) {
    throw new GanfitError("image", `${name} is damaged: it does not say how large it is.`, {
      cause: error,
    });
  }
}

async function bitmapOf(bytes: Uint8Array, format: ImageFormat, name: string) {
  // A blob takes no memory that threads share.
  const own =
    bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
  try {
    return await createImageBitmap(new Blob([own], { type: `image/${format}` }), {
      imageOrientation: "from-image",
      colorSpaceConversion: "default",
    });
  } catch (error) {
    const reason =
      format === "tiff"
        ? "this browser has no decoder for TIFF: convert it to JPEG or PNG first"
        : `it is damaged, or this browser does not know its kind of ${format.toUpperCase()}`;
    throw new GanfitError("image", `${name} cannot be decoded: ${reason}.`, { cause: error });
  }
}

/** Rows at a time: some browsers have no canvas as large as a photo. */
const STRIP = 512;

function pixelsOf(bitmap: ImageBitmap, width: number, height: number) {
  const strip = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = strip.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  if (!context)
    throw new GanfitError("image", "This browser gave no canvas to read pictures with.");
  context.globalCompositeOperation = "copy";
  context.imageSmoothingQuality = "high";
  const data = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height);
  let transparent = false;
  for (let top = 0, to = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.drawImage(bitmap, 0, -top, width, height);
    const { data: rgba } = context.getImageData(0, 0, width, rows);
    for (let i = 0; i < rgba.length; i += 4, to++) {
      data[3 * to] = rgba[i]!;
      data[3 * to + 1] = rgba[i + 1]!;
      data[3 * to + 2] = rgba[i + 2]!;
      alpha[to] = rgba[i + 3]!;
      transparent ||= rgba[i + 3]! < 255;
    }
  }
  return transparent ? { width, height, data, alpha } : { width, height, data };
}
