import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { coordinates, shapes, typesOf, valuesOf } from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { type DType, dtypeInfo } from "../graph/dtype.js";
import { Graph } from "../graph/graph.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import {
  cast,
  Flatten,
  flatten,
  Identity,
  Reshape,
  reshape,
  Squeeze,
  squeeze,
  Transpose,
  transpose,
  Unsqueeze,
  unsqueeze,
} from "./layout.js";

const runs = { seed: 23, numRuns: 40 };

/** A shape and another with as many elements: the dimensions shuffled, some merged. */
const reshapings = shapes(0, 4).chain((shape) =>
  fc
    .tuple(fc.shuffledSubarray(range(shape.length), { minLength: shape.length }), fc.nat(3))
    .map(([order, merged]) => {
      const dims = order.map((axis) => shape[axis]!);
      const head = dims.slice(0, merged);
      return { shape, to: head.length > 1 ? [sizeOf(head), ...dims.slice(merged)] : dims };
    }),
);

const permutations = shapes(1, 4).chain((shape) => {
  const perm = fc.shuffledSubarray(range(shape.length), { minLength: shape.length });
  return fc.record({ shape: fc.constant(shape), first: perm, second: perm });
});

/** An input whose elements are 0, 1, 2, ... */
function ramp(shape: Shape, dtype: DType = "float64") {
  const x = new Graph().input("x", dtype, shape);
  const read = (y: Tensor) => valuesOf(y, [[x, range(x.size)]]);
  return { x, read };
}

