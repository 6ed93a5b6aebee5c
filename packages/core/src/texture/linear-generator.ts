/**
 * A regional model of textures (regional-pca.ts) as a generator: an ONNX graph from `latent` to `texture`. The
 * components are stored as signed bytes with one scale each, multiplied by their windows, and combined at the
 * model's own size; the sum is enlarged twofold, linearly, and added to a mean with twice the detail.
 *
 * Windows of every second region do not overlap, so regions are laid side by side in four layers instead of
 * sixteen: ( 0 0 ) ( 0 1 ) ( 1 0 ) ( 1 1 ) by the parity of row and column.
 */
import {
  add,
  cast,
  concat,
  Graph,
  matmul,
  mul,
  pad,
  reshape,
  resizeLinear,
  reverse,
  type Shape,
  slice,
  type Tensor,
  writeModel,
} from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import {
  type Component,
  latentSize,
  leftWindows,
  REGION_GRID,
  type RegionalModel,
  regionWindows,
} from "./regional-pca.js";
import { doubleTexture, type TextureMap } from "./texture-map.js";

/** A normal distribution seldom leaves a byte's range by more than its largest value; full scale. */
const LEVELS = 127;

/**
 * @param model of 256 x 256 texels, say
 * @param mean with twice the model's texels along each side; the model's own, enlarged, where absent
 * @returns an `.onnx` file: input `latent` float32 `1 x n`, output `texture` float32 `1 x 3 x 2 size x 2 size`
 * @throws GanfitError `usage` where the mean has another size
 */
export function linearGeneratorModel(model: RegionalModel, mean?: TextureMap): Uint8Array {
  const { size } = model;
  const large = mean ?? doubleTexture({ size, colour: model.mean });
  if (large.size !== 2 * size) {
    throw new GanfitError(
      "usage",
      `A texture model of ${size} texels needs a mean of ${2 * size}, not ${large.size}.`,
    );
  }
  const graph = new Graph();
  const weights: StoredWeights = new Map();
  const hold = holdStored(graph, weights);
  const latent = graph.input("latent", "float32", [1, latentSize(model)]);
  const sum = regionalSum(latent, model, hold);
  const detailed = hold(
    float16(toPlanes(large.colour, large.size ** 2)),
    [1, 3, large.size, large.size],
    "mean",
  );
  const texture = add(resizeLinear(sum, [large.size, large.size]), detailed);
  return writeModel({
    inputs: { latent },
    outputs: { texture },
    weights,
    name: "texture-generator",
  });
}

/**
 * Numbers in a small type as a tensor of float32: signed bytes, or half precision as raw bits.
 *
 * @param name that the numbers have in a file
 */
export type Holder = (values: Int8Array | Uint16Array, shape: Shape, name: string) => Tensor;

/** What a file stores in small types: as constants of a graph their conversion to float32 would be folded. */
export type StoredWeights = Map<Tensor, Int8Array | Uint16Array>;

/** Holds numbers as `weights` for `writeModel`. */
export function holdStored(graph: Graph, weights: StoredWeights): Holder {
  return (values, shape, name) => {
    const dtype = values instanceof Int8Array ? "int8" : "float16";
    const stored = graph.input(name, dtype, shape);
    weights.set(stored, values);
    return cast(stored, "float32");
  };
}

/**
 * What the components add to the mean.
 *
 * @param latent `n x latentSize(model)`
 * @returns `n x 3 x size x size`
 */
export function regionalSum(latent: Tensor, model: RegionalModel, hold: Holder): Tensor {
  const { size, global, pairs } = model;
  let at = 0;
  const next = (component: Component) => {
    at += component.count;
    return slice(latent, [at - component.count], [at], [1]);
  };
  const [first] = combined([next(global)], global, undefined, hold);
  let sum = first!;
  const windows = leftWindows(size);
  const pieces: Tensor[][] = [];
  pairs.forEach((pair, p) => {
    const z = next(pair);
    const signs = latent.graph.constant(Float32Array.from(pair.parity), "float32", [1, pair.count]);
    const [left, right] = combined([z, mul(z, signs)], pair, windows[p]!.window, hold);
    const row = Math.floor(p / 2);
    const column = p % 2;
    pieces[row] ??= [];
    pieces[row][column] = left!;
    pieces[row][REGION_GRID - 1 - column] = reverse(right!, [3]);
  });
  const patches = regionWindows(size);
  for (const rowParity of [0, 1]) {
    for (const columnParity of [0, 1]) {
      const rows: Tensor[] = [];
      for (let row = rowParity; row < REGION_GRID; row += 2) {
        rows.push(concat([pieces[row]![columnParity]!, pieces[row]![columnParity + 2]!], 3));
      }
      const layer = concat(rows, 2);
      const { left, top } = patches[rowParity * REGION_GRID + columnParity]!.patch;
      const [, , height, width] = layer.shape as readonly [number, number, number, number];
      const after = [size - top - height, size - left - width];
      sum = add(sum, pad(layer, [0, 0, top, left, 0, 0, ...after]));
    }
  }
  return sum;
}

/** For each of several z `n x 3 x height x width`: the sum of components, each `z_k basis_k window`. */
function combined(
  zs: readonly Tensor[],
  { patch, basis, count }: Component,
  window: Float32Array | undefined,
  hold: Holder,
): Tensor[] {
  const texels = patch.width * patch.height;
  const bytes = new Int8Array(count * 3 * texels);
  const scales = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const own = toPlanes(basis.subarray(3 * texels * k, 3 * texels * (k + 1)), texels);
    if (window) for (let i = 0; i < own.length; i++) own[i]! *= window[i % texels]!;
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[k] = largest / LEVELS;
    if (largest === 0) continue;
    for (let i = 0; i < own.length; i++) {
      bytes[3 * texels * k + i] = Math.round((own[i]! / largest) * LEVELS);
    }
  }
  const stored = hold(bytes, [count, 3 * texels], "basis");
  return zs.map((z) => {
    const scaled = mul(z, z.graph.constant(scales, "float32", [1, count]));
    return reshape(matmul(scaled, stored), [z.shape[0]!, 3, patch.height, patch.width]);
  });
}

/** From `n x 3` to `3 x n`. */
export function toPlanes(interleaved: Float32Array, texels: number): Float32Array {
  const planes = new Float32Array(3 * texels);
  for (let i = 0; i < texels; i++) {
    for (let c = 0; c < 3; c++) planes[c * texels + i] = interleaved[3 * i + c]!;
  }
  return planes;
}

/** Half precision, as raw bits, for values below 65,504; what is below 2^-14, a tenth of a byte's step, becomes 0. */
export function float16(values: Float32Array): Uint16Array {
  const word = new DataView(new ArrayBuffer(4));
  return Uint16Array.from(values, (value) => {
    word.setFloat32(0, value);
    const bits = word.getUint32(0);
    const sign = (bits >>> 16) & 0x8000;
    // Rounded to nearest; the exponent's bias changes from 127 to 15.
    const rest = ((bits & 0x7fffffff) - 0x38000000 + 0x1000) >> 13;
    return rest > 0 ? sign | rest : sign;
  });
}
