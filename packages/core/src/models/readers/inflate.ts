import { Unzlib } from "fflate";
import { GanfitError } from "../../errors.js";

/**
 * Deflate can make 1 byte out of every 1000 of zeros. Models are measured floats, which hardly shrink; what
 * claims to expand more than this (and to over a megabyte) was made to fill the memory.
 */
const LARGEST_RATIO = 256;
const ALWAYS_ALLOWED = 1 << 20;

/** Refuses sizes that only a decompression bomb has. */
export function checkExpansion(compressed: number, expanded: number, what: string): void {
  if (expanded > ALWAYS_ALLOWED && expanded > LARGEST_RATIO * compressed) {
    throw new GanfitError(
      "model",
      `${what} claims to expand from ${compressed} to ${expanded} bytes, which no face model does: the file is damaged or was made to exhaust the memory.`,
    );
  }
}

/**
 * The first `length` bytes that a zlib stream expands to, or all where it ends earlier; what follows is not
 * looked at.
 *
 * @throws GanfitError `model` for a damaged stream, and for sizes of a decompression bomb
 */
export function inflatePrefix(
  compressed: Uint8Array,
  length: number,
  what: string,
): Uint8Array<ArrayBuffer> {
  checkExpansion(compressed.length, length, what);
  const out = new Uint8Array(length);
  let filled = 0;
  const stream = new Unzlib((chunk) => {
    const part = chunk.subarray(0, length - filled);
    out.set(part, filled);
    filled += part.length;
  });
  try {
    for (let at = 0; at < compressed.length && filled < length; at += PIECE) {
      stream.push(compressed.subarray(at, at + PIECE), at + PIECE >= compressed.length);
    }
  } catch (cause) {
    throw new GanfitError("model", `${what} is compressed data that is damaged or cut off.`, {
      cause,
    });
  }
  return out.subarray(0, filled);
}

/** Bytes handed over at once: small, so that a bomb has little room before `length` is reached. */
const PIECE = 1 << 14;
