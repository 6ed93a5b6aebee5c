/**
 * Resampling under a similarity, without aliasing.
 *
 * Every output pixel is a weighted mean of the input under one kernel: close to a tent of the width of
 * two output pixels or, where the picture is magnified, of two input pixels (bilinear interpolation).
 * It is put together from steps that each keep straight ramps straight at every scale:
 *
 *  1. the mean over blocks of k x k input pixels, where the picture shrinks by 2 k or so;
 *  2. bilinear interpolation between those means;
 *  3. the mean of such samples along the output's axes with the weights of a tent: of 3 x 3, half an
 *     output pixel apart, or 5 x 5, a third apart. At scales below 2 they stand closer, so that the
 *     kernel's variance is the tent's, scale^2 / 6, and grows from bilinear interpolation's on.
 */
import { type Similarity, similarityMatrix } from "./similarity.js";

/** Internal to this folder: pixels of any kind, as numbers that may be averaged. */
export interface PixelSource {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  /** One value per channel for all that lies outside; null repeats the nearest pixel. */
  readonly border: readonly number[] | null;
  /**
   * Adds the sums over `count` rectangles of pixels, side by side from (x, y) on, times `weight`, to
   * as many pixels of `target` from the value `at` on.
   */
  addSums(
    x: number,
    y: number,
    width: number,
    height: number,
    count: number,
    weight: number,
    target: Float32Array,
    at: number,
  ): void;
}

/** @returns `height x width x channels` */
export function resample(
  source: PixelSource,
  toInput: Similarity,
  width: number,
  height: number,
): Float32Array {
  const { scale } = toInput;
  // Larger blocks are faster but let more through of what is too fine for the output, smaller ones
  // leave gaps between the samples. This differs least from an exact tent.
  const block = scale < 3 ? 1 : Math.round(scale / 2);
  const [a, , tx, b, , ty] = similarityMatrix(toInput).map((entry) => entry / block) as Matrix;
  const region = regionOf(source, block, [
    ...rangeOf(tx, a, -b, width, height),
    ...rangeOf(ty, b, a, width, height),
  ]);
  const blocks = reduce(source, region);
  const { channels } = source;
  if (scale >= 2) {
    const steps = block === 1 ? 3 : 2;
    const fineWidth = steps * width + steps - 1;
    const fineHeight = steps * height + steps - 1;
    const fine = new Float32Array(fineWidth * fineHeight * channels);
    // Of the first sample's centre from where it would lie without the samples before the picture.
    const shift = 0.5 - (steps - 0.5) / steps;
    const grid = {
      a: a / steps,
      b: b / steps,
      tx: tx + shift * (a - b),
      ty: ty + shift * (a + b),
      width: fineWidth,
      height: fineHeight,
    };
    addInterpolated(blocks, region, channels, grid, 1, fine);
    return decimated(fine, width, height, channels, steps);
  }
  const result = new Float32Array(width * height * channels);
  // A pattern of weights 1 : 2 : 1 at distance d has the variance d^2 / 2.
  const spacing = scale > 1 ? Math.sqrt((scale * scale - 1) / 3) / scale : 0;
  for (const [dx, dy, weight] of spacing > 0 ? PATTERN : CENTRE) {
    const x = tx + spacing * (a * dx - b * dy);
    const y = ty + spacing * (b * dx + a * dy);
    addInterpolated(
      blocks,
      region,
      channels,
      { a, b, tx: x, ty: y, width, height },
      weight,
      result,
    );
  }
  return result;
}

type Matrix = [a: number, minusB: number, tx: number, b: number, a: number, ty: number];

const CENTRE = [[0, 0, 1]] as const;

const PATTERN = [-1, 0, 1].flatMap((y) =>
  [-1, 0, 1].map((x) => [x, y, ((2 - Math.abs(x)) * (2 - Math.abs(y))) / 16] as const),
);

/** Where samples lie, in blocks: x' = a x - b y + tx, y' = b x + a y + ty. */
interface Grid {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
  readonly width: number;
  readonly height: number;
}

/** Adds bilinear interpolations between the centres of blocks, times `weight`. */
function addInterpolated(
  blocks: Float32Array,
  { left, right, top, bottom }: Region,
  channels: PixelSource["channels"],
  { a, b, tx, ty, width, height }: Grid,
  weight: number,
  result: Float32Array,
): void {
  const lastColumn = right - left;
  const lastRow = bottom - top;
  const stride = (lastColumn + 1) * channels;
  for (let row = 0, to = 0; row < height; row++) {
    const rowU = a * 0.5 - b * (row + 0.5) + tx - 0.5 - left;
    const rowV = b * 0.5 + a * (row + 0.5) + ty - 0.5 - top;
    for (let column = 0; column < width; column++, to += channels) {
      const u = rowU + a * column;
      const v = rowV + b * column;
      let p00: number;
      let p10: number;
      let p01: number;
      let p11: number;
      let wx: number;
      let wy: number;
      if (u >= 0 && u < lastColumn && v >= 0 && v < lastRow) {
        const x = u | 0;
        const y = v | 0;
        wx = u - x;
        wy = v - y;
        p00 = y * stride + x * channels;
        p10 = p00 + channels;
        p01 = p00 + stride;
        p11 = p01 + channels;
      } else {
        const x = Math.floor(u);
        const y = Math.floor(v);
        wx = u - x;
        wy = v - y;
        const x0 = Math.min(lastColumn, Math.max(0, x)) * channels;
        const x1 = Math.min(lastColumn, Math.max(0, x + 1)) * channels;
        const y0 = Math.min(lastRow, Math.max(0, y)) * stride;
        const y1 = Math.min(lastRow, Math.max(0, y + 1)) * stride;
        p00 = y0 + x0;
        p10 = y0 + x1;
        p01 = y1 + x0;
        p11 = y1 + x1;
      }
      const below = weight * wy;
      const w11 = wx * below;
      const w01 = below - w11;
      const w10 = weight * wx - w11;
      const w00 = weight - below - w10;
      result[to]! +=
        w00 * blocks[p00]! + w10 * blocks[p10]! + w01 * blocks[p01]! + w11 * blocks[p11]!;
      // Written out: this is where the time goes.
      if (channels === 1) continue;
      result[to + 1]! +=
        w00 * blocks[p00 + 1]! +
        w10 * blocks[p10 + 1]! +
        w01 * blocks[p01 + 1]! +
        w11 * blocks[p11 + 1]!;
      result[to + 2]! +=
        w00 * blocks[p00 + 2]! +
        w10 * blocks[p10 + 2]! +
        w01 * blocks[p01 + 2]! +
        w11 * blocks[p11 + 2]!;
      if (channels === 3) continue;
      result[to + 3]! +=
        w00 * blocks[p00 + 3]! +
        w10 * blocks[p10 + 3]! +
        w01 * blocks[p01 + 3]! +
        w11 * blocks[p11 + 3]!;
    }
  }
}

