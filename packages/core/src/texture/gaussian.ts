/** Means under a bell, of fields that are not known everywhere. */

/** Beyond so many standard deviations the bell counts as nothing. */
const REACH = 3.5;

/** A field on a grid, rows from the top. */
export interface Grid {
  readonly width: number;
  readonly height: number;
}

/**
 * Gaussian blur, zero outside the grid.
 *
 * @param values `height x width`
 * @param deviation standard deviation, cells; greater than 0
 */
export function gaussianBlur(
  values: Float32Array,
  { width, height }: Grid,
  deviation: number,
): Float32Array {
  const kernel = bell(deviation);
  const rows = new Float32Array(values.length);
  const out = new Float32Array(values.length);
  // Down the columns first, a row at a time: memory is read in order.
  for (let y = 0; y < height; y++) {
    const to = rows.subarray(y * width, (y + 1) * width);
    for (let k = 0; k < kernel.length; k++) {
      const weight = kernel[k]!;
      for (const from of k === 0 ? [y] : [y - k, y + k]) {
        if (from < 0 || from >= height) continue;
        for (let x = 0, i = from * width; x < width; x++, i++) to[x]! += weight * values[i]!;
      }
    }
  }
  const padding = kernel.length - 1;
  const line = new Float32Array(width + 2 * padding);
  for (let y = 0; y < height; y++) {
    line.set(rows.subarray(y * width, (y + 1) * width), padding);
    for (let x = 0; x < width; x++) {
      let sum = kernel[0]! * line[x + padding]!;
      for (let k = 1; k <= padding; k++) {
        sum += kernel[k]! * (line[x + padding - k]! + line[x + padding + k]!);
      }
      out[y * width + x] = sum;
    }
  }
  return out;
}

/** From the middle outwards; all of it, both sides, sums to 1. */
function bell(deviation: number): Float64Array {
  const half = Float64Array.from({ length: Math.ceil(REACH * deviation) + 1 }, (_, k) =>
    Math.exp(-0.5 * (k / deviation) ** 2),
  );
  const total = 2 * half.reduce((a, b) => a + b, 0) - 1;
  return half.map((value) => value / total);
}
