/** ONNX models made by hand, message by message, and three ways to run them. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as ort from "onnxruntime-node";
import { expect } from "vitest";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { type DType, dtypeInfo, fromFloat64, toFloat64 } from "../../src/graph/dtype.js";
import { Graph } from "../../src/graph/graph.js";
import type { Shape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { type ImportOptions, importModel } from "../../src/onnx/import.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "../../src/onnx/onnx_pb.js";
import { readModel } from "../../src/onnx/read.js";
import { compile } from "../../src/runtime/compile.node.js";

export type AttributeInit = Partial<
  Pick<AttributeProto, "type" | "i" | "f" | "s" | "ints" | "floats" | "t" | "g" | "refAttrName">
>;

export const int = (i: number | bigint): AttributeInit => ({
  type: AttributeType.INT,
  i: BigInt(i),
});
export const float = (f: number): AttributeInit => ({ type: AttributeType.FLOAT, f });
export const text = (s: string): AttributeInit => ({
  type: AttributeType.STRING,
  s: new TextEncoder().encode(s),
});
export const ints = (...list: (number | bigint)[]): AttributeInit => ({
  type: AttributeType.INTS,
  ints: list.map((i) => BigInt(i)),
});
export const floats = (...list: number[]): AttributeInit => ({
  type: AttributeType.FLOATS,
  floats: list,
});
export const tensor = (t: TensorProto): AttributeInit => ({ type: AttributeType.TENSOR, t });
export const graph = (g: GraphInit): AttributeInit => ({
  type: AttributeType.GRAPH,
  g: graphProto(g),
});
/** Inside a function: the value that the call gives to its attribute `name`. */
export const reference = (name: string, type: AttributeType): AttributeInit => ({
  type,
  refAttrName: name,
});

function attribute(name: string, init: AttributeInit): AttributeProto {
  return create(AttributeProtoSchema, { ...init, name });
}

export interface NodeInit {
  readonly name?: string;
  readonly domain?: string;
}

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeInit>> = {},
  init: NodeInit = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...init,
  });
}

/** A weight with its elements as raw bytes. */
export function weight(
  name: string,
  values: readonly number[],
  shape: Shape = [values.length],
  dtype: DType = "float32",
): TensorProto {
  const data = fromFloat64(dtype, values);
  return create(TensorProtoSchema, {
    name,
    dataType: dtypeInfo(dtype).code,
    dims: shape.map((dim) => BigInt(dim)),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
}

/** `[name, dtype, shape]`; a string leaves a dimension open, no shape the rank. */
export type ValueInit = readonly [
  name: string,
  dtype?: DType,
  shape?: readonly (number | string)[],
];

export function value([name, dtype, shape]: ValueInit): ValueInfoProto {
  if (dtype === undefined) return create(ValueInfoProtoSchema, { name });
  const dim = shape?.map((size) =>
    typeof size === "string"
      ? { value: { case: "dimParam" as const, value: size } }
      : { value: { case: "dimValue" as const, value: BigInt(size) } },
  );
  const type = { elemType: dtypeInfo(dtype).code, ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType", value: type } },
  });
}

export interface GraphInit {
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly ValueInit[];
  readonly outputs: readonly ValueInit[];
  readonly weights?: readonly TensorProto[];
  /** Types of inner values. */
  readonly declared?: readonly ValueInit[];
}

function graphProto({ nodes, inputs = [], outputs, weights = [], declared = [] }: GraphInit) {
  return create(GraphProtoSchema, {
    name: "test",
    node: [...nodes],
    input: inputs.map(value),
    output: outputs.map(value),
    initializer: [...weights],
    valueInfo: declared.map(value),
  });
}

export interface ModelInit extends GraphInit {
  /** Default 17. */
  readonly opset?: number;
  readonly domains?: Readonly<Record<string, number>>;
  readonly functions?: readonly MessageInitShape<typeof FunctionProtoSchema>[];
}

export function modelBytes(init: ModelInit): Uint8Array {
  const { opset = 17, domains = {}, functions = [] } = init;
  const model = create(ModelProtoSchema, {
    irVersion: opset > 20 ? 10n : 8n,
    opsetImport: Object.entries({ "": opset, ...domains }).map(([domain, version]) => ({
      domain,
      version: BigInt(version),
    })),
    functions: [...functions],
    graph: graphProto(init),
  });
  return toBinary(ModelProtoSchema, model);
}

export type Feeds = Readonly<Record<string, readonly number[]>>;

/** The model applied in a new graph, its inputs bound to graph inputs of the declared types. */
export function imported(bytes: Uint8Array, options: ImportOptions = {}) {
  const model = readModel(bytes);
  const own = new Graph();
  const inputs: Record<string, Tensor> = {};
  for (const { name, dtype, shape } of model.inputs) {
    inputs[name] = own.input(name, dtype!, shape as Shape);
  }
  return { graph: own, inputs, outputs: importModel(model, own, inputs, options) };
}

/** Values by ONNX Runtime from the file itself, as float64. */
export async function runFile(bytes: Uint8Array, inputs: Record<string, Tensor>, feeds: Feeds) {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const tensors = Object.entries(inputs).map(([name, { dtype, shape }]) => {
    const data = fromFloat64(dtype, feeds[name]!);
    return [name, new ort.Tensor(dtype as "float32", data as Float32Array, shape)];
  });
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return results;
}

/** Values by ONNX Runtime from what was imported and written again, as float64. */
export async function runImported(
  { graph, inputs, outputs }: ReturnType<typeof imported>,
  feeds: Feeds,
): Promise<Record<string, Float64Array>> {
  const program = await compile(graph, { inputs, outputs });
  const arrays = Object.entries(inputs).map(([name, { dtype }]) => {
    return [name, fromFloat64(dtype, feeds[name]!)];
  });
  const results = await program.run(Object.fromEntries(arrays));
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, data]) => {
      const dtype = outputs[name]!.typed ? outputs[name]!.dtype : dtypeOf(data);
      return [name, toFloat64(dtype, data)];
    }),
  );
}

