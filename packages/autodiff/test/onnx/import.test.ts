/** Importing .onnx files: every model is made by hand and run from the file as well. */
import { create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/differentiate/gradients.js";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { GraphError } from "../../src/graph/errors.js";
import { Graph } from "../../src/graph/graph.js";
import { sizeOf } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { importModel } from "../../src/onnx/import.js";
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProtoSchema,
} from "../../src/onnx/onnx_pb.js";
import { readModel } from "../../src/onnx/read.js";
import { writeModel } from "../../src/onnx/write.js";
import { relu, softmax } from "../../src/operators/activation.js";
import { add, mul } from "../../src/operators/arithmetic.js";
import { reduceSum } from "../../src/operators/broadcasting.js";
import { conv } from "../../src/operators/convolution.js";
import { reshape } from "../../src/operators/layout.js";
import { matmul } from "../../src/operators/matmul.js";
import { reduceMean } from "../../src/operators/reduction.js";
import { generator, uniform } from "../finite-differences.js";
import {
  expectAgreement,
  expectClose,
  type Feeds,
  float,
  floats,
  graph,
  imported,
  int,
  ints,
  type ModelInit,
  modelBytes,
  node,
  reference,
  runFile,
  runImported,
  tensor,
  text,
  type ValueInit,
  weight,
} from "./models.js";

const random = generator(1);
const numbers = (size: number, low = -1, high = 1) => [...uniform(random, size, low, high)];

/** One operator on one float input `x`, other inputs being weights. */
interface Case {
  readonly opset: number;
  readonly op: string;
  readonly shape: readonly number[];
  readonly attributes?: Parameters<typeof node>[3];
  /** Inputs after x; "" leaves one out. */
  readonly weights?: readonly (ReturnType<typeof weight> | "")[];
  readonly outputs?: readonly ValueInit[];
}

function caseModel({ opset, op, shape, attributes, weights = [], outputs }: Case): ModelInit {
  const results = outputs ?? [["y", "float32"]];
  return {
    opset,
    nodes: [
      node(
        op,
        ["x", ...weights.map((w) => (w === "" ? "" : w.name))],
        results.map(([name]) => name),
        attributes,
        { name: "it" },
      ),
    ],
    inputs: [["x", "float32", shape]],
    outputs: results,
    weights: weights.filter((w) => w !== ""),
  };
}

const int64 = (name: string, ...values: number[]) => weight(name, values, undefined, "int64");

describe("a model written and read again", () => {
  it("gives the values of the graph it was written from", async () => {
    const own = new Graph();
    const x = own.input("x", "float32", [2, 3, 4, 4]);
    const w = own.constant(numbers(5 * 3 * 9), "float32", [5, 3, 3, 3], "w");
    const features = relu(conv(x, w, undefined, { pads: [1, 1, 1, 1] }));
    const pooled = reshape(reduceMean(features, [2, 3]), [2, 5]);
    const y = softmax(matmul(pooled, own.constant(numbers(20), "float32", [5, 4])));
    const [g] = gradients(reduceSum(mul(y, y)), [x]);
    const bytes = writeModel({ inputs: { x }, outputs: { y, g: g! } });

    const again = imported(bytes);
    const feeds = { x: numbers(96) };
    const expected = evaluate([y, g!], new Map([[x, feeds.x]]));
    const evaluated = evaluate(
      [again.outputs.y!, again.outputs.g!],
      new Map([[again.inputs.x!, feeds.x]]),
    );
    const run = await runImported(again, feeds);
    for (const [i, name] of ["y", "g"].entries()) {
      expectClose(evaluated[i]!, expected[i]!, `${name} evaluated`, 1e-12);
      expectClose(run[name]!, expected[i]!, `${name} run`);
    }
  });

  it("keeps the names of inputs and outputs, and of inner values findable", () => {
    const own = new Graph();
    const x = own.input("x", "float32", [2]);
    const inner = own.scope("layer", () => mul(x, x));
    const bytes = writeModel({ inputs: { picture: x }, outputs: { score: add(inner, 1) } });
    const model = readModel(bytes);
    expect(model.inputs.map(({ name }) => name)).toEqual(["picture"]);
    expect(model.outputs.map(({ name }) => name)).toEqual(["score"]);
    expect(model.values).toContain("layer/Mul");
  });
});