/** Every n-th of `n height + n - 1` rows of `n width + n - 1` samples, after the mean under a tent. */
function decimated(
  fine: Float32Array,
  width: number,
  height: number,
  channels: number,
  steps: number,
): Float32Array {
  const stride = (steps * width + steps - 1) * channels;
  const weights = Array.from(
    { length: 2 * steps - 1 },
    (_, i) => (steps - Math.abs(i - steps + 1)) / steps ** 2,
  );
  const result = new Float32Array(width * height * channels);
  const line = new Float32Array(stride);
  for (let row = 0, to = 0; row < height; row++) {
    line.fill(0);
    weights.forEach((weight, j) => {
      const start = (steps * row + j) * stride;
      for (let i = 0; i < stride; i++) line[i]! += weight * fine[start + i]!;
    });
    for (let column = 0; column < width; column++) {
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        let from = steps * column * channels + c;
        for (let i = 0; i < weights.length; i++, from += channels) sum += weights[i]! * line[from]!;
        result[to] = sum;
      }
    }
  }
  return result;
}

/** The smallest and largest coordinate, in blocks, that samples of the output touch. */
function rangeOf(
  from: number,
  byX: number,
  byY: number,
  width: number,
  height: number,
): [number, number] {
  const margin = (Math.abs(byX) + Math.abs(byY)) / 2 + 1;
  return [
    from + Math.min(0, byX * width) + Math.min(0, byY * height) - margin,
    from + Math.max(0, byX * width) + Math.max(0, byY * height) + margin,
  ];
}

/** Blocks of k x k input pixels; block 0 begins at pixel 0; all bounds are inclusive. */
interface Region {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly block: number;
}

/**
 * The blocks that a warp may touch. The one just beyond the picture stands for all that follow, and
 * one inside is always there, so that it can be repeated.
 */
function regionOf(
  { width, height }: PixelSource,
  block: number,
  [west, east, north, south]: readonly [number, number, number, number],
): Region {
  const columns = Math.ceil(width / block);
  const rows = Math.ceil(height / block);
  return {
    left: Math.min(columns - 1, Math.max(-1, Math.floor(west))),
    right: Math.min(columns, Math.max(0, Math.ceil(east))),
    top: Math.min(rows - 1, Math.max(-1, Math.floor(north))),
    bottom: Math.min(rows, Math.max(0, Math.ceil(south))),
    block,
  };
}

/** Means over the blocks of the region, interleaved. */
function reduce(source: PixelSource, region: Region): Float32Array {
  const { width, height, channels, border } = source;
  const { left, right, top, bottom, block } = region;
  const result = new Float32Array((right - left + 1) * (bottom - top + 1) * channels);
  const weight = 1 / (block * block);
  const addAtEdge = (x: number, y: number, to: number) => {
    let missing = 1;
    for (const down of stretches(y, block, height)) {
      for (const across of stretches(x, block, width)) {
        if (border && (down.outside || across.outside)) continue;
        const times = down.times * across.times * weight;
        source.addSums(across.from, down.from, across.size, down.size, 1, times, result, to);
        missing -= across.size * down.size * times;
      }
    }
    if (border) for (let c = 0; c < channels; c++) result[to + c]! += missing * border[c]!;
  };
  const firstWhole = Math.max(0, left);
  const lastWhole = Math.min(right, Math.floor(width / block) - 1);
  for (let row = top, to = 0; row <= bottom; row++) {
    const y = row * block;
    const whole = y >= 0 && y + block <= height ? lastWhole - firstWhole + 1 : 0;
    for (let column = left; column <= right; column++, to += channels) {
      if (column !== firstWhole || whole <= 0) {
        addAtEdge(column * block, y, to);
        continue;
      }
      source.addSums(column * block, y, block, block, whole, weight, result, to);
      column += whole - 1;
      to += (whole - 1) * channels;
    }
  }
  return result;
}

/** The pixels that stand for a stretch of `length` from `from` on: those beyond an end, for the last. */
function stretches(from: number, length: number, size: number) {
  const to = from + length;
  const inside = Math.max(0, from);
  return [
    { from: 0, size: 1, times: Math.min(0, to) - from, outside: true },
    { from: inside, size: Math.min(size, to) - inside, times: 1, outside: false },
    { from: size - 1, size: 1, times: to - Math.max(size, from), outside: true },
  ].filter((stretch) => stretch.times > 0 && stretch.size > 0);
}
