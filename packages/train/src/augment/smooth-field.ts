/**
 * Smooth fields over a map: values on a coarse grid of cells, read anywhere by the quadratic B-spline. Its
 * weights sum to 1 and its slope is continuous, so no cell's border shows. A field of cell means read this way is
 * a low-pass filter that costs two passes whatever its width.
 */

import { GanfitError, shrunk } from "@ganfit/core";

/** For every texel along one axis the three cells that it reads, and their weights. */
export interface SplineAxis {
  /** `3 x length` */
  readonly cells: Int32Array;
  /** `3 x length` */
  readonly weights: Float32Array;
}

const axes = new Map<string, SplineAxis>();

/** Tables are kept: there is one for each pair of sizes. */
export function splineAxis(cells: number, length: number): SplineAxis {
  const key = `${cells}/${length}`;
  const axis = axes.get(key) ?? makeAxis(cells, length);
  axes.set(key, axis);
  return axis;
}

function makeAxis(cells: number, length: number): SplineAxis {
  const axis = { cells: new Int32Array(3 * length), weights: new Float32Array(3 * length) };
  for (let i = 0; i < length; i++) {
    const at = ((i + 0.5) * cells) / length - 0.5;
    const middle = Math.round(at);
    const t = at - middle;
    const weights = [0.5 * (0.5 - t) ** 2, 0.75 - t * t, 0.5 * (0.5 + t) ** 2];
    weights.forEach((weight, k) => {
      axis.cells[3 * i + k] = Math.min(cells - 1, Math.max(0, middle + k - 1));
      axis.weights[3 * i + k] = weight;
    });
  }
  return axis;
}

/**
 * One row of a field between its rows of cells.
 *
 * @param field `cells x cells x channels`
 * @param axis of the rows
 * @param out `cells x channels`
 */
export function splineRow(
  field: Float32Array,
  axis: SplineAxis,
  row: number,
  out: Float32Array,
): void {
  const width = out.length;
  const a = axis.cells[3 * row]! * width;
  const b = axis.cells[3 * row + 1]! * width;
  const c = axis.cells[3 * row + 2]! * width;
  const u = axis.weights[3 * row]!;
  const v = axis.weights[3 * row + 1]!;
  const w = axis.weights[3 * row + 2]!;
  for (let i = 0; i < width; i++)
    out[i] = u * field[a + i]! + v * field[b + i]! + w * field[c + i]!;
}

/**
 * The low band of a map: means over cells of `cell x cell` texels, read by the spline.
 *
 * @param values `size x size x channels`
 * @param cell texels; at 1 it only smooths over three texels
 * @returns `size x size x channels`
 * @throws GanfitError `usage` where the size is no multiple of the cell
 */
export function lowBand(
  values: Float32Array,
  size: number,
  channels: number,
  cell: number,
): Float32Array {
  if (!Number.isInteger(cell) || cell < 1 || size % cell !== 0) {
    throw new GanfitError("usage", `A map of ${size} texels has no cells of ${cell}.`);
  }
  const cells = size / cell;
  const axis = splineAxis(cells, size);
  const field = cellMeans(values, size, channels, cell);
  const out = new Float32Array(values.length);
  const line = new Float32Array(cells * channels);
  for (let row = 0, to = 0; row < size; row++) {
    splineRow(field, axis, row, line);
    for (let column = 0; column < size; column++) {
      const k = 3 * column;
      const a = axis.cells[k]! * channels;
      const b = axis.cells[k + 1]! * channels;
      const c = axis.cells[k + 2]! * channels;
      const u = axis.weights[k]!;
      const v = axis.weights[k + 1]!;
      const w = axis.weights[k + 2]!;
      for (let n = 0; n < channels; n++, to++) {
        out[to] = u * line[a + n]! + v * line[b + n]! + w * line[c + n]!;
      }
    }
  }
  return out;
}

function cellMeans(values: Float32Array, size: number, channels: number, cell: number) {
  return cell === 1 ? values : shrunk(values, size, channels, cell);
}
