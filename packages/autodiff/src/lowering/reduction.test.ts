import fc from "fast-check";
import { expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { checkLowering, shapes } from "../../test/properties.js";
import { Graph } from "../graph/graph.js";
import { range } from "../graph/shape.js";
import { reduceSum } from "../operators/broadcasting.js";
import { reduceMean } from "../operators/reduction.js";

it("sums and means over channels are products, of the same value; others stay", () => {
  const seen = { products: 0, "kept axis": 0, means: 0, negative: 0, stays: 0 };
  const setting = shapes(2, 5, 4).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.oneof(
        fc.constant<number[]>([1]),
        fc.subarray(range(shape.length), { minLength: 1 }),
      ),
      negative: fc.boolean(),
      keepdims: fc.boolean(),
      mean: fc.boolean(),
      dtype: fc.constantFrom("float32" as const, "float32" as const, "float64" as const),
      seed: fc.integer(),
    }),
  );
  fc.assert(
    fc.property(setting, ({ shape, axes, negative, keepdims, mean, dtype, seed }) => {
      fc.pre(axes.some((axis) => shape[axis]! > 1));
      const x = new Graph().input("x", dtype, shape);
      const given = axes.map((axis) => (negative ? axis - shape.length : axis));
      const y = (mean ? reduceMean : reduceSum)(x, given, keepdims);
      // 1 / channels is a float32.
      const data = uniform(generator(seed), x.size).map((v) => v * 1e-3);
      const types = checkLowering(y, [[x, data]]);
      const channels = shape.length > 2 && axes.join() === "1" && dtype === "float32";
      expect(types !== undefined).toBe(channels);
      if (!types) {
        seen.stays += 1;
        return;
      }
      expect(types).toContain("MatMul");
      seen.products += 1;
      seen["kept axis"] += keepdims ? 1 : 0;
      seen.means += mean ? 1 : 0;
      seen.negative += negative ? 1 : 0;
    }),
    { seed: 37, numRuns: 400 },
  );
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(20);
});