describe("weights", () => {
  const init: ModelInit = {
    nodes: [
      node("MatMul", ["x", "w"], ["h"]),
      node("Relu", ["h"], ["r"]),
      node("Add", ["r", "b"], ["y"]),
    ],
    inputs: [
      ["x", "float32", [2, 3]],
      ["w", "float32", [3, 4]],
      ["b", "float32", [4]],
    ],
    outputs: [["y", "float32", [2, 4]]],
    weights: [weight("w", numbers(12), [3, 4]), weight("b", numbers(4))],
  };

  it("listed among the inputs become constants", async () => {
    const model = readModel(modelBytes(init));
    expect(model.inputs.map(({ name }) => name)).toEqual(["x"]);
    const { outputs } = await expectAgreement(init, { x: numbers(6) });
    expect(outputs.y!.producer!.inputs.some((input) => input!.data)).toBe(true);
  });

  it("can be bound to tensors, to be fitted", () => {
    const own = new Graph();
    const x = own.input("x", "float32", [2, 3]);
    const w = own.input("w", "float32", [3, 4]);
    const { y } = importModel(readModel(modelBytes(init)), own, { x, w });
    const [g] = gradients(reduceSum(y!), [w]);
    expect(g!.shape).toEqual([3, 4]);
    const wrong = own.input("wrong", "float32", [4, 4]);
    expect(() => importModel(readModel(modelBytes(init)), own, { x, w: wrong })).toThrow(
      /"w".*\[3,4\].*\[4,4\]/,
    );
  });

  it("are shared when a model is applied twice", () => {
    const own = new Graph();
    const model = readModel(modelBytes(init));
    const [a, b] = ["a", "b"].map((name) => own.input(name, "float32", [2, 3]));
    const outputs = {
      first: importModel(model, own, { x: a! }, { scope: "first" }).y!,
      second: importModel(model, own, { x: b! }, { scope: "second" }).y!,
    };
    const bytes = writeModel({ inputs: { a: a!, b: b! }, outputs });
    const { graph: written } = fromBinary(ModelProtoSchema, bytes);
    expect(written!.initializer.map(({ name }) => name).sort()).toEqual(["first/b", "first/w"]);
    const names = written!.node.map(({ name }) => name);
    expect(names.some((name) => name.startsWith("first/"))).toBe(true);
    expect(names.some((name) => name.startsWith("second/"))).toBe(true);
  });

  it("are read from every field ONNX stores elements in", async () => {
    const bits = (values: readonly number[]) => {
      const data = Float32Array.from(values);
      return new Uint8Array(data.buffer);
    };
    const values = [1, -2.5, 3];
    const doubles = Float64Array.from(values);
    const protos = [
      // A packed list of floats is bytes on the wire; writers may cut it into several runs.
      { name: "f32", dataType: 1, floatData: [bits([1, -2.5]), bits([3])] },
      { name: "f64", dataType: 11, doubleData: [new Uint8Array(doubles.buffer)] },
      { name: "i32", dataType: 6, int32Data: [1, -2, 3] },
      { name: "i64", dataType: 7, int64Data: [1n, -2n, 3n] },
      { name: "i8", dataType: 3, int32Data: [1, -2, 3] },
      { name: "u8", dataType: 2, int32Data: [1, 200, 3] },
      { name: "u32", dataType: 12, uint64Data: [1n, 4_000_000_000n, 3n] },
      { name: "f16", dataType: 10, int32Data: [0x3c00, 0xc100, 0x4200] },
      { name: "bool", dataType: 9, int32Data: [1, 0, 1] },
    ];
    const init: ModelInit = {
      nodes: protos.map(({ name }) => node("Cast", [name], [`${name}_out`], { to: int(11) })),
      outputs: protos.map(({ name }) => [`${name}_out`, "float64", [3]]),
      weights: protos.map((proto) => create(TensorProtoSchema, { ...proto, dims: [3n] })),
    };
    const { outputs } = await expectAgreement(init, {});
    expect([...(outputs.f32_out!.data as Float64Array)]).toEqual(values);
    expect([...(outputs.f16_out!.data as Float64Array)]).toEqual(values);
    expect([...(outputs.u32_out!.data as Float64Array)]).toEqual([1, 4e9, 3]);
  });

  it("keep 64-bit integers that float64 cannot hold", async () => {
    const large = create(TensorProtoSchema, {
      name: "large",
      dataType: 7,
      dims: [2n],
      int64Data: [2n ** 53n + 1n, -(2n ** 62n) - 1n],
    });
    const init: ModelInit = {
      nodes: [
        node("Constant", [], ["c"], { value_int: int(2n ** 60n + 3n) }),
        node("Reshape", ["large", "shape"], ["column"]),
        node("Add", ["column", "c"], ["y"]),
      ],
      outputs: [
        ["y", "int64", [2, 1]],
        ["column", "int64", [2, 1]],
      ],
      weights: [large, int64("shape", 2, 1)],
    };
    const { graph: own, inputs, outputs } = imported(modelBytes(init));
    const { compile } = await import("../../src/runtime/compile.node.js");
    const program = await compile(own, { inputs, outputs });
    const { y, column } = await program.run({});
    expect([...column!]).toEqual([2n ** 53n + 1n, -(2n ** 62n) - 1n]);
    expect([...y!]).toEqual([2n ** 53n + 2n ** 60n + 4n, 2n ** 60n - 2n ** 62n + 2n]);
  });
});

describe("outputs", () => {
  const init: ModelInit = {
    nodes: [node("Exp", ["x"], ["e"]), node("Neg", ["e"], ["n"]), node("Sin", ["e"], ["y"])],
    inputs: [["x", "float32", [3]]],
    outputs: [["y", "float32", [3]]],
    weights: [weight("unused", [1, 2])],
  };

  it("may be inner values and weights", () => {
    const { inputs, outputs } = imported(modelBytes(init), { outputs: ["e", "n", "unused", "x"] });
    expect(Object.keys(outputs)).toEqual(["e", "n", "unused", "x"]);
    expect(outputs.x).toBe(inputs.x);
    expect([...(outputs.unused!.data as Float32Array)]).toEqual([1, 2]);
    const [e, n] = evaluate([outputs.e!, outputs.n!], new Map([[inputs.x!, [0, 1, 2]]]));
    expectClose(e!, [1, Math.E, Math.E ** 2]);
    expectClose(n!, [-1, -Math.E, -(Math.E ** 2)]);
  });

  it("that do not exist are named", () => {
    expect(() => imported(modelBytes(init), { outputs: ["nothing"] })).toThrow(
      /"nothing".*no value of this name/,
    );
  });
});

