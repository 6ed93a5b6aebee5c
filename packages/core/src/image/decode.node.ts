import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import sharp from "sharp";
import { GanfitError } from "../errors.js";
import { BYTE_LIMIT, type DecodedImage, type DecodeOptions, decodedSize } from "./decode.js";
import { checkedFormat, truncated } from "./format.js";

/**
 * Decodes JPEG, PNG, WebP, AVIF, TIFF or GIF (of several frames or pages the first), recognised by
 * its content. The picture is turned upright as its EXIF data say, and brought from its colour profile
 * or CMYK to sRGB; grey becomes R = G = B, 16 bits are rounded to 8.
 *
 * @throws GanfitError `image` for anything else, a damaged or truncated file, and pictures of more
 * than `PIXEL_LIMIT` pixels
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  const name = options.name ?? "The picture";
  const format = checkedFormat(bytes, name);
  try {
    // The limit is ours, so that the sentence is too.
    const decoder = sharp(bytes, { failOn: "truncated", limitInputPixels: false });
    const { autoOrient, depth } = await decoder.metadata();
    const size = decodedSize(autoOrient.width, autoOrient.height, name, options.maxPixels);
    decoder.autoOrient();
    if (size.scale < 1) decoder.resize({ width: size.width, height: size.height, fit: "fill" });
    const deep = depth !== "uchar";
    const { data, info } = await decoder
      .toColourspace(deep ? "rgb16" : "srgb")
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const values = deep
      ? bytesOf16(new Uint16Array(data.buffer, data.byteOffset, data.length / 2))
      : new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { ...separated(values, info), format, scale: size.scale };
  } catch (error) {
    if (error instanceof GanfitError) throw error;
    const message = (error as Error).message;
    if (/premature|truncat|end of (file|stream)|not enough|read error/i.test(message)) {
      throw truncated(name, error);
    }
    throw new GanfitError("image", `${name} cannot be decoded: ${firstLine(message)}.`, {
      cause: error,
    });
  }
}

/**
 * Reads and decodes a file.
 *
 * @throws GanfitError `image` as `decodeImage` does, and where there is no file that may be read
 */
export async function readImage(path: string, options: DecodeOptions = {}): Promise<DecodedImage> {
  return decodeImage(await readImageBytes(path), { name: path, ...options });
}

/** @throws GanfitError `image` where there is no file that may be read, or it is above `BYTE_LIMIT` */
export async function readImageBytes(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Not waiting for somebody to write into a pipe.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const { size, isFile } = await statOf(file);
    if (!isFile) throw new GanfitError("image", `${path} is not a file but a folder or a device.`);
    if (size > BYTE_LIMIT) {
      throw new GanfitError(
        "image",
        `${path} has ${Math.round(size / 2 ** 20)} MiB, but at most ${BYTE_LIMIT / 2 ** 20} MiB can be read.`,
      );
    }
    return new Uint8Array(await file.readFile());
  } catch (error) {
    if (error instanceof GanfitError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS[code ?? ""] ?? message;
    throw new GanfitError("image", `${path} cannot be read: ${reason}.`, { cause: error });
  } finally {
    await file?.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you do not have permission",
  EPERM: "you do not have permission",
  ELOOP: "its symbolic links go round in a circle",
  ENAMETOOLONG: "its name is too long",
};

async function statOf(file: FileHandle) {
  const stat = await file.stat();
  return { size: stat.size, isFile: stat.isFile() };
}

function bytesOf16(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = Math.round(values[i]! / 257);
  return bytes;
}

/** Colour and opacity apart. */
function separated(
  values: Uint8Array,
  { width, height, channels }: { width: number; height: number; channels: number },
) {
  if (channels === 3) return { width, height, data: values };
  const count = width * height;
  const data = new Uint8Array(count * 3);
  const colours = channels < 3 ? 1 : 3;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) data[3 * i + c] = values[i * channels + (c % colours)]!;
  }
  if (channels === colours) return { width, height, data };
  const alpha = new Uint8Array(count);
  for (let i = 0; i < count; i++) alpha[i] = values[i * channels + colours]!;
  // Opaque everywhere says nothing.
  return alpha.every((value) => value === 255)
    ? { width, height, data }
    : { width, height, data, alpha };
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").trim().replace(/\.$/, "");
}
