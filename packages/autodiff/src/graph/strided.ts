/** Copying through strides: the one loop behind transposing, slicing and broadcasting in float64. */
import { type Shape, sizeOf, stridesOf } from "./shape.js";

/**
 * Row-major copy of the view `data[offset + sum(index[i] * strides[i])]` over `shape`.
 * Strides may be zero (broadcast) or negative (reversal).
 */
export function copyStrided(
  data: Float64Array,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): Float64Array {
  // Of the kind given: folding passes float32 weights as they are.
  const result = new (data.constructor as Float64ArrayConstructor)(sizeOf(shape));
  if (result.length === 0) return result;
  const rank = shape.length;
  if (rank === 0) return result.fill(data[offset]!);
  const index = new Array<number>(rank).fill(0);
  const inner = shape[rank - 1]!;
  const step = strides[rank - 1]!;
  let start = offset;
  for (let at = 0; at < result.length; ) {
    for (let i = 0, from = start; i < inner; i++, from += step) result[at++] = data[from]!;
    let axis = rank - 2;
    for (; axis >= 0; axis--) {
      start += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) break;
  }
  return result;
}

/** `data` of `shape` repeated to `target` by NumPy's rules; `data` itself when nothing repeats. */
export function broadcastTo(data: Float64Array, shape: Shape, target: Shape): Float64Array {
  if (sizeOf(shape) === sizeOf(target)) return data;
  const own = stridesOf(shape);
  const lead = target.length - shape.length;
  const strides = target.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]!));
  return copyStrided(data, target, strides);
}

/** Calls `visit(flat, index)` for every index of `shape` in row-major order; `index` is reused. */
export function forEachIndex(shape: Shape, visit: (flat: number, index: number[]) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(flat, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}
