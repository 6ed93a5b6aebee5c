import { expect, it } from "vitest";
import { connectedParts } from "./connected-parts.js";

it("numbers connected parts by their first vertices", () => {
  const edges = Uint32Array.of(6, 2, 7, 5, 1, 7, 2, 4, 4, 6);
  expect([...connectedParts(8, edges)]).toEqual([0, 1, 2, 3, 2, 1, 2, 1]);
  expect([...connectedParts(3, new Uint32Array(0))]).toEqual([0, 1, 2]);
  const chain = Uint32Array.from({ length: 2000 }, (_, i) => 1000 - Math.ceil(i / 2));
  expect(new Set(connectedParts(1001, chain))).toEqual(new Set([0]));
});
