import { expect, it } from "vitest";
import { histogram } from "./histogram.js";

it("values on an edge belong to the bin above, the last edge's to the last", () => {
  const { edges, shares } = histogram([-1, -0.5, 0, 0.25, 1], { from: -1, to: 1, bins: 4 });
  expect(edges).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(shares).toEqual([0.2, 0.2, 0.4, 0.2]);
});

it("what is not finite is left out, and what lies outside counts at the ends", () => {
  const { shares } = histogram([-Infinity, Number.NaN, -3, 0.5, 1.0000001], {
    from: -1,
    to: 1,
    bins: 2,
  });
  expect(shares).toEqual([1 / 3, 2 / 3]);
  expect(histogram([], { from: 0, to: 1, bins: 2 }).shares).toEqual([0, 0]);
});
