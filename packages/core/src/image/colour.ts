/** The transfer curve of sRGB (IEC 61966-2-1), and luminance. */

/** @param value gamma-coded, [0, 1] @returns linear light, [0, 1] */
export function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** @param value linear light, [0, 1] @returns gamma-coded, [0, 1] */
export function linearToSrgb(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}

/** 256 values: linear light in [0, 1] for each gamma-coded byte. */
export const LINEAR_OF_BYTE: Float32Array = Float32Array.from({ length: 256 }, (_, byte) =>
  srgbToLinear(byte / 255),
);

/**
 * Linear light in [0, 1] to the nearest gamma-coded byte; values outside are clamped, NaN gives 0.
 * A table gives the first guess and the midpoints between bytes settle it, so that the result is the
 * same as rounding `255 linearToSrgb(value)` at a fraction of the time.
 */
export function byteOfLinear(value: number): number {
  if (!(value > 0)) return 0;
  if (value >= 1) return 255;
  let byte = FIRST_GUESS[(value * GUESSES) | 0]!;
  while (value >= UPPER[byte]!) byte++;
  return byte;
}

/** Above `UPPER[byte]` the next byte is nearer. */
const UPPER = Float64Array.from({ length: 256 }, (_, byte) =>
  byte === 255 ? Number.POSITIVE_INFINITY : srgbToLinear((byte + 0.5) / 255),
);

const GUESSES = 4096;

/** The byte at the lower end of each of the equal cells of [0, 1). */
const FIRST_GUESS = Uint8Array.from({ length: GUESSES }, (_, cell) => {
  let byte = 0;
  while (cell / GUESSES >= UPPER[byte]!) byte++;
  return byte;
});

/** Relative luminance (Rec. 709 weights, as sRGB has them) of linear light. */
export function luminance(r: number, g: number, b: number): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
