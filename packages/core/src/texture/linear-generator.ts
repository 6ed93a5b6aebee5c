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
  slice,
  type Tensor,
  writeModel,
} from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import {
  type Component,
  latentSize,
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
  const { size, global, regions } = model;
  const large = mean ?? doubleTexture({ size, colour: model.mean });
  if (large.size !== 2 * size) {
    throw new GanfitError(
      "usage",
      `A texture model of ${size} texels needs a mean of ${2 * size}, not ${large.size}.`,
    );
  }
  const graph = new Graph();
  const weights: Weights = new Map();
  const latent = graph.input("latent", "float32", [1, latentSize(model)]);
  let at = 0;
  const next = (component: Component, window?: Float32Array): Tensor => {
    const z = slice(latent, [at], [at + component.count], [1]);
    at += component.count;
    return combined(z, component, window, weights);
  };
  let sum = next(global);
  const windows = regionWindows(size);
  const pieces = regions.map((region, r) => next(region, windows[r]!.window));
  for (const rowParity of [0, 1]) {
    for (const columnParity of [0, 1]) {
      const rows: Tensor[] = [];
      for (let row = rowParity; row < REGION_GRID; row += 2) {
        const inRow: Tensor[] = [];
        for (let column = columnParity; column < REGION_GRID; column += 2) {
          inRow.push(pieces[row * REGION_GRID + column]!);
        }
        rows.push(concat(inRow, 3));
      }
      const layer = concat(rows, 2);
      const { left, top } = regions[rowParity * REGION_GRID + columnParity]!.patch;
      const [, , height, width] = layer.shape as readonly [number, number, number, number];
      const after = [size - top - height, size - left - width];
      sum = add(sum, pad(layer, [0, 0, top, left, 0, 0, ...after]));
    }
  }
  const stored = graph.input("mean", "float16", [1, 3, large.size, large.size]);
  weights.set(stored, float16(toPlanes(large.colour, large.size ** 2)));
  const texture = add(resizeLinear(sum, [large.size, large.size]), cast(stored, "float32"));
  return writeModel({
    inputs: { latent },
    outputs: { texture },
    weights,
    name: "texture-generator",
  });
}

/** Stored in small types: as constants of the graph their conversion to float32 would be folded. */
type Weights = Map<Tensor, Int8Array | Uint16Array>;

/** `1 x 3 x height x width`: the sum of components, each `z_k basis_k window`. */
function combined(
  z: Tensor,
  { patch, basis, count }: Component,
  window: Float32Array | undefined,
  weights: Weights,
): Tensor {
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
  const { graph } = z;
  const scaled = mul(z, graph.constant(scales, "float32", [1, count]));
  const stored = graph.input("basis", "int8", [count, 3 * texels]);
  weights.set(stored, bytes);
  return reshape(matmul(scaled, cast(stored, "float32")), [1, 3, patch.height, patch.width]);
}

/** From `n x 3` to `3 x n`. */
function toPlanes(interleaved: Float32Array, texels: number): Float32Array {
  const planes = new Float32Array(3 * texels);
  for (let i = 0; i < texels; i++) {
    for (let c = 0; c < 3; c++) planes[c * texels + i] = interleaved[3 * i + c]!;
  }
  return planes;
}

/** Half precision for values of at least 2^-14, which is below a tenth of a byte's step, and below 2. */
function float16(values: Float32Array): Uint16Array {
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
