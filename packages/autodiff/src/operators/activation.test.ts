import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  away,
  broadcastElement,
  coordinates,
  expectClose,
  shapes,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { type SmoothFunction, testFunction } from "../../test/smooth-function.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import type { OperatorDefinition } from "../graph/operator.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import {
  Celu,
  Clip,
  clip,
  Elu,
  elu,
  Gelu,
  gelu,
  HardSwish,
  hardSigmoid,
  hardSwish,
  LeakyRelu,
  LeakyReluGradient,
  leakyRelu,
  logSoftmax,
  Mish,
  PRelu,
  prelu,
  relu,
  Selu,
  Softmax,
  Swish,
  softmax,
  swish,
  ThresholdedRelu,
} from "./activation.js";
import { mul } from "./arithmetic.js";
import { reduceSum } from "./broadcasting.js";
import { erf } from "./elementary.js";
import { reshape } from "./layout.js";

/** The operator as it is when a model leaves all its attributes out. */
const byDefault = (definition: OperatorDefinition) => (x: Tensor) =>
  x.graph.apply(definition, [x], {})[0]!;
const logistic = (x: number) => (1 + Math.tanh(x / 2)) / 2;
const elu2 = (x: number) => (x < 0 ? 2 * (Math.exp(x) - 1) : x);

const ACTIVATIONS: Readonly<Record<string, SmoothFunction>> = {
  relu: { build: relu, value: (x) => Math.max(x, 0), kinks: [0] },
  "leakyRelu by default": { build: leakyRelu, value: (x) => (x > 0 ? x : 0.01 * x), kinks: [0] },
  "leakyRelu, positive slope": {
    build: (x) => leakyRelu(x, 0.2),
    value: (x) => (x > 0 ? x : 0.2 * x),
    kinks: [0],
  },
  "leakyRelu, negative slope": {
    build: (x) => leakyRelu(x, -0.5),
    value: (x) => (x > 0 ? x : -0.5 * x),
    kinks: [0],
  },
  "leakyRelu, no slope": {
    build: (x) => leakyRelu(x, 0),
    value: (x) => Math.max(x, 0),
    kinks: [0],
  },
  "leakyRelu, steep slope": {
    build: (x) => leakyRelu(x, 3),
    value: (x) => (x > 0 ? x : 3 * x),
    kinks: [0],
  },
  elu: { build: elu, value: (x) => (x < 0 ? Math.expm1(x) : x), kinks: [0] },
  "elu 2": { build: (x) => elu(x, 2), value: elu2, kinks: [0] },
  Celu: {
    build: (x) => x.graph.apply(Celu, [x], { alpha: 2 })[0]!,
    value: (x) => Math.max(0, x) + Math.min(0, 2 * (Math.exp(x / 2) - 1)),
    kinks: [0],
  },
  Selu: {
    build: byDefault(Selu as OperatorDefinition),
    value: (x) => Math.fround(1.050701) * (x > 0 ? x : Math.fround(1.6732632) * (Math.exp(x) - 1)),
    kinks: [0],
  },
  ThresholdedRelu: {
    build: (x) => x.graph.apply(ThresholdedRelu, [x], { alpha: 0.5 })[0]!,
    value: (x) => (x > 0.5 ? x : 0),
    kinks: [0.5],
  },
  hardSigmoid: {
    build: (x) => hardSigmoid(x, 0.5, 0.4),
    value: (x) => Math.min(1, Math.max(0, 0.5 * x + 0.4)),
    kinks: [-0.8, 1.2],
  },
  hardSwish: {
    build: hardSwish,
    value: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    kinks: [-3, 3],
  },
  gelu: { build: gelu, value: (x) => (x / 2) * (1 + erfOf(x / Math.SQRT2)) },
  "gelu, approximate": {
    build: (x) => gelu(x, "tanh"),
    value: (x) => x * logistic(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)),
  },
  Mish: { build: byDefault(Mish), value: (x) => x * Math.tanh(Math.log(1 + Math.exp(x))) },
  swish: { build: swish, value: (x) => x * logistic(x) },
  "swish 1.7": { build: (x) => swish(x, 1.7), value: (x) => x * logistic(1.7 * x) },
  "clip on both sides": {
    build: (x) => clip(x, { min: -1, max: 1.5 }),
    value: (x) => Math.min(Math.max(x, -1), 1.5),
    kinks: [-1, 1.5],
  },
  "clip below": {
    build: (x) => clip(x, { min: 0.5 }),
    value: (x) => Math.max(x, 0.5),
    kinks: [0.5],
  },
  "clip above": {
    build: (x) => clip(x, { max: 0.5 }),
    value: (x) => Math.min(x, 0.5),
    kinks: [0.5],
  },
};

