import fc from "fast-check";
import { expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering, shapes } from "../../test/properties.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { Resize, resizeLinear, resizeNearest, SumBlocks, sumBlocks } from "../operators/resize.js";

const sizes = shapes(1, 6, 3).chain((from) =>
  fc.record({
    from: fc.constant(from),
    to: fc.array(fc.integer({ min: 1, max: 4 }), {
      minLength: from.length,
      maxLength: from.length,
    }),
  }),
);

it("a Resize that ONNX Runtime does not have is matrix products, of the same value", () => {
  const census = new Census();
  const coordinates = fc.constantFrom(
    "half_pixel" as const,
    "pytorch_half_pixel" as const,
    "align_corners" as const,
    "asymmetric" as const,
  );
  fc.assert(
    fc.property(sizes, coordinates, fc.boolean(), fc.integer(), ({ from, to }, c, linear, seed) => {
      const x = new Graph().input("x", "float64", from);
      const y = (linear ? resizeLinear : resizeNearest)(x, to, { coordinates: c });
      if (!producedBy(y, Resize)) return;
      const types = checkLowering(y, [[x, uniform(generator(seed), x.size)]]);
      expect(types ?? []).not.toContain("Resize");
      census.note({
        lowered: types !== undefined,
        "lowered linear": linear && types !== undefined,
        "left as it is, linear": linear && types === undefined,
        "left as it is, nearest": !linear && types === undefined,
      });
    }),
    { seed: 39, numRuns: 300 },
  );
  census.require(10);
});

it("a sum over blocks is a convolution on images and a reduction elsewhere", () => {
  const census = new Census();
  const factors = fc.tuple(shapes(1, 5, 3), fc.boolean(), fc.constantFrom("float32", "float64"));
  fc.assert(
    fc.property(shapes(5, 5, 3), factors, fc.integer(), (blocks, [own, image, dtype], seed) => {
      const each = own.map((factor, i) => (image && i < 2 ? 1 : factor));
      const shape = each.map((factor, i) => factor * blocks[i]!);
      const x = new Graph().input("x", dtype as "float32", shape);
      const y = sumBlocks(x, each);
      if (!producedBy(y, SumBlocks)) return;
      const types = checkLowering(y, [[x, uniform(generator(seed), x.size)]]);
      expect(types).not.toContain("SumBlocks");
      const reduced = types!.includes("ReduceSum");
      census.note({ convolution: types!.includes("Conv"), reduction: reduced });
    }),
    { seed: 40, numRuns: 200 },
  );
  census.require(20);
});
