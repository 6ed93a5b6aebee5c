import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { Graph } from "../graph/graph.js";
import { gridSample } from "../operators/gridsample.js";
import { reduceMean } from "../operators/reduction.js";
import { writeModel } from "./write.js";

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
