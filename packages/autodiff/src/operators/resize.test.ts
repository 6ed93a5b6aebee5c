import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { lowerResize, lowerSumBlocks } from "../lowering/resize.js";
import {
  Resize,
  type ResizeAttributes,
  resizeLinear,
  resizeNearest,
  SumBlocks,
  sumBlocks,
  Upsample,
  upsample,
} from "./resize.js";

const runs = { seed: 13, numRuns: 40 };
const coordinates = fc.constantFrom(
  "half_pixel" as const,
  "pytorch_half_pixel" as const,
  "align_corners" as const,
  "asymmetric" as const,
);
const rounding = fc.constantFrom(
  "round_prefer_floor" as const,
  "round_prefer_ceil" as const,
  "floor" as const,
  "ceil" as const,
);
const shapes = fc.integer({ min: 1, max: 4 }).chain((rank) => {
  const dims = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: rank, maxLength: rank });
  return fc.tuple(dims, dims);
});

function along(values: readonly number[], attributes: ResizeAttributes): number[] {
  const graph = new Graph();
  const x = graph.input("x", "float64", [values.length]);
  const y = graph.apply(Resize, [x], attributes)[0]!;
  return [...evaluate([y], new Map([[x, values]]))[0]!];
}

describe("gradients", () => {
  it("of nearest and linear resizing, first and second", () => {
    fc.assert(
      fc.property(
        shapes,
        fc.boolean(),
        coordinates,
        rounding,
        fc.integer(),
        (s, linear, c, r, seed) =>
          checkGradients({
            inputs: { x: { shape: s[0] } },
            build: ({ x }) =>
              linear
                ? resizeLinear(x!, s[1], { coordinates: c })
                : resizeNearest(x!, s[1], { coordinates: c, rounding: r }),
            random: generator(seed),
          }),
      ),
      runs,
    );
  });

  it("of whole factors, and of the sum over blocks", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), fc.integer(), ([small, factors], sum, seed) =>
        checkGradients({
          inputs: { x: { shape: sum ? small.map((n, i) => n * factors[i]!) : small } },
          build: ({ x }) => (sum ? sumBlocks(x!, factors) : upsample(x!, factors)),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });
});

describe("values", () => {
  const x = [1, 2, 3, 4];

  it("follow the examples of the ONNX specification", () => {
    const linear = { mode: "linear" };
    expect(along(x, { ...linear, scales: [2] })).toEqual([
      1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4,
    ]);
    const corners = along([1, 2], {
      ...linear,
      scales: [2],
      coordinate_transformation_mode: "align_corners",
    });
    expect(corners).toEqual([1, 4 / 3, 5 / 3, 2].map((v) => expect.closeTo(v, 6)));
    expect(along(x, { ...linear, scales: [0.6] })).toEqual(
      [5 / 3 - 1 / 3, 3].map((v) => expect.closeTo(v, 6)),
    );
    const single = { ...linear, scales: [0.3] };
    expect(along(x, { ...single, coordinate_transformation_mode: "pytorch_half_pixel" })).toEqual([
      1,
    ]);
    expect(along(x, { sizes: [7] })).toEqual([1, 1, 2, 2, 3, 4, 4]);
    expect(
      along(x, { sizes: [8], coordinate_transformation_mode: "asymmetric", nearest_mode: "ceil" }),
    ).toEqual([1, 2, 2, 3, 3, 4, 4, 4]);
  });

  it("of opset 10, whose scales lie where the region of interest is now", () => {
    expect(along(x, { roi: [2] })).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(along([1, 2, 3, 4, 5], { roi: [0.6] })).toEqual([1, 3, 5]);
    expect(along(x, { roi: [2], mode: "linear" })).toEqual([1, 1.5, 2, 2.5, 3, 3.5, 4, 4]);
  });

  it("take some axes only, in any order", () => {
    const graph = new Graph();
    const image = graph.input("x", "float32", [1, 3, 4, 5]);
    const resized = graph.apply(Resize, [image], { axes: [3, -2], sizes: [10, 12] })[0]!;
    expect(resized).toBe(upsample(image, [3, 2]));
    expect(resized.shape).toEqual([1, 3, 12, 10]);
  });

  /** Both in float64, for the same input. */
  const agree = (x: Tensor, y: Tensor, lowered: Tensor) => {
    const data = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i));
    const [as, bs] = evaluate([y, lowered], new Map([[x, data]]));
    expect([...bs!]).toEqual([...as!].map((a) => expect.closeTo(a, 10)));
  };

  it("of linear resizing agree with what it is lowered to", () => {
    fc.assert(
      fc.property(shapes, coordinates, ([from, to], c) => {
        const image = new Graph().input("x", "float64", [2, ...from]);
        const y = resizeLinear(image, [3, ...to], { coordinates: c });
        const node = producedBy(y, Resize);
        agree(image, y, (node && lowerResize(node)?.[0]) ?? y);
      }),
      runs,
    );
  });

  it("of sums over blocks agree with what they are lowered to, on images and in general", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), ([sizes, spatial], image) => {
        const factors = image ? [1, 1, ...spatial] : [2, 1, ...spatial];
        const shape = [2, 3, ...sizes].map((n, i) => n * factors[i]!);
        const x = new Graph().input("x", "float64", shape);
        const y = sumBlocks(x, factors);
        const node = producedBy(y, SumBlocks);
        agree(x, y, node ? lowerSumBlocks(node)[0]! : y);
      }),
      runs,
    );
  });
});

