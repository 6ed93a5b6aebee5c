/**
 * Where a network gets its weights from. A network is a function that asks for each weight by name, shape and
 * how it begins; who answers decides what it is for: training feeds them, an exported generator holds them.
 */
import type { Graph, Shape, Tensor } from "@ganfit/autodiff";
import { GanfitError, randomNormals } from "@ganfit/core";

/** Independent numbers from N(0, 1), or the same number everywhere. */
export type Initial = "normal" | number;

export interface WeightSpec {
  readonly shape: Shape;
  readonly initial: Initial;
}

/** Answers a network that asks for a weight. */
export type WeightSource = (name: string, shape: Shape, initial: Initial) => Tensor;

/** Weights by name, flat, in the order of their names in the network. */
export type WeightValues = Record<string, Float32Array>;

export interface TrainableWeights {
  readonly source: WeightSource;
  /** By name, in the order in which they were asked for. */
  readonly specs: Map<string, WeightSpec>;
  /** Inputs of the graph. */
  readonly tensors: Record<string, Tensor>;
}

/**
 * Weights that are inputs of a graph: they can be differentiated and are fed at every run. A weight asked
 * for twice is one input.
 *
 * @param prefix begins the inputs' names, as in `generator/`
 */
export function trainableWeights(graph: Graph, prefix: string): TrainableWeights {
  const specs = new Map<string, WeightSpec>();
  const tensors: Record<string, Tensor> = {};
  const source: WeightSource = (name, shape, initial) => {
    const full = `${prefix}${name}`;
    tensors[full] ??= graph.input(full, "float32", shape);
    specs.set(full, { shape, initial });
    return tensors[full];
  };
  return { source, specs, tensors };
}

/**
 * Weights that are constants of a graph.
 *
 * @throws GanfitError `usage` where the network asks for one that is not there
 */
export function constantWeights(graph: Graph, prefix: string, values: WeightValues): WeightSource {
  return (name, shape) => {
    const data = values[`${prefix}${name}`];
    if (!data) throw new GanfitError("usage", `The weights have no ${prefix}${name}.`);
    return graph.constant(data, "float32", shape);
  };
}

/** What training begins with; a weight's numbers depend on the seed, its name and its size alone. */
export function initialValues(specs: ReadonlyMap<string, WeightSpec>, seed: number): WeightValues {
  const values: WeightValues = {};
  for (const [name, { shape, initial }] of specs) {
    const size = shape.reduce((product, side) => product * side, 1);
    values[name] =
      initial === "normal"
        ? Float32Array.from(randomNormals(size, seed ^ hashOf(name)))
        : new Float32Array(size).fill(initial);
  }
  return values;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