/** The error function as the graph has it; elementary.test.ts compares that with an integral. */
function erfOf(x: number): number {
  const graph = new Graph();
  return valuesOf(erf(graph.constant(x, "float64")))[0]!;
}

const runs = { seed: 27, numRuns: 12 };

describe.each(Object.entries(ACTIVATIONS))("%s", (_, activation) => {
  testFunction({ low: -4, high: 4, by: 0.05, ...activation }, runs);
});

describe("PRelu", () => {
  const slopes = shapes(1, 4, 3).chain((shape) =>
    fc
      .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([drop, ones]) => ({
        shape,
        slope: shape.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(drop),
      })),
  );

  it("has its value and gradient, for slopes of any shape and sign", () => {
    fc.assert(
      fc.property(slopes, fc.integer(), ({ shape, slope }, seed) => {
        const random = generator(seed);
        const data = away(random, sizeOf(shape), [0]);
        const factors = uniform(random, sizeOf(slope), -0.5, 1.5);
        checkGradients({
          inputs: { x: { shape, data }, slope: { shape: slope, data: factors } },
          build: ({ x, slope: s }) => mul(prelu(x!, s!), x!),
          random,
        });
        const graph = new Graph();
        const x = graph.input("x", "float64", shape);
        const expected = data.map((v, flat) =>
          v < 0 ? v * broadcastElement(factors, slope, coordinates(flat, shape)) : v,
        );
        const constant = graph.constant(factors, "float64", slope);
        expectClose(valuesOf(prelu(x, constant), [[x, data]]), expected);
      }),
      { ...runs, numRuns: 30 },
    );
  });

  it("names a slope that would repeat x", () => {
    const graph = new Graph();
    const [x, slope] = [graph.input("x", "float32", [2, 1]), graph.input("s", "float32", [3])];
    expect(() => prelu(x, slope)).toThrow(
      'PRelu "PRelu": the slope does not broadcast to x (inputs [2,1], [3])',
    );
    const deep = graph.input("deep", "float32", [1, 1, 1]);
    expect(() => prelu(x, deep)).toThrow(/does not broadcast to x \(inputs \[2,1\], \[1,1,1\]\)/);
  });
});

describe("at the kink", () => {
  const x = new Graph().input("x", "float64", [3]);
  const at = (y: Tensor, data: readonly number[]) =>
    valuesOf(gradients(reduceSum(y), [x])[0]!, [[x, data]]);

  it("Relu and LeakyRelu have the slope of the negative side at 0", () => {
    expect(at(relu(x), [-1, 0, 1])).toEqual([0, 0, 1]);
    expect(at(leakyRelu(x, 0.2), [-1, 0, 1])).toEqual([0.2, 0.2, 1]);
  });

  it("Clip passes the cotangent at its bounds", () => {
    expect(at(clip(x, { min: -1, max: 1 }), [-1, 0, 1])).toEqual([1, 1, 1]);
    expect(at(clip(x, { min: -1, max: 1 }), [-1.5, 0, 1.5])).toEqual([0, 1, 0]);
  });
});

describe("the gradient of Relu", () => {
  it("reads the output, so that the input need not be kept", () => {
    const x = new Graph().input("x", "float32", [3]);
    const y = relu(x);
    const [g] = gradients(reduceSum(y), [x]);
    expect(producedBy(g!, LeakyReluGradient)!.input(1)).toBe(y);
  });
});

