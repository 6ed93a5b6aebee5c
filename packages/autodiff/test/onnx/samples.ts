/** One small, valid application of every supported operator. */
import type { DType } from "../../src/graph/dtype.js";
import { Graph } from "../../src/graph/graph.js";
import type { Attributes } from "../../src/graph/operator.js";
import type { Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { operatorNamed, supportedOperators } from "../../src/operators/registry.js";

export interface Sample {
  readonly inputs: readonly (readonly [Shape, DType?])[];
  readonly attributes?: Attributes;
}

const unary: Sample = { inputs: [[[2, 3]]] };
const binary: Sample = { inputs: [[[2, 3]], [[3]]] };
const logic: Sample = {
  inputs: [
    [[2, 3], "bool"],
    [[3], "bool"],
  ],
};
const reduction: Sample = { inputs: [[[2, 3, 4]]], attributes: { axes: [1], keepdims: 0 } };
const image: Shape = [1, 4, 6, 6];
const scale: Shape = [4];

/** Operators without an entry take one [2, 3] of floats. */
const SPECIAL: Readonly<Record<string, Sample>> = {
  Add: binary,
  And: logic,
  ArgMax: { inputs: [[[2, 3]]], attributes: { axis: 1 } },
  ArgMin: { inputs: [[[2, 3]]], attributes: { axis: 0, keepdims: 0 } },
  AveragePool: {
    inputs: [[image]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  BatchNormalization: { inputs: [[image], [scale], [scale], [scale], [scale]] },
  Cast: { inputs: [[[2, 3]]], attributes: { to: 7 } },
  Clip: { inputs: [[[2, 3]]], attributes: { min: -0.5, max: 0.5 } },
  Concat: { inputs: [[[2, 3]], [[2, 2]]], attributes: { axis: 1 } },
  ConstantOfShape: { inputs: [], attributes: { shape: [2, 3], value: 1.5 } },
  Conv: { inputs: [[image], [[2, 2, 3, 3]], [[2]]], attributes: { group: 2, strides: [2, 2] } },
  ConvTranspose: {
    inputs: [[image], [[4, 3, 3, 3]], [[3]]],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  },
  CumSum: { inputs: [[[2, 3]]], attributes: { axis: 1, reverse: 1 } },
  DepthToSpace: { inputs: [[image]], attributes: { blocksize: 2, mode: "CRD" } },
  Div: binary,
  Einsum: { inputs: [[[2, 3]], [[2, 3]]], attributes: { equation: "ij,kj->ik" } },
  Equal: binary,
  Expand: { inputs: [[[3, 1]]], attributes: { shape: [2, 3, 4] } },
  Flatten: { inputs: [[[2, 3, 4]]], attributes: { axis: 2 } },
  Gather: { inputs: [[[4, 3]], [[2, 2], "int64"]], attributes: { axis: 0 } },
  GatherElements: { inputs: [[[4, 3]], [[2, 3], "int64"]], attributes: { axis: 0 } },
  GatherND: { inputs: [[[4, 3, 2]], [[5, 2], "int64"]] },
  Gemm: { inputs: [[[2, 3]], [[4, 3]], [[4]]], attributes: { transB: 1, alpha: 0.5 } },
  GlobalAveragePool: { inputs: [[image]] },
  GlobalMaxPool: { inputs: [[image]] },
  Greater: binary,
  GreaterOrEqual: binary,
  GridSample: { inputs: [[image], [[1, 3, 2, 2]]], attributes: { padding_mode: "border" } },
  GroupNormalization: { inputs: [[image], [scale], [scale]], attributes: { num_groups: 2 } },
  InstanceNormalization: { inputs: [[image], [scale], [scale]] },
  LayerNormalization: { inputs: [[[2, 3, 4]], [scale], [scale]] },
  Less: binary,
  LessOrEqual: binary,
  MatMul: { inputs: [[[2, 3, 4]], [[4, 5]]] },
  Max: { inputs: [[[2, 3]], [[3]], [[2, 1]]] },
  MaxPool: {
    inputs: [[image]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  Mean: binary,
  Min: binary,
  Mul: binary,
  Not: { inputs: [[[2, 3], "bool"]] },
  OneHot: { inputs: [[[2, 3], "int64"]], attributes: { depth: 4, values: [0, 1], axis: 1 } },
  Or: logic,
  PRelu: { inputs: [[image], [[4, 1, 1]]] },
  Pad: { inputs: [[[2, 3]]], attributes: { pads: [1, 0, 0, 2], mode: "edge" } },
  Pow: binary,
  Range: { inputs: [], attributes: { start: 1, limit: 7, delta: 2 } },
  Reshape: { inputs: [[[2, 3]]], attributes: { shape: [3, -1] } },
  Resize: {
    inputs: [[image]],
    attributes: { mode: "linear", scales: [1, 1, 2, 1.5] },
  },
  ScatterElements: { inputs: [[[4, 3]], [[2, 3], "int64"], [[2, 3]]], attributes: { axis: 0 } },
  ScatterND: {
    inputs: [[[4, 3]], [[2, 1], "int64"], [[2, 3]]],
    attributes: { reduction: "add" },
  },
  Slice: { inputs: [[[4, 5]]], attributes: { starts: [0, 3], ends: [4, 0], steps: [2, -1] } },
  SpaceToDepth: { inputs: [[image]], attributes: { blocksize: 2 } },
  Split: { inputs: [[[5, 2]]], attributes: { split: [2, 3] } },
  Squeeze: { inputs: [[[1, 3, 1]]], attributes: { axes: [0] } },
  Sub: binary,
  Sum: binary,
  Tile: { inputs: [[[2, 3]]], attributes: { repeats: [2, 1] } },
  TopK: { inputs: [[[2, 5]]], attributes: { k: [3] } },
  Transpose: { inputs: [[[2, 3, 4]]], attributes: { perm: [2, 0, 1] } },
  Trilu: { inputs: [[[3, 3]]], attributes: { k: 1 } },
  Unsqueeze: { inputs: [[[2, 3]]], attributes: { axes: [0, 3] } },
  Upsample: { inputs: [[image]], attributes: { scales: [1, 1, 2, 2] } },
  Where: { inputs: [[[2, 3], "bool"], [[3]], [[2, 1]]] },
  Xor: logic,
};

export function sampleOf(operator: string): Sample {
  return SPECIAL[operator] ?? (operator.startsWith("Reduce") ? reduction : unary);
}

/** Every operator, applied in a graph of its own to inputs named a, b, ... */
export function applySamples(): {
  readonly operator: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
}[] {
  return supportedOperators().map((operator) => {
    const { inputs, attributes = {} } = sampleOf(operator);
    const graph = new Graph();
    const tensors = inputs.map(([shape, dtype = "float32"], i) =>
      graph.input(String.fromCharCode(97 + i), dtype, shape),
    );
    return {
      operator,
      inputs: Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor])),
      outputs: graph.apply(operatorNamed(operator)!, tensors, attributes),
    };
  });
}
