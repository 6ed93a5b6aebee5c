/**
 * Distances on a grid of pixels: the exact Euclidean distance transform of Felzenszwalb and Huttenlocher
 * (Distance transforms of sampled functions, 2012), linear in the number of pixels.
 */

/**
 * How far every pixel is from the nearest one that is marked, in pixels; Infinity without any.
 *
 * @param marked `height x width`, true or not 0 where marked
 * @returns `height x width`
 */
export function distanceTo(
  marked: ArrayLike<number | boolean>,
  width: number,
  height: number,
): Float32Array {
  const squares = new Float64Array(width * height);
  for (let i = 0; i < squares.length; i++) squares[i] = marked[i] ? 0 : FAR;
  const longest = Math.max(width, height);
  const line = new Float64Array(longest);
  const apexes = new Int32Array(longest);
  const bounds = new Float64Array(longest + 1);
  const pass = (start: number, stride: number, count: number) => {
    for (let i = 0; i < count; i++) line[i] = squares[start + i * stride]!;
    lowerEnvelope(line, count, apexes, bounds);
    for (let i = 0, k = 0; i < count; i++) {
      while (bounds[k + 1]! < i) k++;
      const apex = apexes[k]!;
      squares[start + i * stride] = (i - apex) ** 2 + line[apex]!;
    }
  };
  for (let column = 0; column < width; column++) pass(column, width, height);
  for (let row = 0; row < height; row++) pass(row * width, 1, width);
  const out = new Float32Array(squares.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = squares[i]! >= FAR ? Number.POSITIVE_INFINITY : Math.sqrt(squares[i]!);
  }
  return out;
}

/** Larger than any squared distance, small enough to be added to. */
const FAR = 1e12;

/** The parabolas `(x - i)^2 + heights[i]` that are lowest somewhere, and where each takes over. */
function lowerEnvelope(
  heights: Float64Array,
  count: number,
  apexes: Int32Array,
  bounds: Float64Array,
): void {
  let k = 0;
  apexes[0] = 0;
  bounds[0] = Number.NEGATIVE_INFINITY;
  bounds[1] = Number.POSITIVE_INFINITY;
  for (let i = 1; i < count; i++) {
    let from = meeting(heights, apexes[k]!, i);
    while (from <= bounds[k]!) {
      k--;
      from = meeting(heights, apexes[k]!, i);
    }
    k++;
    apexes[k] = i;
    bounds[k] = from;
    bounds[k + 1] = Number.POSITIVE_INFINITY;
  }
}

function meeting(heights: Float64Array, a: number, b: number): number {
  return (heights[b]! + b * b - (heights[a]! + a * a)) / (2 * (b - a));
}
