/**
 * First and second adjoints against central differences, all in float64: the graph is built in
 * float64 and run by the reference evaluator, so the only error left is the differences' own.
 */
import { expect } from "vitest";
import { gradients } from "../src/differentiate/gradients.js";
import { evaluate } from "../src/evaluate/evaluate.js";
import { Graph } from "../src/graph/graph.js";
import { type Shape, sizeOf } from "../src/graph/shape.js";
import type { Tensor } from "../src/graph/tensor.js";
import { mul, sum } from "../src/operators/arithmetic.js";
import { reduceSum } from "../src/operators/broadcasting.js";

/** Uniform numbers in [0, 1): mulberry32. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function uniform(random: () => number, size: number, low = -1, high = 1): Float64Array {
  return Float64Array.from({ length: size }, () => low + (high - low) * random());
}

export interface Sample {
  readonly shape: Shape;
  /** Default: uniform in [-1, 1]. */
  readonly data?: Float64Array;
}

export interface GradientCheck {
  /** Differentiated inputs. Indices and the like are constants that `build` makes itself. */
  readonly inputs: Readonly<Record<string, Sample>>;
  readonly build: (tensors: Record<string, Tensor>, graph: Graph) => Tensor;
  readonly random: () => number;
  /** Check the gradient's gradient too. Default true. */
  readonly second?: boolean;
  readonly step?: number;
  /** Largest |difference| relative to the largest gradient element. Default 1e-5. */
  readonly tolerance?: number;
}

export function checkGradients(check: GradientCheck): void {
  const { random, step = 1e-5, tolerance = 1e-5 } = check;
  const graph = new Graph();
  const names = Object.keys(check.inputs);
  const tensors: Record<string, Tensor> = {};
  const feeds = new Map<Tensor, Float64Array>();
  for (const name of names) {
    const { shape, data } = check.inputs[name]!;
    const tensor = graph.input(name, "float64", shape);
    tensors[name] = tensor;
    feeds.set(tensor, data ?? uniform(random, sizeOf(shape)));
  }
  const xs = names.map((name) => tensors[name]!);
  const project = (values: readonly Tensor[]) =>
    sum(
      values.map((value) => {
        const weights = uniform(random, value.size, 0.5, 1.5);
        return reduceSum(mul(value, graph.constant(weights, "float64", value.shape)));
      }),
    );
  const loss = project([check.build(tensors, graph)]);
  const first = gradients(loss, xs);
  compare(loss, xs, first, feeds, step, tolerance, "first");
  if (check.second === false) return;
  const scalar = project(first);
  compare(scalar, xs, gradients(scalar, xs), feeds, step, tolerance, "second");
}

function compare(
  loss: Tensor,
  xs: readonly Tensor[],
  analytic: readonly Tensor[],
  feeds: Map<Tensor, Float64Array>,
  step: number,
  tolerance: number,
  order: string,
): void {
  const values = evaluate(analytic, feeds);
  const lossAt = () => evaluate([loss], feeds)[0]![0]!;
  const numeric = xs.map((x) => {
    const data = feeds.get(x)!;
    return data.map((original, i) => {
      data[i] = original + step;
      const above = lossAt();
      data[i] = original - step;
      const below = lossAt();
      data[i] = original;
      return (above - below) / (2 * step);
    });
  });
  const scale = Math.max(1e-3, ...numeric.flatMap((d) => [...d].map(Math.abs)));
  xs.forEach((x, k) => {
    values[k]!.forEach((value, i) => {
      const error = Math.abs(value - numeric[k]![i]!) / scale;
      expect(
        error,
        `${order} gradient of ${x.name}[${i}]: ${value}, differences ${numeric[k]![i]}`,
      ).toBeLessThanOrEqual(tolerance);
    });
  });
}