describe("canonical form", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2, 4, 4]);

  it("is one node for every way to say a repetition", () => {
    const twice = upsample(x, 2);
    expect(resizeNearest(x, [8, 8])).toBe(twice);
    expect(graph.apply(Upsample, [x], { scales: [1, 1, 2, 2] })[0]).toBe(twice);
    const symmetric = {
      sizes: [1, 2, 8, 8],
      coordinate_transformation_mode: "half_pixel_symmetric",
    };
    expect(graph.apply(Resize, [x], symmetric)[0]).toBe(twice);
  });

  it("is nothing at all where nothing changes", () => {
    expect(resizeLinear(x, [4, 4])).toBe(x);
    expect(upsample(x, 1)).toBe(x);
  });
});

describe("errors", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2, 4, 4]);
  const resize = (attributes: ResizeAttributes) => () => graph.apply(Resize, [x], attributes);

  it("name what is not supported or does not fit", () => {
    const scales = [1, 1, 2, 2];
    expect(resize({ mode: "cubic", scales })).toThrow(/mode "cubic" is not supported/);
    const crop = { coordinate_transformation_mode: "tf_crop_and_resize", scales };
    expect(resize(crop)).toThrow(/"tf_crop_and_resize" is not supported/);
    expect(resize({ antialias: 1, scales })).toThrow(/antialiasing/);
    expect(resize({ nearest_mode: "up", scales })).toThrow(/nearest_mode "up"/);
    expect(resize({})).toThrow(/neither scales nor sizes/);
    expect(resize({ scales, sizes: [1, 2, 8, 8] })).toThrow(/exclude each other/);
    expect(resize({ scales: [2, 2] })).toThrow(/one non-negative number per axis/);
    expect(resize({ sizes: [1, 2, 8, -8] })).toThrow(/one non-negative number per axis/);
    expect(resize({ sizes: [1, 2, 8, 8], axes: [0, 1, 2, 7] })).toThrow(/outside rank 4/);
    expect(resize({ scales: [1, 1, 0, 2] })).toThrow(/must be positive/);
    expect(() => sumBlocks(x, [1, 1, 3, 1])).toThrow(/do not tile/);
    expect(() => graph.apply(Upsample, [x], { scales: [1, 1, 0.5, 1] })).toThrow(/at least 1/);
  });
});
