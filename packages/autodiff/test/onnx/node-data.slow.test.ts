/**
 * The operator test data of ONNX 1.12 (Debian's libonnx-testdata): for every case the imported
 * graph, run by ONNX Runtime and by the reference evaluator, must give the outputs of the data.
 *
 * Models that use an operator or a form that is not supported are imported and run all the same:
 * their nodes are kept as they are. Where ONNX Runtime, given the file itself, does not agree with
 * the data (some of it is known to be wrong), its results are what is compared with.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { type DType, isFloat, toFloat64 } from "../../src/graph/dtype.js";
import { GraphError } from "../../src/graph/errors.js";
import { Graph } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { ancestors } from "../../src/graph/traverse.js";
import { importModel } from "../../src/onnx/import.js";
import { TensorProtoSchema } from "../../src/onnx/onnx_pb.js";
import { OpaqueOperator } from "../../src/onnx/opaque.js";
import { type OnnxModel, readModel } from "../../src/onnx/read.js";
import { type DecodedTensor, decodeTensor } from "../../src/onnx/tensor-proto.js";
import { operatorNamed } from "../../src/operators/registry.js";
import { compile } from "../../src/runtime/compile.node.js";

const FOLDER = "/usr/share/libonnx-testdata/data";
const SETS = ["node", "simple", "pytorch-operator", "pytorch-converted"];
/** Fewer than these mean that cases were lost. */
const LEAST = { known: 690, kept: 230 };

/** Models of older opsets may use forms that are not read here. */
const OLDEST_OPSET = 7;

/** Their results are random, and in training mode Dropout's. */
const RANDOM = /Bernoulli|Random|training_dropout/i;

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
  readonly inputs: Readonly<Record<string, DecodedTensor>>;
  /** What must come out. */
  readonly outputs: Readonly<Record<string, DecodedTensor>>;
  /** Inputs that are bound to constants: shapes depend on them, and a static graph must know. */
  readonly constants: ReadonlySet<string>;
  /** Whether ONNX Runtime runs the file itself. */
  readonly runs: boolean;
}

/** Why a case is not tested. */
class Out {
  constructor(readonly reason: string) {}
}

function read(folder: string, name: string): Case | Out {
  if (RANDOM.test(name)) return new Out("random");
  const file = (path: string) => readFileSync(join(folder, name, path));
  const bytes = file("model.onnx");
  const model = readModel(bytes);
  if (model.nodes.some(({ opType }) => RANDOM.test(opType))) return new Out("random");
  const values = [...model.inputs, ...model.outputs];
  if (values.some(({ dtype, shape }) => dtype === undefined && shape === undefined)) {
    return new Out("sequences or optional values");
  }
  if (values.some(({ dtype }) => dtype === undefined)) return new Out("strings");
  if (values.some(({ dtype }) => dtype === "bfloat16")) {
    return new Out("bfloat16, which onnxruntime-node does not take");
  }
  if (model.opset < 9 && model.nodes.some(({ opType }) => opType === "Scan")) {
    return new Out("Scan of opset 8, which later opsets cannot express");
  }
  const tensors = (kind: "input" | "output", names: readonly { readonly name: string }[]) =>
    Object.fromEntries(
      names.map(({ name: value }, i) => {
        const proto = fromBinary(TensorProtoSchema, file(`test_data_set_0/${kind}_${i}.pb`));
        return [value, decodeTensor(proto)];
      }),
    );
  const inputs = tensors("input", model.inputs);
  const outputs = tensors("output", model.outputs);
  return { name, bytes, model, inputs, outputs, constants: parameterNames(model), runs: false };
}

function parameterNames({ nodes }: OnnxModel): Set<string> {
  const names = nodes.flatMap(({ opType, input }) => {
    if (opType === "Dropout") return input.slice(1);
    // Bounds may be computed.
    const parameters = opType === "Clip" ? [] : (operatorNamed(opType)?.parameters ?? []);
    return parameters.map(({ input: at }) => input[at] ?? "");
  });
  return new Set(names.filter((name) => name !== ""));
}

/** Small lists of integers: perhaps a shape is computed from them. */
function smallIntegers({ inputs }: Case): Set<string> {
  const small = Object.entries(inputs).filter(
    ([, { dtype, data }]) => dtype.includes("int") && data.length <= 4,
  );
  return new Set(small.map(([name]) => name));
}

function importCase({ model, inputs, outputs, constants }: Case) {
  const graph = new Graph();
  const bindings: Record<string, Tensor> = {};
  const fed: Record<string, Tensor> = {};
  for (const [name, { dtype, shape, data }] of Object.entries(inputs)) {
    if (constants.has(name)) bindings[name] = graph.constant(data, dtype, shape);
    else bindings[name] = fed[name] = graph.input(name, dtype, shape);
  }
  const options = { reshape: true, outputs: Object.keys(outputs) };
  return { graph, fed, outputs: importModel(model, graph, bindings, options) };
}

/** Operators of the imported model that were kept as they are. */
function keptOperators(test: Case): string[] {
  const { outputs } = importCase(test);
  return ancestors(Object.values(outputs))
    .map(({ definition }) => definition)
    .filter((definition) => definition instanceof OpaqueOperator)
    .map(({ type }) => type);
}