describe("constant folding", () => {
  it("resolves shapes computed in the graph", async () => {
    const init: ModelInit = {
      nodes: [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axes"], ["n1"]),
        node("Constant", [], ["rest"], { value: tensor(int64("", -1)) }),
        node("Concat", ["n1", "rest"], ["target"], { axis: int(0) }),
        node("Reshape", ["x", "target"], ["rows"]),
        node("Shape", ["rows"], ["after"]),
        node("Slice", ["after", "one", "two"], ["width"]),
        node("Cast", ["width"], ["divisor"], { to: int(1) }),
        node("Div", ["rows", "divisor"], ["y"]),
      ],
      inputs: [["x", "float32", [2, 3, 4]]],
      outputs: [["y", "float32", [2, 12]]],
      weights: [
        weight("zero", [0], [], "int64"),
        int64("axes", 0),
        int64("one", 1),
        int64("two", 2),
      ],
    };
    const { outputs } = await expectAgreement(init, { x: numbers(24) });
    const { y } = outputs;
    expect(y!.shape).toEqual([2, 12]);
    const div = y!.producer!;
    expect(div.definition.type).toBe("Div");
    expect([...(div.input(1).data as Float32Array)]).toEqual([12]);
    expect(div.input(0).producer!.definition.type).toBe("Reshape");
  });

  it("folds generators and arithmetic on shapes", async () => {
    const init: ModelInit = {
      nodes: [
        node("Shape", ["x"], ["s"]),
        node("ReduceProd", ["s"], ["count"], { keepdims: int(0) }),
        node("Range", ["zero", "count", "one"], ["places"]),
        node("Reshape", ["places", "s"], ["grid"]),
        node("Cast", ["grid"], ["floats"], { to: int(1) }),
        node("Mul", ["x", "floats"], ["y"]),
      ],
      inputs: [["x", "float32", [2, 5]]],
      outputs: [["y", "float32", [2, 5]]],
      weights: [weight("zero", [0], [], "int64"), weight("one", [1], [], "int64")],
    };
    const { outputs } = await expectAgreement(init, { x: numbers(10) });
    expect(outputs.y!.producer!.inputs.filter((input) => input!.data)).toHaveLength(1);
  });
});

const image = [1, 2, 4, 4];
const bn = () => [
  weight("scale", numbers(2, 0.5, 1.5)),
  weight("bias", numbers(2)),
  weight("mean", numbers(2)),
  weight("var", numbers(2, 0.5, 1.5)),
];