describe("Softmax and LogSoftmax", () => {
  const cases = shapes(1, 3, 4).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
    }),
  );

  it("have their values", () => {
    fc.assert(
      fc.property(cases, fc.integer(), ({ shape, axis }, seed) => {
        const x = new Graph().input("x", "float64", shape);
        const data = uniform(generator(seed), x.size, -3, 3);
        const along = axis < 0 ? axis + shape.length : axis;
        const line = (flat: number) => {
          const own = coordinates(flat, shape);
          return range(x.size).filter((other) =>
            coordinates(other, shape).every((i, a) => a === along || i === own[a]),
          );
        };
        const expected = data.map(
          (v, flat) => Math.exp(v) / line(flat).reduce((s, i) => s + Math.exp(data[i]!), 0),
        );
        expectClose(valuesOf(softmax(x, axis), [[x, data]]), expected);
        expectClose(valuesOf(logSoftmax(x, axis), [[x, data]]), expected.map(Math.log));
      }),
      runs,
    );
  });

  it("have their gradients", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), fc.integer(), ({ shape, axis }, logarithm, seed) =>
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => (logarithm ? logSoftmax : softmax)(x!, axis),
          random: generator(seed),
        }),
      ),
      { ...runs, numRuns: 30 },
    );
  });

  it("do not overflow", () => {
    const x = new Graph().input("x", "float64", [2]);
    expect(valuesOf(softmax(x), [[x, [1000, 1000]]])).toEqual([0.5, 0.5]);
    expect(valuesOf(logSoftmax(x), [[x, [1000, -1000]]])).toEqual([0, -2000]);
  });

  it("flattened, as before opset 13, normalise over all axes from the given one", () => {
    const x = new Graph().input("x", "float64", [2, 2, 3]);
    const flattened = x.graph.apply(Softmax, [x], { flatten: 1 })[0]!;
    expect(flattened).toBe(reshape(softmax(reshape(x, [2, 6]), 1), [2, 2, 3]));
    const last = x.graph.apply(Softmax, [x], { flatten: 1, axis: 2 })[0]!;
    expect(last).toBe(reshape(softmax(reshape(x, [4, 3]), 1), [2, 2, 3]));
    expect(softmax(x)).toBe(x.graph.apply(Softmax, [x], { axis: -1 })[0]);
  });

  it("name an axis that is not there", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(() => softmax(x, 2)).toThrow(
      'Softmax "Softmax": axis 2 is outside rank 2 (inputs [2,3])',
    );
    expect(() => logSoftmax(x, -3)).toThrow(/LogSoftmax "LogSoftmax": axis -3/);
  });
});

describe("what activations are made of", () => {
  const x = new Graph().input("x", "float32", [2]);

  it("those that ONNX Runtime computes in one pass stay whole", () => {
    for (const definition of [LeakyRelu, Elu, Celu, Selu, ThresholdedRelu]) {
      const y = byDefault(definition as OperatorDefinition)(x);
      expect(typesOf(y)).toEqual([definition.type]);
    }
  });

  it("the others are spelled out at once", () => {
    for (const definition of [HardSwish, Gelu, Mish, Swish]) {
      const y = byDefault(definition as OperatorDefinition)(x);
      expect(typesOf(y)).not.toContain(definition.type);
    }
    expect(swish(x)).toBe(byDefault(Swish as OperatorDefinition)(x));
  });

  it("Clip without bounds is its input", () => {
    expect(clip(x, {})).toBe(x);
    expect(x.graph.apply(Clip, [x], {})[0]).toBe(x);
  });

  it("the slope is named when there are too many inputs", () => {
    expect(() => x.graph.apply(PRelu, [x], {})).toThrow(/PRelu: takes 2 inputs, not 1/);
    expect(() => x.graph.apply(LeakyRelu, [x, x], {}, "act")).toThrow(
      'LeakyRelu "act": takes 1 inputs, not 2 (inputs [2], [2])',
    );
  });
});
