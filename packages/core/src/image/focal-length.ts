import exifr from "exifr";
import { kindOf } from "./format.js";

export interface FocalLength {
  /** As engraved on the lens, millimetres. */
  readonly millimetres: number | null;
  /** Of a lens with the same diagonal angle of view on 35 mm film (36 mm x 24 mm), millimetres. */
  readonly in35mm: number | null;
}

/** Of a frame of 35 mm film, millimetres. */
const DIAGONAL_35MM = Math.hypot(36, 24);

/**
 * What the EXIF data of a picture say about its lens, null where they say nothing or make no sense.
 * A picture that was cropped mostly keeps the values of the whole.
 */
export async function readFocalLength(bytes: Uint8Array): Promise<FocalLength> {
  const block = exifBlock(bytes);
  if (!block) return { millimetres: null, in35mm: null };
  let tags: Record<string, unknown> = {};
  try {
    tags = (await exifr.parse(block, { pick: ["FocalLength", "FocalLengthIn35mmFormat"] })) ?? {};
  } catch {
    // Metadata that cannot be read are as good as none: nothing else depends on them.
  }
  return {
    millimetres: within(tags.FocalLength, 0.5, 5000),
    in35mm: within(tags.FocalLengthIn35mmFormat, 5, 5000),
  };
}

/**
 * Focal length in pixels of a picture that shows the whole frame.
 *
 * @param in35mm millimetres
 */
export function focalLengthInPixels(in35mm: number, width: number, height: number): number {
  return (in35mm * Math.hypot(width, height)) / DIAGONAL_35MM;
}

/** Long side over short side of the frames of cameras: 4:3, 3:2, 16:9. */
const FRAMES = [4 / 3, 3 / 2, 16 / 9];
/** Frames in pixels are a little wider or narrower than their names say. */
const FRAME_TOLERANCE = 0.02;
/** What portraits are taken with, millimetres on 35 mm film: wide phone cameras to long lenses. */
const LENSES = [13, 400] as const;

/**
 * The focal length of a picture in pixels, where its EXIF data give one that can be believed: of a lens
 * that people are photographed with, and a picture with the shape of a camera's frame, so that it has
 * likely not been cropped since. Null otherwise.
 */
export function believableFocalLength(
  { in35mm }: FocalLength,
  width: number,
  height: number,
): number | null {
  if (in35mm === null || in35mm < LENSES[0] || in35mm > LENSES[1]) return null;
  const shape = Math.max(width, height) / Math.min(width, height);
  const whole = FRAMES.some((frame) => Math.abs(shape / frame - 1) < FRAME_TOLERANCE);
  return whole ? focalLengthInPixels(in35mm, width, height) : null;
}

function within(value: unknown, low: number, high: number): number | null {
  return typeof value === "number" && value >= low && value <= high ? value : null;
}

/** What the EXIF reader understands: JPEG, PNG and TIFF as they are, of others the block inside. */
function exifBlock(bytes: Uint8Array): Uint8Array | undefined {
  const kind = kindOf(bytes);
  if (kind === "jpeg" || kind === "png" || kind === "tiff") return bytes;
  if (kind !== "webp" && kind !== "avif") return undefined;
  // Both store the block whole, after its name and in WebP a size; it opens as a TIFF file does.
  for (let at = 0; ; at++) {
    at = bytes.indexOf(0x45, at);
    if (at < 0) return undefined;
    if (!/^exif$/i.test(String.fromCharCode(...bytes.subarray(at, at + 4)))) continue;
    for (const skip of [6, 8, 14]) {
      const block = bytes.subarray(at + skip);
      if (kindOf(block) === "tiff") return block;
    }
  }
}