/** The same operator in the forms that opsets 7 to 22 gave it. */
const FORMS: readonly Case[] = [
  { opset: 7, op: "Squeeze", shape: [1, 3, 1], attributes: { axes: ints(0) } },
  { opset: 11, op: "Squeeze", shape: [1, 3, 1], attributes: { axes: ints(-1) } },
  { opset: 13, op: "Squeeze", shape: [1, 3, 1], weights: [int64("axes", 0, 2)] },
  { opset: 21, op: "Squeeze", shape: [1, 3, 1] },
  { opset: 7, op: "Unsqueeze", shape: [3], attributes: { axes: ints(0, 2) } },
  { opset: 13, op: "Unsqueeze", shape: [3], weights: [int64("axes", -1)] },
  { opset: 7, op: "Clip", shape: [6], attributes: { min: float(-0.3), max: float(0.4) } },
  { opset: 7, op: "Clip", shape: [6], attributes: { max: float(0.4) } },
  { opset: 11, op: "Clip", shape: [6], weights: [weight("low", [-0.2], [])] },
  { opset: 13, op: "Clip", shape: [6], weights: ["", weight("high", [0.2], [])] },
  {
    opset: 7,
    op: "Slice",
    shape: [4, 5],
    attributes: { starts: ints(1, -3), ends: ints(3, 2n ** 63n - 1n), axes: ints(0, 1) },
  },
  { opset: 7, op: "Slice", shape: [4, 5], attributes: { starts: ints(1), ends: ints(-1) } },
  {
    opset: 10,
    op: "Slice",
    shape: [4, 5],
    weights: [int64("starts", -1), int64("ends", -9), int64("axes", 1), int64("steps", -2)],
  },
  { opset: 13, op: "Slice", shape: [4, 5], weights: [int64("starts", 1, 0), int64("ends", 2, 9)] },
  {
    opset: 7,
    op: "Pad",
    shape: [2, 3],
    attributes: { pads: ints(0, 1, 1, 0), value: float(2.5), mode: text("constant") },
  },
  {
    opset: 7,
    op: "Pad",
    shape: [2, 3],
    attributes: { pads: ints(0, 1, 0, 2), mode: text("edge") },
  },
  {
    opset: 11,
    op: "Pad",
    shape: [2, 3],
    weights: [int64("pads", 1, 0, 0, 2), weight("v", [0.5], [])],
  },
  {
    opset: 13,
    op: "Pad",
    shape: [2, 3],
    weights: [int64("pads", 0, 2, 0, 1)],
    attributes: { mode: text("reflect") },
  },
  {
    opset: 18,
    op: "Pad",
    shape: [2, 3],
    weights: [int64("pads", 2, 1), "", int64("axes", -1)],
  },
  {
    opset: 19,
    op: "Pad",
    shape: [2, 3],
    weights: [int64("pads", 0, 2, 0, 4)],
    attributes: { mode: text("wrap") },
  },
  { opset: 7, op: "ReduceSum", shape: [2, 3, 4], attributes: { axes: ints(1), keepdims: int(0) } },
  { opset: 11, op: "ReduceSum", shape: [2, 3, 4], attributes: { axes: ints(-1, 0) } },
  { opset: 13, op: "ReduceSum", shape: [2, 3, 4], weights: [int64("axes", 0, 2)] },
  {
    opset: 13,
    op: "ReduceSum",
    shape: [2, 3],
    attributes: { noop_with_empty_axes: int(1) },
  },
  { opset: 7, op: "ReduceMean", shape: [2, 3, 4], attributes: { axes: ints(2) } },
  { opset: 13, op: "ReduceMean", shape: [2, 3, 4] },
  {
    opset: 18,
    op: "ReduceMean",
    shape: [2, 3, 4],
    weights: [int64("axes", 1)],
    attributes: { keepdims: int(0) },
  },
  { opset: 18, op: "ReduceMax", shape: [2, 3, 4], weights: [int64("axes", -1)] },
  { opset: 20, op: "ReduceMin", shape: [2, 3, 4], weights: [int64("axes", 0)] },
  { opset: 18, op: "ReduceL2", shape: [2, 3], weights: [int64("axes", 1)] },
  { opset: 18, op: "ReduceLogSumExp", shape: [2, 3], weights: [int64("axes", 1)] },
  { opset: 7, op: "Softmax", shape: [2, 3, 4] },
  { opset: 11, op: "Softmax", shape: [2, 3, 4], attributes: { axis: int(2) } },
  { opset: 12, op: "LogSoftmax", shape: [2, 3, 4], attributes: { axis: int(0) } },
  { opset: 13, op: "Softmax", shape: [2, 3, 4] },
  { opset: 13, op: "LogSoftmax", shape: [2, 3, 4], attributes: { axis: int(1) } },
  {
    opset: 7,
    op: "Upsample",
    shape: image,
    attributes: { scales: floats(1, 1, 2, 3), mode: text("nearest") },
  },
  {
    opset: 9,
    op: "Upsample",
    shape: image,
    weights: [weight("scales", [1, 1, 2, 2])],
    attributes: { mode: text("linear") },
  },
  {
    opset: 10,
    op: "Resize",
    shape: image,
    weights: [weight("scales", [1, 1, 2, 2])],
    attributes: { mode: text("nearest") },
  },
  {
    opset: 11,
    op: "Resize",
    shape: image,
    weights: [weight("roi", []), weight("scales", [1, 1, 2, 1.5])],
    attributes: { mode: text("linear"), coordinate_transformation_mode: text("align_corners") },
  },
  {
    opset: 13,
    op: "Resize",
    shape: image,
    weights: ["", "", int64("sizes", 1, 2, 6, 3)],
    attributes: { mode: text("linear"), coordinate_transformation_mode: text("half_pixel") },
  },
  {
    opset: 18,
    op: "Resize",
    shape: image,
    weights: ["", "", int64("sizes", 8, 6)],
    attributes: {
      axes: ints(2, 3),
      mode: text("nearest"),
      coordinate_transformation_mode: text("asymmetric"),
      nearest_mode: text("floor"),
    },
  },
  { opset: 7, op: "Dropout", shape: [2, 3], attributes: { ratio: float(0.3) } },
  {
    opset: 10,
    op: "Dropout",
    shape: [2, 3],
    outputs: [
      ["y", "float32"],
      ["mask", "bool"],
    ],
  },
  {
    opset: 12,
    op: "Dropout",
    shape: [2, 3],
    weights: [weight("ratio", [0.9], []), weight("training", [0], [], "bool")],
  },
  { opset: 22, op: "Dropout", shape: [2, 3], weights: [weight("ratio", [0.5], [])] },
  {
    opset: 7,
    op: "BatchNormalization",
    shape: image,
    weights: bn(),
    attributes: { epsilon: float(1e-3), momentum: float(0.8), spatial: int(1) },
  },
  {
    opset: 9,
    op: "BatchNormalization",
    shape: image,
    weights: bn(),
    attributes: { momentum: float(0.8) },
  },
  {
    opset: 15,
    op: "BatchNormalization",
    shape: image,
    weights: bn(),
    attributes: { training_mode: int(0) },
  },
  {
    opset: 7,
    op: "Split",
    shape: [6, 2],
    attributes: { axis: int(0) },
    outputs: [
      ["a", "float32"],
      ["b", "float32"],
    ],
  },
  {
    opset: 11,
    op: "Split",
    shape: [2, 6],
    attributes: { axis: int(-1), split: ints(4, 2) },
    outputs: [
      ["a", "float32"],
      ["b", "float32"],
    ],
  },
  {
    opset: 13,
    op: "Split",
    shape: [5],
    weights: [int64("split", 1, 4)],
    outputs: [
      ["a", "float32"],
      ["b", "float32"],
    ],
  },
  {
    opset: 18,
    op: "Split",
    shape: [7],
    attributes: { num_outputs: int(3) },
    outputs: [
      ["a", "float32"],
      ["b", "float32"],
      ["c", "float32"],
    ],
  },
  { opset: 20, op: "Gelu", shape: [7] },
  { opset: 20, op: "Gelu", shape: [7], attributes: { approximate: text("tanh") } },
  { opset: 14, op: "HardSwish", shape: [7] },
  { opset: 18, op: "Mish", shape: [7] },
  {
    opset: 9,
    op: "TopK",
    shape: [5],
    attributes: { k: int(2) },
    outputs: [
      ["v", "float32"],
      ["i", "int64"],
    ],
  },
  {
    opset: 11,
    op: "TopK",
    shape: [5],
    weights: [int64("k", 3)],
    attributes: { largest: int(0) },
    outputs: [
      ["v", "float32"],
      ["i", "int64"],
    ],
  },
  { opset: 7, op: "Reshape", shape: [2, 6], weights: [int64("shape", 0, 2, -1)] },
  {
    opset: 14,
    op: "Reshape",
    shape: [0, 6],
    weights: [int64("shape", 3, 0)],
    attributes: { allowzero: int(1) },
  },
  { opset: 19, op: "Cast", shape: [3], attributes: { to: int(1), saturate: int(1) } },
  {
    opset: 9,
    op: "Scatter",
    shape: [3],
    weights: [int64("indices", 2, 0), weight("updates", [5, 6])],
  },
  {
    opset: 18,
    op: "ScatterElements",
    shape: [3],
    weights: [int64("indices", 1, 1), weight("updates", [-5, 6])],
    attributes: { reduction: text("max") },
  },
  {
    opset: 16,
    op: "ScatterND",
    shape: [3],
    weights: [weight("indices", [1, 2], [2, 1], "int64"), weight("updates", [5, 6])],
    attributes: { reduction: text("add") },
  },
  {
    opset: 10,
    op: "AveragePool",
    shape: image,
    attributes: { kernel_shape: ints(2, 2), ceil_mode: int(1), strides: ints(3, 3) },
  },
  {
    opset: 19,
    op: "AveragePool",
    shape: image,
    attributes: { kernel_shape: ints(2, 2), dilations: ints(2, 1) },
  },
  {
    opset: 22,
    op: "MaxPool",
    shape: image,
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2) },
  },
  {
    opset: 16,
    op: "GridSample",
    shape: image,
    weights: [weight("grid", numbers(18), [1, 3, 3, 2])],
    attributes: { mode: text("bilinear"), padding_mode: text("border") },
  },
  {
    opset: 20,
    op: "GridSample",
    shape: image,
    weights: [weight("grid", numbers(18), [1, 3, 3, 2])],
    attributes: { mode: text("linear"), align_corners: int(1) },
  },
  {
    opset: 17,
    op: "LayerNormalization",
    shape: [2, 3, 4],
    weights: [weight("s", numbers(4)), weight("b", numbers(4))],
  },
  {
    opset: 18,
    op: "GroupNormalization",
    shape: [1, 4, 3],
    weights: [weight("s", numbers(2)), weight("b", numbers(2))],
    attributes: { num_groups: int(2) },
  },
  {
    opset: 21,
    op: "GroupNormalization",
    shape: [1, 4, 3],
    weights: [weight("s", numbers(4)), weight("b", numbers(4))],
    attributes: { num_groups: int(2) },
  },
  { opset: 22, op: "Elu", shape: [5], attributes: { alpha: float(0.7) } },
  { opset: 8, op: "Expand", shape: [3, 1], weights: [int64("shape", 2, 1, 4)] },
  { opset: 14, op: "CumSum", shape: [2, 3], weights: [weight("axis", [1], [], "int64")] },
  { opset: 14, op: "Trilu", shape: [3, 3], attributes: { upper: int(0) } },
  {
    opset: 15,
    op: "Shape",
    shape: [2, 3, 4],
    attributes: { start: int(1) },
    outputs: [["y", "int64"]],
  },
];