/** What ONNX Runtime makes of the file itself; undefined if it refuses. */
async function runFile({ bytes, inputs, model }: Case) {
  const feeds = Object.entries(inputs).map(([name, { dtype, shape, data }]) => {
    return [name, new ort.Tensor(dtype as "float32", data as Float32Array, shape)];
  });
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const results = await session.run(Object.fromEntries(feeds));
    await session.release();
    const outputs = model.outputs.map(({ name }): [string, DecodedTensor] => {
      const { type, dims, data } = results[name]!;
      const array = data as unknown as DecodedTensor["data"];
      return [name, { dtype: type as DType, shape: dims, data: array }];
    });
    return Object.fromEntries(outputs);
  } catch {
    return undefined;
  }
}

/** Where the values differ by more than rounding, in words. */
function difference(actual: Float64Array, { dtype, data }: DecodedTensor): string | undefined {
  const expected = toFloat64(dtype, data);
  if (actual.length !== expected.length) {
    return `${actual.length} elements, not ${expected.length}`;
  }
  const relative = dtype === "float16" ? 1e-2 : 1e-3;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const limit = isFloat(dtype) ? relative * Math.abs(e) + 1e-5 : 0;
    if (!(Math.abs(a - e) <= limit)) return `element ${i} is ${a}, not ${e}`;
  }
  return undefined;
}

/** The case with what it is to be compared with. */
async function withReference(test: Case): Promise<Case> {
  const own = await runFile(test);
  if (!own) return test;
  const agrees = Object.entries(test.outputs).every(
    ([name, output]) => !difference(toFloat64(output.dtype, own[name]!.data), output),
  );
  if (!agrees) notes.push(`${test.name}: ONNX Runtime on the file differs from the data`);
  return { ...test, runs: true, outputs: agrees ? test.outputs : own };
}

async function checkRun(test: Case): Promise<void> {
  const { graph, fed, outputs } = importCase(test);
  const feeds = Object.keys(fed).map((name) => [name, test.inputs[name]!.data]);
  const program = await compile(graph, { inputs: fed, outputs });
  const results = await program.run(Object.fromEntries(feeds));
  await program.dispose();
  for (const [name, output] of Object.entries(test.outputs)) {
    const tensor = outputs[name]!;
    if (tensor.typed) expect([tensor.dtype, tensor.shape]).toEqual([output.dtype, output.shape]);
    expect(difference(toFloat64(output.dtype, results[name]!), output), name).toBeUndefined();
  }
}

function checkEvaluation(test: Case): void {
  const { fed, outputs } = importCase(test);
  const names = Object.keys(test.outputs);
  const given = Object.entries(fed).map(([name, tensor]): [Tensor, Float64Array] => [
    tensor,
    toFloat64(tensor.dtype, test.inputs[name]!.data),
  ]);
  const tensors = names.map((name) => outputs[name]!);
  const values = evaluate(tensors, new Map(given));
  names.forEach((name, i) => {
    expect(difference(values[i]!, test.outputs[name]!), `${name} evaluated`).toBeUndefined();
  });
}

const notes: string[] = [];

/** The case in the form in which most of it is known: fewer inputs open, or fewer outputs asked. */
function bestForm(test: Case): { readonly test: Case; readonly kept: readonly string[] } {
  const kept = keptOperators(test);
  const [first] = Object.entries(test.outputs);
  const forms = [
    { ...test, constants: new Set([...test.constants, ...smallIntegers(test)]) },
    { ...test, outputs: Object.fromEntries([first!]) },
  ];
  const known = kept.length === 0 ? test : forms.find((form) => keptOperators(form).length === 0);
  return known ? { test: known, kept: [] } : { test, kept };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof GraphError) return undefined;
    throw error;
  }
}

async function classify() {
  const known: [string, Case][] = [];
  const kept: [string, Case][] = [];
  for (const set of SETS) {
    const folder = join(FOLDER, set);
    for (const name of readdirSync(folder)) {
      const found = read(folder, name);
      if (found instanceof Out) {
        notes.push(`${name}: out of scope: ${found.reason}`);
        continue;
      }
      const test = await withReference(found);
      const { opset } = test.model;
      const form = opset < OLDEST_OPSET ? attempt(() => bestForm(test)) : bestForm(test);
      if (!form || (opset < OLDEST_OPSET && form.kept.length > 0)) {
        notes.push(`${name}: out of scope: a form of opset ${opset}`);
      } else if (form.kept.length === 0) known.push([name, form.test]);
      else if (test.runs) kept.push([name, test]);
      else notes.push(`${name}: out of scope: ONNX Runtime does not run ${form.kept[0]}`);
    }
  }
  return { known, kept };
}

if (existsSync(FOLDER)) {
  const { known, kept } = await classify();
  describe("operator test data, supported operators", () => {
    it.each(known)("%s", async (name, test) => {
      checkEvaluation(test);
      try {
        await checkRun(test);
      } catch (error) {
        // It has no kernels for some element types.
        if (test.runs || !/could not find an implementation/i.test(String(error))) throw error;
        notes.push(`${name}: evaluated only: ONNX Runtime does not run it`);
      }
    });
  });
  describe("operator test data, operators kept as they are", () => {
    it.each(kept)("%s", async (_, test) => {
      await checkRun(test);
    });
  });
  describe("operator test data", () => {
    it("is not lost", () => {
      const [all, as] = [known.length, kept.length];
      console.log(`${all} cases of supported operators, ${as} of kept ones. Notes:`);
      console.log(notes.sort().join("\n"));
      expect(known.length).toBeGreaterThanOrEqual(LEAST.known);
      expect(kept.length).toBeGreaterThanOrEqual(LEAST.kept);
    });
  });
} else {
  console.log(`${FOLDER} is absent: install libonnx-testdata to test operators with ONNX's data`);
  it.skip("operator test data (libonnx-testdata is not installed)", () => {});
}
