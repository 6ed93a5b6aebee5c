/** What colours a kind of surface has in one photograph: a smoothed histogram in CIE Lab. */
import { LINEAR_OF_BYTE } from "../image/colour.js";

/** CIE L*a*b* (D65), each scaled to about unit range: L / 100, a / 100, b / 100. */
export type LabPlanes = [Float32Array, Float32Array, Float32Array];

/** @param rgb interleaved bytes, gamma-coded sRGB */
export function labPlanes(rgb: Uint8Array): LabPlanes {
  const count = rgb.length / 3;
  const planes: LabPlanes = [
    new Float32Array(count),
    new Float32Array(count),
    new Float32Array(count),
  ];
  const curve = (t: number) =>
    t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27) * (t / 116) + 16 / 116;
  for (let i = 0; i < count; i++) {
    const r = LINEAR_OF_BYTE[rgb[3 * i]!]!;
    const g = LINEAR_OF_BYTE[rgb[3 * i + 1]!]!;
    const b = LINEAR_OF_BYTE[rgb[3 * i + 2]!]!;
    const x = curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = curve(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = curve((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    planes[0][i] = 1.16 * y - 0.16;
    planes[1][i] = 5 * (x - y);
    planes[2][i] = 2 * (y - z);
  }
  return planes;
}

/** Bins of 4 in L and of 4 in a and b, over -64 to 64. */
const BINS = [26, 34, 34] as const;
const CELL = 0.04;
const OFFSET = [0, 0.68, 0.68] as const;
const CELLS = BINS[0] * BINS[1] * BINS[2];

/** The cell of every pixel's colour, for all models of one picture. */
export function colourCells(lab: LabPlanes): Int32Array {
  const cells = new Int32Array(lab[0].length);
  for (let c = 0; c < 3; c++) {
    const plane = lab[c]!;
    for (let i = 0; i < cells.length; i++) {
      const bin = Math.floor((plane[i]! + OFFSET[c]!) / CELL);
      cells[i] = cells[i]! * BINS[c]! + Math.min(BINS[c]! - 1, Math.max(0, bin));
    }
  }
  return cells;
}

/**
 * Density of the colours of the weighted pixels per cell; a small part of it is spread evenly, for
 * colours not seen yet.
 */
export function colourModel(cells: Int32Array, weights: Float64Array): Float64Array {
  let density = new Float64Array(CELLS);
  let spare = new Float64Array(CELLS);
  let total = 0;
  for (let i = 0; i < cells.length; i++) {
    density[cells[i]!]! += weights[i]!;
    total += weights[i]!;
  }
  const strides = [BINS[1] * BINS[2], BINS[2], 1];
  for (const stride of strides) {
    for (let pass = 0; pass < 2; pass++) {
      smooth(density, stride, spare);
      [density, spare] = [spare, density];
    }
  }
  const scale = total > 0 ? (1 - UNSEEN) / total : 0;
  for (let i = 0; i < CELLS; i++) density[i] = density[i]! * scale + UNSEEN / CELLS;
  return density;
}

const UNSEEN = 0.03;

function smooth(density: Float64Array, stride: number, to: Float64Array): void {
  const last = density.length - stride;
  for (let i = 0; i < density.length; i++) {
    const value = density[i]!;
    const before = i < stride ? value : density[i - stride]!;
    const after = i < last ? density[i + stride]! : value;
    to[i] = 0.5 * value + 0.25 * (before + after);
  }
}
