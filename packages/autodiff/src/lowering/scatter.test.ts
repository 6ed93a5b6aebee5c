import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { ScatterND, type ScatterReduction, scatterND } from "../operators/indexing.js";
import { lowerScatterND } from "./scatter.js";

const dims = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength, maxLength });

function scatter(
  shape: Shape,
  tuples: Shape,
  constant: readonly number[] | undefined,
  reduction: ScatterReduction,
) {
  const graph = new Graph();
  const x = graph.input("x", "float64", shape);
  const indices = constant
    ? graph.constant(constant, "int64", tuples)
    : graph.input("indices", "int64", tuples);
  const rows = [...tuples.slice(0, -1), ...shape.slice(tuples.at(-1)!)];
  const updates = graph.input("updates", "float64", rows);
  const y = scatterND(x, indices, updates, reduction);
  return { x, indices, updates, y, lowered: lowerScatterND(producedBy(y, ScatterND)!) };
}

const typesOf = (tensors: readonly Tensor[]) =>
  ancestors(tensors).map(({ definition }) => definition.type);

describe("a lowered ScatterND", () => {
  it("has the same value", () => {
    const reductions = fc.constantFrom<ScatterReduction>("add", "mul", "min", "max");
    fc.assert(
      fc.property(
        dims(1, 3),
        dims(0, 2),
        fc.boolean(),
        reductions,
        fc.integer(),
        (shape, rows, known, reduction, seed) => {
          const random = generator(seed);
          const length = 1 + Math.floor(random() * shape.length);
          const tuples = [...rows, length];
          const values = range(sizeOf(rows)).flatMap(() =>
            shape.slice(0, length).map((dim) => Math.floor(random() * 2 * dim) - dim),
          );
          const given = scatter(shape, tuples, known ? values : undefined, reduction);
          if (!given.lowered) return;
          const feeds = new Map<Tensor, ArrayLike<number>>([
            [given.x, uniform(random, given.x.size)],
            [given.updates, uniform(random, given.updates.size)],
          ]);
          if (!known) feeds.set(given.indices, values);
          expect(typesOf(given.lowered)).not.toContain("ScatterND");
          const [expected, actual] = evaluate([given.y, given.lowered[0]!], feeds);
          expect(given.lowered[0]!.shape).toEqual(shape);
          actual!.forEach((value, i) => {
            expect(value).toBeCloseTo(expected![i]!, 12);
          });
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("stays where indices are distinct or nothing is added", () => {
    expect(scatter([4, 9], [3, 1], [2, 0, -1], "add").lowered).toBeUndefined();
    expect(scatter([4, 9], [3, 1], undefined, "none").lowered).toBeUndefined();
  });

  it("adds narrow or computed rows one by one, and wide constant ones by a table", () => {
    expect(typesOf(scatter([4, 3], [3, 1], [2, 2, 0], "add").lowered!)).toContain(
      "ScatterElements",
    );
    expect(typesOf(scatter([4, 9], [3, 1], undefined, "add").lowered!)).toContain(
      "ScatterElements",
    );
    expect(typesOf(scatter([4, 9], [3, 1], [2, 2, 0], "add").lowered!)).toContain("Gather");
    // One row takes everything: a table would be nearly empty.
    const uneven = range(20).map(() => 0);
    expect(typesOf(scatter([50, 9], [20, 1], uneven, "add").lowered!)).toContain("ScatterElements");
  });

  it("sums neighbours without any indexing when they are what repeats", () => {
    const { lowered } = scatter([3, 9], [6, 1], [0, 0, 1, 1, 2, 2], "add");
    expect(typesOf(lowered!)).toEqual(["Reshape", "ReduceSum", "Add"]);
  });
});
