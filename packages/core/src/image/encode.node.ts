import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { GanfitError } from "../errors.js";
import type { Image, Mask } from "./image.js";

export interface EncodeOptions {
  /** Of JPEG, 1-100; 92 where not given. */
  readonly quality?: number;
}

/** 8 bit RGB, or RGBA where the picture has transparency; sRGB. */
export async function encodePng(image: Image): Promise<Uint8Array> {
  return bytesOf(pixelsOf(image).png());
}

/** Without chroma subsampling. Transparency is laid over white. */
export async function encodeJpeg(image: Image, { quality = 92 }: EncodeOptions = {}) {
  const opaque = pixelsOf(image).flatten({ background: "white" });
  return bytesOf(opaque.jpeg({ quality, chromaSubsampling: "4:4:4" }));
}

/** A grey PNG of 8 bits: 0 is black, 1 white, what lies outside of [0, 1] is clamped. */
export async function encodeMaskPng(mask: Mask): Promise<Uint8Array> {
  const { width, height } = mask;
  const grey = Uint8Array.from(mask.data, (value) =>
    value > 0 ? (value < 1 ? Math.round(255 * value) : 255) : 0,
  );
  const pixels = sharp(grey, { raw: { width, height, channels: 1 } });
  return bytesOf(pixels.toColourspace("b-w").png());
}

/**
 * Writes a picture as PNG or JPEG, as the path's extension says. The file appears complete or not at
 * all; one of the same name is replaced.
 *
 * @throws GanfitError `usage` for another extension, `output` where it cannot be written
 */
export async function writeImage(path: string, image: Image, options: EncodeOptions = {}) {
  return writeWhole(path, await encodeFor(path, image, options));
}

/**
 * PNG or JPEG, as the path's extension says.
 *
 * @throws GanfitError `usage` for another extension
 */
export async function encodeFor(
  path: string,
  image: Image,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  const extension = extname(path).toLowerCase();
  if (extension === ".png") return encodePng(image);
  if (extension === ".jpg" || extension === ".jpeg") return encodeJpeg(image, options);
  throw new GanfitError(
    "usage",
    `Pictures are written as .png, .jpg or .jpeg, which ${path} is not named.`,
  );
}

/** Writes a mask as a grey PNG, as `writeImage` does. */
export async function writeMask(path: string, mask: Mask): Promise<void> {
  return writeWhole(path, await encodeMaskPng(mask));
}

/**
 * Writes under a temporary name in the same folder, then renames.
 *
 * @throws GanfitError `output`
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.ganfit-${randomUUID()}`);
  try {
    await writeFile(temporary, bytes, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    // What went wrong first is what counts.
    await rm(temporary, { force: true }).catch(() => {});
    throw cannotWrite(path, error);
  }
}

/** The sentence for a file or folder that could not be written. */
export function cannotWrite(path: string, cause: unknown): GanfitError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  return new GanfitError("output", `${path} cannot be written: ${REASONS[code] ?? message}.`, {
    cause,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EISDIR: "it is a folder",
  ENOTEMPTY: "it is a folder",
  EACCES: "its folder may not be written to",
  EPERM: "its folder may not be written to",
  EROFS: "its folder may not be written to",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "its name is too long",
};

function pixelsOf(image: Image): Sharp {
  const { width, height, data, alpha } = image;
  if (!alpha) return sharp(data, { raw: { width, height, channels: 3 } });
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < alpha.length; i++) {
    rgba[4 * i] = data[3 * i]!;
    rgba[4 * i + 1] = data[3 * i + 1]!;
    rgba[4 * i + 2] = data[3 * i + 2]!;
    rgba[4 * i + 3] = alpha[i]!;
  }
  return sharp(rgba, { raw: { width, height, channels: 4 } });
}

async function bytesOf(encoder: Sharp): Promise<Uint8Array> {
  return new Uint8Array(await encoder.toBuffer());
}
