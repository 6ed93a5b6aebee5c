/** Networks evaluated in float64, for tests. */
import { evaluate, Graph, type Tensor } from "@ganfit/autodiff";
import { randomNormals } from "@ganfit/core";
import {
  initialValues,
  type TrainableWeights,
  trainableWeights,
  type WeightSource,
  type WeightSpec,
  type WeightValues,
} from "../src/networks/weights.js";

/** Numbers from N(0, 1). */
export function noise(count: number, seed: number): Float32Array {
  return Float32Array.from(randomNormals(count, seed));
}

/** Every weight from N(0, 1), those that begin as zeros too. */
export function randomValues(specs: ReadonlyMap<string, WeightSpec>, seed: number): WeightValues {
  const random = [...specs].map(([name, { shape }]) => [name, { shape, initial: "normal" }]);
  return initialValues(new Map(random as [string, WeightSpec][]), seed);
}

/** What a graph needs to know of its weights' values. */
export function feedsOf({ tensors }: TrainableWeights, values: WeightValues) {
  return new Map(Object.entries(tensors).map(([name, tensor]) => [tensor, values[name]!] as const));
}

/**
 * What a network makes of its weights as training begins with them, or as they are given.
 *
 * @param build the network: outputs by name
 */
export function valuesOf<Name extends string>(
  build: (weights: WeightSource, graph: Graph) => Record<Name, Tensor>,
  given: WeightValues | number = 1,
): Record<Name, Float64Array> {
  const graph = new Graph();
  const weights = trainableWeights(graph, "");
  const outputs = Object.entries(build(weights.source, graph)) as [Name, Tensor][];
  const values = typeof given === "number" ? initialValues(weights.specs, given) : given;
  const found = evaluate(
    outputs.map(([, tensor]) => tensor),
    feedsOf(weights, values),
  );
  return Object.fromEntries(outputs.map(([name], i) => [name, found[i]!])) as Record<
    Name,
    Float64Array
  >;
}

/** Weights of a network that is built and not run. */
export function specsOf(build: (weights: WeightSource, graph: Graph) => unknown) {
  const graph = new Graph();
  const { source, specs } = trainableWeights(graph, "");
  build(source, graph);
  return specs;
}

export function countOf(specs: ReadonlyMap<string, WeightSpec>): number {
  let count = 0;
  for (const { shape } of specs.values()) {
    count += shape.reduce((product, side) => product * side, 1);
  }
  return count;
}
