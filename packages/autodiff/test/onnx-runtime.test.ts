/**
 * Every supported operator, its gradient and its gradient's gradient on ONNX Runtime against the
 * float64 reference, for the same float32 inputs: what finite differences prove of the reference
 * then holds of what runs.
 */
import { describe, expect, it } from "vitest";
import { gradients } from "../src/differentiate/gradients.js";
import { evaluate } from "../src/evaluate/evaluate.js";
import { fromFloat64, type TypedArray, toFloat64 } from "../src/graph/dtype.js";
import { Graph } from "../src/graph/graph.js";
import type { Tensor } from "../src/graph/tensor.js";
import { mul, sum } from "../src/operators/arithmetic.js";
import { isDifferentiable, reduceSum } from "../src/operators/broadcasting.js";
import { cast } from "../src/operators/layout.js";
import { supportedOperators } from "../src/operators/registry.js";
import { compile } from "../src/runtime/compile.node.js";
import { Draw } from "./draw.js";
import { uniform } from "./finite-differences.js";
import { type Case, OPERATOR_CASES } from "./operator-cases.js";

/** Largest difference, relative to the largest element of an output (or to 0.01). */
const TOLERANCE = 1e-4;
/** Second gradients subtract more from each other. */
const SECOND_TOLERANCE = 1e-3;
const CASES = 16;

interface Batch {
  readonly graph: Graph;
  readonly outputs: Record<string, Tensor>;
  readonly feeds: Map<Tensor, Float64Array>;
}

function project(values: readonly Tensor[], random: () => number): Tensor {
  return sum(
    values.map((value) => {
      const wide = cast(value, "float32");
      const weights = Float32Array.from(uniform(random, value.size, 0.5, 1.5));
      return reduceSum(mul(wide, value.graph.constant(weights, "float32", value.shape)));
    }),
  );
}

/** Many cases of one operator in one graph, so that one session runs them all. */
function batchOf(make: Case, seed: number): Batch {
  const batch: Batch = { graph: new Graph(), outputs: {}, feeds: new Map() };
  for (let i = 0; i < CASES; i++) {
    const draw = new Draw(batch.graph, `case${i}`, 1000 * seed + i);
    const made = make(draw);
    const values = Array.isArray(made) ? (made as readonly Tensor[]) : [made as Tensor];
    const add = (name: string, tensors: readonly Tensor[]) => {
      tensors.forEach((tensor, k) => {
        batch.outputs[`case ${i} ${name} ${k}`] = tensor;
      });
    };
    add("value", values);
    const xs = [...draw.feeds.keys()].filter(isDifferentiable);
    const floats = values.filter(isDifferentiable);
    for (const [tensor, data] of draw.feeds) batch.feeds.set(tensor, data);
    if (xs.length === 0 || floats.length === 0) continue;
    const first = gradients(project(floats, draw.random), xs);
    add("gradient", first);
    add("second gradient", gradients(project(first, draw.random), xs));
  }
  return batch;
}

async function run({ graph, outputs, feeds }: Batch): Promise<Record<string, TypedArray>> {
  const inputs = Object.fromEntries([...feeds.keys()].map((tensor) => [tensor.name, tensor]));
  const program = await compile(graph, { inputs, outputs, device: "cpu", threads: 1 });
  try {
    return await program.run(
      Object.fromEntries(
        [...feeds].map(([tensor, data]) => [tensor.name, fromFloat64(tensor.dtype, data)]),
      ),
    );
  } finally {
    await program.dispose();
  }
}

/** Outputs that differ, and by how much relative to their largest element. */
function differences(batch: Batch, actual: Record<string, TypedArray>): Record<string, number> {
  const names = Object.keys(batch.outputs);
  const expected = evaluate(Object.values(batch.outputs), batch.feeds);
  const result: Record<string, number> = {};
  names.forEach((name, i) => {
    const tensor = batch.outputs[name]!;
    const values = toFloat64(tensor.dtype, actual[name]!);
    const reference = expected[i]!;
    const scale = reference.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-2);
    const error = reference.reduce((most, v, k) => Math.max(most, Math.abs(v - values[k]!)), 0);
    const tolerance = name.includes("second") ? SECOND_TOLERANCE : TOLERANCE;
    const same = values.length === reference.length && error <= tolerance * scale;
    if (!same) result[`${name} [${tensor.shape}]`] = error / scale;
  });
  return result;
}

it("there is a case for every supported operator", () => {
  expect(Object.keys(OPERATOR_CASES).sort()).toEqual(supportedOperators());
});

describe("on the cpu device", () => {
  it.each(Object.entries(OPERATOR_CASES))("%s agrees with the reference", async (type, make) => {
    const batch = batchOf(make, Object.keys(OPERATOR_CASES).indexOf(type));
    expect(differences(batch, await run(batch))).toEqual({});
  });
});