describe("forms of operators in opsets 7 to 22", () => {
  it.each(
    FORMS.map((form): [string, Case] => {
      const details = Object.keys(form.attributes ?? {}).join(" ");
      const given = (form.weights ?? []).map((w) => (w === "" ? "-" : w.name)).join(" ");
      return [`${form.op} ${form.opset} (${details}) [${given}]`, form];
    }),
  )("%s", async (_, form) => {
    const init = caseModel(form);
    const kept = form.attributes?.mode?.s && new TextDecoder().decode(form.attributes.mode.s);
    await expectAgreement(init, { x: numbers(sizeOf(form.shape)) }, { evaluated: kept !== "wrap" });
  });

  it("names the attribute that has a wrong type", () => {
    const bytes = modelBytes(
      caseModel({ opset: 17, op: "Softmax", shape: [2, 3], attributes: { axis: text("1") } }),
    );
    expect(() => imported(bytes)).toThrow('Softmax "it": attribute "axis" is a string');
  });
});

describe("operators that are not supported", () => {
  /** Imports, runs as the file does, and refuses a gradient naming operator and node. */
  async function expectKept(
    init: ModelInit,
    feeds: Feeds,
    operator: string,
    differentiable: "x" | undefined = "x",
  ): Promise<void> {
    const { inputs, outputs } = await expectAgreement(init, feeds, { evaluated: false });
    const [first] = Object.values(outputs);
    if (!differentiable) return;
    const attempt = () => {
      const y = first!.typed ? reduceSum(first!) : first!;
      return gradients(y, [inputs[differentiable]!]);
    };
    expect(attempt).toThrow(GraphError);
    expect(attempt).toThrow(operator);
  }

  it("LSTM", async () => {
    await expectKept(
      {
        opset: 14,
        nodes: [node("LSTM", ["x", "w", "r"], ["y"], { hidden_size: int(2) }, { name: "cell" })],
        inputs: [["x", "float32", [3, 1, 2]]],
        outputs: [["y", "float32", [3, 1, 1, 2]]],
        weights: [weight("w", numbers(16), [1, 8, 2]), weight("r", numbers(16), [1, 8, 2])],
      },
      { x: numbers(6) },
      'LSTM "cell"',
    );
  });

  it("NonZero, whose result has no static shape", async () => {
    await expectKept(
      {
        opset: 11,
        nodes: [
          node("NonZero", ["x"], ["places"], {}, { name: "find" }),
          // The old form of Squeeze on a value of unknown shape: its axes must become an input.
          node("Transpose", ["places"], ["rows"], { perm: ints(1, 0) }),
          node("Cast", ["rows"], ["y"], { to: int(1) }),
          node("Unsqueeze", ["y"], ["z"], { axes: ints(0) }),
          node("Squeeze", ["z"], ["s"], { axes: ints(0) }),
          node("ReduceMean", ["s"], ["mean"], { axes: ints(0), keepdims: int(0) }),
          node("Softmax", ["z"], ["soft"], { axis: int(1) }),
        ],
        inputs: [["x", "float32", [2, 3]]],
        outputs: [
          ["mean", "float32"],
          ["s", "float32"],
          ["soft", "float32"],
        ],
      },
      { x: [0, 1, 0, 2, 0, 3] },
      "ReduceMean",
    );
  });

  it("operators of other domains", async () => {
    await expectKept(
      {
        nodes: [node("FastGelu", ["x"], ["y"], {}, { name: "fast", domain: "com.microsoft" })],
        domains: { "com.microsoft": 1 },
        inputs: [["x", "float32", [4]]],
        outputs: [["y", "float32", [4]]],
      },
      { x: numbers(4) },
      'com.microsoft.FastGelu "fast"',
    );
  });

  const branch = (op: string): Parameters<typeof graph>[0] => ({
    nodes: [
      node("Squeeze", ["h"], ["inner"], { axes: ints(0) }),
      node(op, ["inner"], ["result"]),
      node("FastGelu", ["result"], ["out"], {}, { domain: "com.microsoft" }),
    ],
    outputs: [["out", "float32", [3]]],
  });
  const conditional: ModelInit = {
    opset: 11,
    domains: { "com.microsoft": 1 },
    nodes: [
      node("Exp", ["x"], ["h"]),
      node(
        "If",
        ["condition"],
        ["y"],
        { then_branch: graph(branch("Neg")), else_branch: graph(branch("Abs")) },
        { name: "choose" },
      ),
    ],
    inputs: [
      ["x", "float32", [1, 3]],
      ["condition", "bool", []],
    ],
    outputs: [["y", "float32", [3]]],
  };

  it.each([0, 1])("If with captured values (condition %d)", async (condition) => {
    await expectKept(conditional, { x: numbers(3), condition: [condition] }, 'If "choose"');
  });

  it("If, where what it captures gets the name of an inner value", async () => {
    const own = new Graph();
    const h = own.input("inner", "float32", [1, 3]);
    const condition = own.input("condition", "bool", []);
    const model = readModel(modelBytes(conditional));
    const x = own.input("x", "float32", [1, 3]);
    const { y } = importModel(model, own, { x, condition });
    const again = importModel(model, own, { x: h, condition }, { outputs: ["y"], scope: "b" }).y!;
    const { compile } = await import("../../src/runtime/compile.node.js");
    const program = await compile(own, {
      inputs: { result: x, inner: h, condition },
      outputs: { first: y!, inner_result: again },
    });
    const [a, b] = [Float32Array.of(0.1, 0.2, 0.3), Float32Array.of(1, 2, 3)];
    const values = await program.run({ result: a, inner: b, condition: Uint8Array.of(0) });
    expect(values.first![0]).toBeCloseTo(1.1052 * 0.8655, 2);
    expect(values.inner_result![0]).toBeCloseTo(Math.E * 0.9967, 2);
  });

  it("forms of supported operators: cubic Resize", async () => {
    await expectKept(
      caseModel({
        opset: 13,
        op: "Resize",
        shape: image,
        weights: ["", weight("scales", [1, 1, 2, 2])],
        attributes: { mode: text("cubic") },
      }),
      { x: numbers(32) },
      'Resize "it"',
    );
  });

  const unknown: readonly Case[] = [
    {
      opset: 18,
      op: "Resize",
      shape: image,
      weights: ["", weight("scales", [1, 1, 0.5, 0.5])],
      attributes: { mode: text("linear"), antialias: int(1) },
    },
    {
      opset: 18,
      op: "Resize",
      shape: image,
      weights: ["", "", int64("sizes", 6, 9)],
      attributes: {
        axes: ints(2, 3),
        mode: text("nearest"),
        keep_aspect_ratio_policy: text("not_larger"),
      },
    },
    {
      opset: 13,
      op: "Resize",
      shape: image,
      weights: [weight("roi", [0, 0, 0.2, 0.2, 1, 1, 0.8, 0.8]), "", int64("sizes", 1, 2, 3, 3)],
      attributes: {
        mode: text("linear"),
        coordinate_transformation_mode: text("tf_crop_and_resize"),
      },
    },
    {
      opset: 17,
      op: "LayerNormalization",
      shape: [2, 4],
      weights: [weight("s", numbers(4))],
      outputs: [
        ["y", "float32"],
        ["mean", "float32"],
      ],
    },
    {
      opset: 16,
      op: "GridSample",
      shape: image,
      weights: [weight("grid", numbers(18), [1, 3, 3, 2])],
      attributes: { mode: text("bicubic") },
    },
    {
      opset: 20,
      op: "GridSample",
      shape: [1, 1, 3, 3, 3],
      weights: [weight("grid", numbers(24), [1, 2, 2, 2, 3])],
    },
    {
      opset: 8,
      op: "MaxPool",
      shape: image,
      attributes: { kernel_shape: ints(2, 2), storage_order: int(1) },
      outputs: [
        ["y", "float32"],
        ["i", "int64"],
      ],
    },
    {
      opset: 15,
      op: "BatchNormalization",
      shape: image,
      weights: bn(),
      attributes: { training_mode: int(1) },
      outputs: [
        ["y", "float32"],
        ["mean_out", "float32"],
        ["var_out", "float32"],
      ],
    },
    {
      opset: 17,
      op: "Einsum",
      shape: [2, 3],
      weights: [weight("b", numbers(12), [3, 4]), weight("c", numbers(8), [4, 2])],
      attributes: { equation: text("ij,jk,kl->il") },
    },
  ];

  it.each(
    unknown.map((form): [string, Case] => [
      `${form.op}: ${Object.keys(form.attributes ?? {}).at(-1) ?? "outputs"}`,
      form,
    ]),
  )("forms of supported operators: %s", async (_, form) => {
    await expectKept(caseModel(form), { x: numbers(sizeOf(form.shape)) }, form.op);
  });

  it("of different opsets go into one file", async () => {
    const unknown = node("NonZero", ["x"], ["places"]);
    const rows = node("Cast", ["places"], ["rows"], { to: int(1) });
    const old: ModelInit = {
      opset: 11,
      nodes: [
        unknown,
        rows,
        node("ReduceMean", ["rows"], ["mean"], { axes: ints(1), keepdims: int(0) }),
        node("Split", ["rows"], ["top", "bottom"], { axis: int(0) }),
        node("Clip", ["top", "low"], ["limited"]),
        node("Hardmax", ["bottom"], ["one_hot"], { axis: int(0) }),
        node("Pad", ["bottom", "pads"], ["padded"], { mode: text("edge") }),
        node("Dropout", ["padded"], ["dropped"], { ratio: float(0.3) }),
        node("Identity", ["dropped"], ["same"]),
      ],
      inputs: [["x", "float32", [2, 3]]],
      outputs: ["mean", "limited", "one_hot", "same"].map((name): ValueInit => [name, "float32"]),
      weights: [int64("pads", 0, 1, 0, 1), weight("low", [0.5], [])],
    };
    const older: ModelInit = {
      opset: 9,
      nodes: [
        unknown,
        rows,
        node("Clip", ["rows"], ["limited"], { min: float(0.5) }),
        node("Upsample", ["limited", "scales"], ["y"]),
      ],
      inputs: [["x", "float32", [2, 3]]],
      outputs: [["y", "float32"]],
      weights: [weight("scales", [1, 2])],
    };
    const recent: ModelInit = {
      opset: 21,
      nodes: [
        unknown,
        rows,
        node("ReduceMax", ["rows", "axes"], ["y"]),
        node("Gelu", ["y"], ["z"]),
      ],
      inputs: [["x", "float32", [2, 3]]],
      outputs: [["z", "float32"]],
      weights: [int64("axes", 1)],
    };
    const feeds = { x: [0, 1, 0, 2, 0, 3] };
    const own = new Graph();
    const input = own.input("x", "float32", [2, 3]);
    const outputs: Record<string, Tensor> = {};
    const expected: Record<string, ArrayLike<number>> = {};
    for (const [name, init] of Object.entries({ old, older, recent })) {
      const bytes = modelBytes(init);
      const values = importModel(readModel(bytes), own, { x: input }, { scope: name });
      const file = await runFile(bytes, { x: input }, feeds);
      for (const [key, value] of Object.entries(values)) {
        outputs[`${name}_${key}`] = value;
        expected[`${name}_${key}`] = file[key]!.data as Float32Array;
      }
    }
    const results = await runImported({ graph: own, inputs: { x: input }, outputs }, feeds);
    expect(Object.keys(results).length).toBe(6);
    for (const [name, values] of Object.entries(results)) {
      expectClose(values, expected[name]!, name);
    }
  });

  it("RoiAlign of opset 10, whose default changed", async () => {
    await expectKept(
      {
        opset: 10,
        nodes: [
          node(
            "RoiAlign",
            ["x", "rois", "batch"],
            ["y"],
            { output_height: int(2), output_width: int(2) },
            { name: "align" },
          ),
        ],
        inputs: [["x", "float32", [1, 1, 4, 4]]],
        outputs: [["y", "float32", [1, 1, 2, 2]]],
        weights: [weight("rois", [0.3, 0.4, 2.7, 3.1], [1, 4]), int64("batch", 0)],
      },
      { x: numbers(16) },
      'RoiAlign "align"',
    );
  });

  it("do not hinder the gradients of what avoids them", async () => {
    const init: ModelInit = {
      nodes: [
        node("Mul", ["x", "x"], ["square"]),
        node("NonZero", ["square"], ["places"]),
        node("ReduceSum", ["square"], ["y"], { keepdims: int(0) }),
      ],
      inputs: [["x", "float32", [3]]],
      outputs: [
        ["y", "float32", []],
        ["places", "int64", ["rank", "n"]],
      ],
    };
    const { inputs, outputs } = imported(modelBytes(init));
    const [g] = gradients(outputs.y!, [inputs.x!]);
    const [values] = evaluate([g!], new Map([[inputs.x!, [1, 2, 3]]]));
    expect([...values!]).toEqual([2, 4, 6]);
  });

  it("have the types that the file declares, or the caller", () => {
    const init = caseModel({ opset: 17, op: "NonZero", shape: [2], outputs: [["y", "int64"]] });
    expect(imported(modelBytes(init)).outputs.y!.typed).toBe(false);
    expect(() => imported(modelBytes(init)).outputs.y!.shape).toThrow(/NonZero.*"it"/);
    const types = { y: { dtype: "int64", shape: [1, 2] } } as const;
    expect(imported(modelBytes(init), { types }).outputs.y!.shape).toEqual([1, 2]);
    const declared = { ...init, outputs: [["y", "int64", [1, 1]] as const] };
    expect(imported(modelBytes(declared)).outputs.y!.shape).toEqual([1, 1]);
  });
});