/** Of an array that ONNX Runtime returned for a value of unknown type. */
function dtypeOf(data: object): DType {
  return data instanceof BigInt64Array ? "int64" : "float32";
}

export function expectClose(
  actual: Float64Array,
  expected: ArrayLike<number>,
  what = "values",
  tolerance = 1e-5,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] === expected[i] || (Number.isNaN(actual[i]) && Number.isNaN(expected[i]))) {
      continue;
    }
    const limit = tolerance * Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(actual[i]! - expected[i]!), `${what}[${i}]`).toBeLessThanOrEqual(limit);
  }
}

/**
 * Checks that the file, the imported graph on ONNX Runtime and, if every operator is known, the
 * reference evaluator agree on all outputs. Returns what was imported.
 */
export async function expectAgreement(
  init: ModelInit,
  feeds: Feeds,
  { evaluated = true, ...options }: ImportOptions & { readonly evaluated?: boolean } = {},
): Promise<ReturnType<typeof imported>> {
  const bytes = modelBytes(init);
  const result = imported(bytes, options);
  const file = await runFile(bytes, result.inputs, feeds);
  const again = await runImported(result, feeds);
  const names = Object.keys(result.outputs);
  for (const name of names) {
    const { type, data, dims } = file[name]!;
    const expected = toFloat64(type as DType, data as Float32Array);
    expectClose(again[name]!, expected, `${name} imported`);
    if (result.outputs[name]!.typed) expect(result.outputs[name]!.shape, name).toEqual(dims);
  }
  if (!evaluated) return result;
  const given = new Map(names.length > 0 ? Object.entries(result.inputs).map(feedOf(feeds)) : []);
  const values = evaluate(Object.values(result.outputs), given);
  names.forEach((name, i) => {
    const { type, data } = file[name]!;
    expectClose(
      values[i]!,
      toFloat64(type as DType, data as Float32Array),
      `${name} evaluated`,
      1e-4,
    );
  });
  return result;
}

const feedOf =
  (feeds: Feeds) =>
  ([name, input]: [string, Tensor]): [Tensor, readonly number[]] => [input, feeds[name]!];
