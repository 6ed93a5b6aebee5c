import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { sizeOf } from "../graph/shape.js";
import {
  BatchNormalization,
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  LayerNormalization,
  LpNormalization,
  layerNormalization,
  lpNormalization,
} from "./normalisation.js";

const runs = { seed: 11, numRuns: 12 };
const dim = fc.integer({ min: 1, max: 3 });
const seed = fc.integer();
/** Spatial axes of which one at least has room for a variance. */
const spatial = fc.array(dim, { minLength: 0, maxLength: 2 }).map((dims): number[] => [...dims, 3]);

describe("gradients", () => {
  it("of BatchNormalization, for all five inputs", () => {
    const shape = fc.array(dim, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(shape, seed, (dims, s) => {
        const random = generator(s);
        const one = { shape: [dims[1]!] };
        const positive = { ...one, data: uniform(random, dims[1]!, 0.5, 2) };
        checkGradients({
          inputs: { x: { shape: dims }, scale: one, bias: one, mean: one, variance: positive },
          build: ({ x, scale, bias, mean, variance }) =>
            batchNormalization(x!, scale!, bias!, mean!, variance!, 0.1),
          random,
        });
      }),
      runs,
    );
  });

  it("of InstanceNormalization", () => {
    fc.assert(
      fc.property(dim, dim, spatial, seed, (n, c, rest, s) => {
        checkGradients({
          inputs: { x: { shape: [n, c, ...rest] }, scale: { shape: [c] }, bias: { shape: [c] } },
          build: ({ x, scale, bias }) => instanceNormalization(x!, scale!, bias!, 0.05),
          random: generator(s),
        });
      }),
      runs,
    );
  });

  it("of LayerNormalization, with and without bias, scale broadcast or not", () => {
    const shape = fc.array(dim, { minLength: 0, maxLength: 2 }).map((d): number[] => [...d, 3]);
    const axis = fc.integer({ min: -3, max: 2 });
    fc.assert(
      fc.property(shape, axis, fc.boolean(), fc.boolean(), seed, (dims, a, biased, short, s) => {
        fc.pre(a >= -dims.length && a < dims.length);
        const normalised = dims.slice(a);
        const scale = { shape: short ? normalised.map(() => 1) : normalised };
        checkGradients({
          inputs: { x: { shape: dims }, scale, ...(biased && { bias: { shape: normalised } }) },
          build: ({ x, scale, bias }) => layerNormalization(x!, scale!, bias, a, 0.05),
          random: generator(s),
        });
      }),
      runs,
    );
  });

  it("of GroupNormalization, scaled by channel and by group", () => {
    fc.assert(
      fc.property(dim, dim, dim, fc.boolean(), seed, (n, groups, per, byGroup, s) => {
        const c = groups * per;
        const one = { shape: [byGroup ? groups : c] };
        checkGradients({
          inputs: { x: { shape: [n, c, 2, 2] }, scale: one, bias: one },
          build: ({ x, scale, bias }) => groupNormalization(x!, scale!, bias!, groups, 0.05),
          random: generator(s),
        });
      }),
      runs,
    );
  });

  it("of LpNormalization, p = 1 and 2", () => {
    const shape = fc.array(dim, { minLength: 1, maxLength: 3 });
    const axis = fc.integer({ min: -3, max: 2 });
    fc.assert(
      fc.property(shape, axis, fc.constantFrom(1 as const, 2 as const), seed, (dims, a, p, s) => {
        fc.pre(a >= -dims.length && a < dims.length);
        const random = generator(s);
        // Away from the kinks of |x|.
        const data = uniform(random, sizeOf(dims), 0.3, 1).map((v) => (random() < 0.5 ? v : -v));
        checkGradients({
          inputs: { x: { shape: dims, data } },
          build: ({ x }) => lpNormalization(x!, a, p),
          random,
        });
      }),
      { ...runs, numRuns: 20 },
    );
  });
});

describe("values", () => {
  const values = (build: (graph: Graph) => ReturnType<Graph["input"]>) => {
    const graph = new Graph();
    return [...evaluate([build(graph)], new Map())[0]!];
  };

  it("standardise groups of channels apart", () => {
    const value = values((graph) => {
      const x = graph.constant([1, 3, 10, 30, 5, 5, 5, 7], "float64", [1, 4, 2]);
      const scale = graph.constant([1, 1, 1, 2], "float64");
      return groupNormalization(x, scale, graph.constant([0, 0, 0, 1], "float64"), 2, 0);
    });
    const deviation = Math.sqrt(0.75);
    expect(value.slice(4)).toEqual(
      [-0.5, -0.5, -1, 3].map((v, i) => expect.closeTo(v / deviation + (i > 1 ? 1 : 0))),
    );
  });

  it("leave a zero vector zero, with a finite gradient", () => {
    const zero = (graph: Graph) => lpNormalization(graph.constant(0, "float64", [2, 2]));
    expect(values(zero)).toEqual([0, 0, 0, 0]);
  });
});

describe("errors", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 4, 3]);
  const two = graph.input("two", "float32", [2]);
  const four = graph.input("four", "float32", [4]);

  it("name what does not fit", () => {
    expect(() => batchNormalization(x, two, four, four, four)).toThrow(/input 1 must be \[4\]/);
    expect(() => instanceNormalization(two, two, two)).toThrow(/\[N, C, spatial\.\.\.\]/);
    expect(() => layerNormalization(x, four)).toThrow(/broadcast to \[3\]/);
    expect(() => layerNormalization(x, four, undefined, 3)).toThrow(/axis 3 is outside rank 3/);
    expect(() => groupNormalization(x, four, four, 3)).toThrow(/do not divide into 3 groups/);
    expect(() => lpNormalization(x, -4)).toThrow(/axis -4 is outside rank 3/);
    expect(() => graph.apply(LpNormalization, [x], { p: 3 })).toThrow(/p = 3/);
    const half = graph.input("half", "float16", [4]);
    expect(() => batchNormalization(x, half, four, four, four)).toThrow(/element types differ/);
  });

  it("refuse what inference does not have", () => {
    const inputs = [x, four, four, four, four];
    const training = () => graph.apply(BatchNormalization, inputs, { training_mode: 1 });
    expect(training).toThrow(/training mode/);
    expect(() => graph.apply(BatchNormalization, inputs, { spatial: 0 })).toThrow(/spatial/);
  });

  it("leave out attributes that opset 17 does not know", () => {
    const attributes = { spatial: 1, momentum: 0.9, epsilon: 1e-3 };
    const [y] = graph.apply(BatchNormalization, [x, four, four, four, four], attributes);
    expect(y!.producer!.attributes).toEqual({ epsilon: 1e-3 });
    const three = graph.input("three", "float32", [3]);
    const [z] = graph.apply(LayerNormalization, [x, three], { stash_type: 1 });
    expect(z).toBe(layerNormalization(x, three));
  });
});