describe("model-local functions", () => {
  const scaled = {
    name: "Scaled",
    domain: "custom",
    input: ["a", "b"],
    output: ["sum"],
    attribute: ["factor"],
    opsetImport: [{ domain: "", version: 17n }],
    node: [
      node("Constant", [], ["f"], { value_float: reference("factor", AttributeType.FLOAT) }),
      node("Mul", ["a", "f"], ["scaled"]),
      node("Add", ["scaled", "b"], ["sum"]),
    ],
  };

  it("are inlined with their attributes", async () => {
    const { outputs } = await expectAgreement(
      {
        functions: [scaled],
        domains: { custom: 1 },
        nodes: [
          node("Scaled", ["x", "x"], ["h"], { factor: float(3) }, { domain: "custom" }),
          node("Scaled", ["h", "x"], ["y"], { factor: float(-0.5) }, { domain: "custom" }),
        ],
        inputs: [["x", "float32", [3]]],
        outputs: [["y", "float32", [3]]],
      },
      { x: numbers(3) },
    );
    expect(outputs.y!.producer!.definition.type).toBe("Add");
  });

  it("may call functions, hold subgraphs that read their values, and give out an input", async () => {
    const outer = {
      name: "Outer",
      domain: "custom",
      input: ["p", "c"],
      output: ["chosen", "p"],
      attribute: ["factor"],
      opsetImport: [
        { domain: "", version: 17n },
        { domain: "custom", version: 1n },
      ],
      node: [
        node(
          "Scaled",
          ["p", "p"],
          ["twice"],
          { factor: reference("factor", AttributeType.FLOAT) },
          { domain: "custom" },
        ),
        node("If", ["c"], ["chosen"], {
          then_branch: graph({
            nodes: [node("Neg", ["twice"], ["t"])],
            outputs: [["t", "float32", [2]]],
          }),
          else_branch: graph({
            nodes: [node("Abs", ["p"], ["t"])],
            outputs: [["t", "float32", [2]]],
          }),
        }),
      ],
    };
    const calls = ["one", "two"].map((name) =>
      node(
        "Outer",
        ["x", "c"],
        [name, `${name}_input`],
        { factor: float(2) },
        { domain: "custom" },
      ),
    );
    const init: ModelInit = {
      functions: [scaled, outer],
      domains: { custom: 1 },
      nodes: calls,
      inputs: [
        ["x", "float32", [2]],
        ["c", "bool", []],
      ],
      outputs: [
        ["one", "float32", [2]],
        ["two", "float32", [2]],
        ["one_input", "float32", [2]],
      ],
    };
    const result = imported(modelBytes(init));
    const values = await runImported(result, { x: [1, -2], c: [1] });
    expect([...values.one!]).toEqual([-3, 6]);
    expect([...values.two!]).toEqual([-3, 6]);
    expect([...values.one_input!]).toEqual([1, -2]);
  });
});

