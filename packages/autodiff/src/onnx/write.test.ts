import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { gradients } from "../differentiate/gradients.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { mul } from "../operators/arithmetic.js";
import { reduceSum } from "../operators/broadcasting.js";
import { conv } from "../operators/convolution.js";
import { gridSample } from "../operators/gridsample.js";
import { cast } from "../operators/layout.js";
import { matmul } from "../operators/matmul.js";
import { reduceMean } from "../operators/reduction.js";
import { importModel } from "./import.js";
import { readModel } from "./read.js";
import { writeModel, writeSplitModel } from "./write.js";

/** Both operators changed form after opset 17: axes became an input, bilinear was renamed. */
function sampledMean(opset?: number): Uint8Array {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 1, 2, 2]);
  const grid = graph.constant(0, "float32", [1, 3, 3, 2]);
  const y = reduceMean(gridSample(x, grid), [2, 3]);
  return writeModel({ inputs: { x }, outputs: { y }, ...(opset !== undefined && { opset }) });
}

it.each([undefined, 17, 18, 20, 21])("writes the forms of opset %s", async (opset) => {
  const session = await InferenceSession.create(sampledMean(opset));
  const x = new Tensor("float32", Float32Array.of(1, 2, 3, 6), [1, 1, 2, 2]);
  const { y } = await session.run({ x });
  expect(y!.data).toEqual(Float32Array.of(3));
  await session.release();
});

it.each([16, 17.5])("refuses opset %s", (opset) => {
  expect(() => sampledMean(opset)).toThrow(`write: opset ${opset} is not 17 or later`);
});

it("writes weights in the type they are stored in", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  const w = graph.input("w", "int8", [3000]);
  const y = mul(x, cast(w, "float32"));
  const stored = Int8Array.from({ length: 3000 }, (_, i) => i % 100);
  const bytes = writeModel({ inputs: { x }, outputs: { y }, weights: new Map([[w, stored]]) });
  expect(bytes.length).toBeLessThan(3300);
  const model = readModel(bytes);
  expect(model.inputs.map(({ name }) => name)).toEqual(["x"]);
  const twice = importModel(model, graph, { x }).y!;
  const [values] = evaluate([twice], new Map([[x, [2]]])) as [Float64Array];
  expect([...values]).toEqual([...stored].map((value) => 2 * value));

  for (const wrong of [new Int8Array(2999), new Float32Array(3000)]) {
    const weights = new Map([[w, wrong]]);
    expect(() => writeModel({ inputs: { x }, outputs: { y }, weights })).toThrow(
      /write "w": \d+ elements do not fit its type/,
    );
  }
});

it("keeps one copy of a constant matrix, also with the gradient of a vector's product with it", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 64]);
  const weights = Float32Array.from({ length: 64 * 5000 }, (_, i) => Math.sin(i));
  const y = matmul(x, graph.constant(weights, "float32", [64, 5000]));
  const [slope] = gradients(reduceSum(mul(y, y)), [x]);
  const bytes = writeModel({ inputs: { x }, outputs: { y, slope: slope! } });
  expect(bytes.length).toBeGreaterThan(weights.byteLength);
  expect(bytes.length).toBeLessThan(1.05 * weights.byteLength);
});

it("leaves large constants beside a split model, whatever they are called", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2]);
  const values = Float32Array.from({ length: 40_000 }, (_, i) => i % 97);
  const w = graph.constant(values, "float32", [2, 20_000], "/../layer/weight");
  const y = matmul(x, w);
  const { bytes, external } = writeSplitModel({ inputs: { x }, outputs: { y } });
  expect(bytes.length).toBeLessThan(1000);
  expect(external.map(({ data }) => data.length)).toEqual([160_000]);
  expect(external[0]!.data.buffer).toBe(values.buffer);
  const files = new Map(external.map(({ path, data }) => [path, data]));
  const read = readModel(bytes, { externalData: (name) => files.get(name) });
  expect(importModel(read, graph, { x }).y).toBe(y);
  const session = await InferenceSession.create(bytes, { externalData: external });
  const result = await session.run({ x: new Tensor("float32", Float32Array.of(1, 2), [1, 2]) });
  const [expected] = evaluate([y], new Map([[x, [1, 2]]])) as [Float64Array];
  expect(result.y!.data).toEqual(Float32Array.from(expected));
  await session.release();
});

it("writes a plain model's operators as they stand", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 16, 64, 64]);
  const w = graph.constant(0.5, "float32", [1, 16, 3, 3]);
  const written = (plain: boolean) => {
    const y = conv(x, w);
    const bytes = writeModel({
      inputs: { x },
      outputs: { dx: gradients(reduceSum(mul(y, y)), [x])[0]! },
      plain,
    });
    return readModel(bytes).nodes.map(({ opType }) => opType);
  };
  expect(written(true)).toContain("ConvTranspose");
  expect(written(false)).not.toContain("ConvTranspose");
});