describe("Reshape", () => {
  it("keeps the elements in order", () => {
    fc.assert(
      fc.property(reshapings, fc.nat(3), ({ shape, to }, free) => {
        const { x, read } = ramp(shape);
        const y = reshape(x, to);
        expect(y.shape).toEqual(to);
        expect(read(y)).toEqual(range(x.size));
        const open = to.map((dim, axis) => (axis === free ? -1 : dim));
        expect(reshape(x, open)).toBe(y);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(reshapings, fc.integer(), ({ shape, to }, seed) =>
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => mul(reshape(x!, to), reshape(mul(x!, x!), to)),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });

  it("of a reshape is one reshape, and none where the shape stays", () => {
    const { x } = ramp([2, 6]);
    const twice = reshape(reshape(x, [3, 4]), [12]);
    expect(twice).toBe(reshape(x, [12]));
    expect(typesOf(twice)).toEqual(["Reshape"]);
    expect(reshape(reshape(x, [3, 4]), [2, 6])).toBe(x);
    expect(reshape(x, [2, -1])).toBe(x);
  });

  it("copies a dimension where ONNX has 0, unless zeros are allowed", () => {
    const { x } = ramp([2, 6]);
    expect(x.graph.apply(Reshape, [x], { shape: [0, 3, 2] })[0]!.shape).toEqual([2, 3, 2]);
    const empty = x.graph.input("empty", "float32", [0, 3]);
    expect(reshape(empty, [3, 0]).shape).toEqual([3, 0]);
    expect(() => x.graph.apply(Reshape, [empty], { shape: [0, -1] })).toThrow(/0 elements/);
  });

  it("names what does not fit", () => {
    const { x } = ramp([2, 6]);
    expect(() => reshape(x, [5])).toThrow('Reshape "Reshape": cannot reshape 12 elements to [5]');
    expect(() => reshape(x, [5, -1])).toThrow(/to \[5,-1\] \(inputs \[2,6\]\)/);
    expect(() => reshape(x, [-1, -1])).toThrow(/cannot reshape 12 elements/);
  });
});

describe("Squeeze, Unsqueeze and Flatten", () => {
  const { x } = ramp([2, 1, 3, 1]);

  it("are reshapes", () => {
    expect(squeeze(x)).toBe(reshape(x, [2, 3]));
    expect(squeeze(x, [1])).toBe(reshape(x, [2, 3, 1]));
    expect(squeeze(x, [-1])).toBe(reshape(x, [2, 1, 3]));
    expect(unsqueeze(x, [0, -1])).toBe(reshape(x, [1, 2, 1, 3, 1, 1]));
    expect(unsqueeze(squeeze(x, [1, 3]), [1, 3])).toBe(x);
    expect(flatten(x)).toBe(reshape(x, [2, 3]));
    expect(flatten(x, 0)).toBe(reshape(x, [1, 6]));
    expect(flatten(x, -2)).toBe(reshape(x, [2, 3]));
    expect(flatten(x, 4)).toBe(reshape(x, [6, 1]));
    expect(x.graph.apply(Flatten, [x], {})[0]).toBe(flatten(x, 1));
  });

  it("have their own value while constants", () => {
    const one = x.graph.constant([1, 2, 3], "float64", [1, 3]);
    for (const [definition, attributes, shape] of [
      [Squeeze, { axes: [0] }, [3]],
      [Unsqueeze, { axes: [1] }, [1, 1, 3]],
    ] as const) {
      const y = one.graph.apply(definition as typeof Squeeze, [one], attributes)[0]!;
      expect(y.shape).toEqual(shape);
      expect(valuesOf(y)).toEqual([1, 2, 3]);
    }
  });

  it("name what does not fit", () => {
    expect(() => squeeze(x, [0])).toThrow(/Squeeze "Squeeze.*": cannot squeeze axis 0 of size 2/);
    expect(() => squeeze(x, [4])).toThrow(/axis 4 is outside rank 4 \(inputs \[2,1,3,1\]\)/);
    expect(() => unsqueeze(x, [0, 0])).toThrow(/axes \[0,0\] repeat/);
    expect(() => flatten(x, 5)).toThrow(/axis 5 is outside rank 4/);
  });
});

describe("Transpose", () => {
  it("moves every element", () => {
    fc.assert(
      fc.property(permutations, ({ shape, first: perm }) => {
        const { x, read } = ramp(shape);
        const y = transpose(x, perm);
        expect(y.shape).toEqual(perm.map((axis) => shape[axis]!));
        const expected = range(x.size).map((flat) => {
          const index = coordinates(flat, y.shape);
          return shape.reduce((at, dim, axis) => at * dim + index[perm.indexOf(axis)]!, 0);
        });
        expect(read(y)).toEqual(expected);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(permutations, fc.integer(), ({ shape, first: perm }, seed) =>
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => transpose(mul(x!, x!), perm),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });

  it("of a transpose is one transpose", () => {
    fc.assert(
      fc.property(permutations, ({ shape, first, second }) => {
        const joint = second.map((axis) => first[axis]!);
        const { x, read } = ramp(shape);
        const twice = transpose(transpose(x, first), second);
        expect(twice.shape).toEqual(transpose(x, joint).shape);
        expect(read(twice)).toEqual(read(transpose(x, joint)));
        // Axes of size one move by reshaping, which may come in between.
        const larger = ramp(shape.map((dim) => dim + 1)).x;
        expect(transpose(transpose(larger, first), second)).toBe(transpose(larger, joint));
      }),
      runs,
    );
  });

  it("is nothing, or a reshape, where no data moves", () => {
    const { x } = ramp([2, 1, 3]);
    expect(transpose(x, [0, 1, 2])).toBe(x);
    expect(transpose(x, [1, 0, 2])).toBe(reshape(x, [1, 2, 3]));
    expect(x.graph.apply(Transpose, [x], {})[0]!.shape).toEqual([3, 1, 2]);
  });

  it("names what is not a permutation", () => {
    const { x } = ramp([2, 1, 3]);
    expect(() => transpose(x, [0, 1])).toThrow(/\[0,1\] is not a permutation of 3 axes/);
    expect(() => transpose(x, [0, 1, 1])).toThrow(/Transpose "Transpose.*repeat.*\[2,1,3\]/);
    expect(() => transpose(x, [0, 1, 3])).toThrow(/outside rank 3/);
  });
});

describe("Identity and Cast", () => {
  it("Identity is its input", () => {
    const { x } = ramp([3]);
    expect(x.graph.apply(Identity, [x], {})[0]).toBe(x);
    expect(cast(x, "float64")).toBe(x);
  });

  it("casts cut fractions, and to bool ask whether the element is zero", () => {
    const x = new Graph().input("x", "float64", [4]);
    const read = (dtype: DType) => valuesOf(cast(x, dtype), [[x, [-1.7, 0, 0.4, 2.9]]]);
    expect(read("int64").map((v) => v + 0)).toEqual([-1, 0, 0, 2]);
    expect(read("bool")).toEqual([1, 0, 1, 1]);
    expect(read("float32")).toEqual([-1.7, 0, 0.4, 2.9]);
    expect(valuesOf(cast(x.graph.constant([1.25, 300], "float64"), "uint8"))[0]).toBe(1);
  });

  it("the gradient is cast back, and stops at integers", () => {
    const x = new Graph().input("x", "float32", [2]);
    const wide = cast(x, "float64");
    const [g] = gradients(mul(wide, wide), [x], {
      cotangent: x.graph.constant([1, 1], "float64"),
    });
    expect(g!.dtype).toBe("float32");
    expect(valuesOf(g!, [[x, [3, 4]]])).toEqual([6, 8]);
    const whole = mul(cast(cast(x, "int32"), "float32"), x);
    const [through] = gradients(whole, [x], { cotangent: x.graph.constant(1, "float32", [2]) });
    expect(valuesOf(through!, [[x, [3.5, 4.5]]])).toEqual([3, 4]);
  });

  it("an unknown type is named", () => {
    const { x } = ramp([3]);
    const { code } = dtypeInfo("float32");
    expect(code).toBe(1);
    const unknown = { to: 8 };
    const apply = () => x.graph.apply({ ...cast(x, "float32").producer!.definition }, [x], unknown);
    expect(apply).toThrow(/Cast ".*": data type 8 unknown/);
  });
});