describe("a batch normalisation after a convolution", () => {
  const init = (attributes: Parameters<typeof node>[3] = {}): ModelInit => ({
    nodes: [
      node("Conv", ["x", "w", "b"], ["c"], { pads: ints(1, 1, 1, 1), group: int(1) }),
      node(
        "BatchNormalization",
        ["c", "scale", "bias", "mean", "var"],
        ["n"],
        { epsilon: float(0.01), ...attributes },
        { name: "norm" },
      ),
      node("Relu", ["n"], ["y"]),
    ],
    inputs: [["x", "float32", [1, 3, 4, 4]]],
    outputs: [["y", "float32", [1, 2, 4, 4]]],
    weights: [weight("w", numbers(54), [2, 3, 3, 3]), weight("b", numbers(2)), ...bn()],
  });
  const operators = (bytes: Uint8Array) =>
    fromBinary(ModelProtoSchema, bytes).graph!.node.map(({ opType }) => opType);

  it("becomes part of it", async () => {
    const { inputs, outputs } = await expectAgreement(init(), { x: numbers(48) });
    expect(operators(writeModel({ inputs, outputs }))).toEqual(["Conv", "Relu"]);
  });

  it("does not where the convolution is used otherwise", () => {
    const { inputs, outputs } = imported(modelBytes(init()), { outputs: ["y", "c"] });
    expect(operators(writeModel({ inputs, outputs }))).toContain("BatchNormalization");
  });

  it("does not in training mode", () => {
    const { inputs, outputs } = imported(modelBytes(init({ training_mode: int(1) })));
    expect(operators(writeModel({ inputs, outputs }))).toContain("BatchNormalization");
  });
});

