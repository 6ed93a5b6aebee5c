/** Parts of square maps: training may leave out what no photograph shows. */
import { slice, type Tensor } from "@ganfit/autodiff";

/** A part of a square map, in its texels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An area of a graph's maps `n x c x size x size`. */
export function cropTensor(x: Tensor, { left, top, width, height }: Area): Tensor {
  return slice(x, [top, left], [top + height, left + width], [2, 3]);
}

/** An area of planes `c x size x size`. */
export function cropPlanes(
  planes: Float32Array,
  size: number,
  { left, top, width, height }: Area,
): Float32Array {
  const channels = planes.length / (size * size);
  const out = new Float32Array(channels * width * height);
  for (let row = 0; row < channels * height; row++) {
    const channel = Math.floor(row / height);
    const from = (channel * size + top + (row % height)) * size + left;
    out.set(planes.subarray(from, from + width), row * width);
  }
  return out;
}