describe("bindings", () => {
  const init: ModelInit = {
    nodes: [node("Add", ["x", "z"], ["s"]), node("NonZero", ["s"], ["y"])],
    inputs: [
      ["x", "float32", [1, 3]],
      ["z", "float32", ["batch", 3]],
    ],
    outputs: [["y", "int64", [2, 3]]],
  };
  const model = readModel(modelBytes(init));

  it("may leave the declared shape behind if asked to", () => {
    const own = new Graph();
    const x = own.input("x", "float32", [4, 3]);
    const bind = (options = {}) => importModel(model, own, { x, z: x }, options);
    expect(() => bind()).toThrow(/"x".*\[1,3\].*\[4,3\].*reshape: true/);
    // What the file declares then no longer holds.
    expect(bind({ reshape: true }).y!.typed).toBe(false);
  });

  it("that are missing, of another type, or of another graph are named", () => {
    const own = new Graph();
    const x = own.input("x", "float32", [1, 3]);
    const doubled = own.input("doubled", "float64", [1, 3]);
    const rank = own.input("rank", "float32", [3]);
    expect(() => importModel(model, own, { x })).toThrow('"z": this input is not bound');
    expect(() => importModel(model, own, { x, z: doubled })).toThrow(
      '"z": is float32, not float64',
    );
    expect(() => importModel(model, own, { x, z: rank })).toThrow(/"z".*\[batch,3\].*\[3\]/);
    expect(() => importModel(model, own, { x, z: x, w: x })).toThrow(/"w".*no such input.*x, z/);
    const other = new Graph().input("x", "float32", [1, 3]);
    expect(() => importModel(model, own, { x: other, z: x })).toThrow(/"x".*another graph/);
  });
});

describe("what a node lacks", () => {
  it.each([
    ["Reshape", /Reshape "it": shape is missing/],
    ["Unsqueeze", /Unsqueeze "it": axes is missing/],
    ["Slice", /Slice "it": starts is missing/],
    ["Tile", /Tile "it": repeats is missing/],
    ["Pad", /Pad "it": pads is missing/],
    ["TopK", /TopK "it": k is missing/],
    ["OneHot", /OneHot "it": depth is missing/],
    ["MatMul", /MatMul "it".*takes 2 inputs, not 1/],
    ["Einsum", /Einsum "it": equation is missing/],
    ["Concat", /Concat "it": axis is missing/],
  ])("is said: %s", (op, message) => {
    const bytes = modelBytes(caseModel({ opset: 17, op, shape: [2, 2] }));
    expect(() => imported(bytes)).toThrow(GraphError);
    expect(() => imported(bytes)).toThrow(message);
  });
});
