import { evaluate, Graph } from "@ganfit/autodiff";
import { expect, it } from "vitest";
import { noise } from "../../test/network-values.js";
import { cropPlanes, cropTensor } from "./area.js";

const SIZE = 6;

it("cuts the same area out of planes and out of a graph's maps", () => {
  const planes = noise(3 * SIZE * SIZE, 1);
  const area = { left: 1, top: 2, width: 4, height: 3 };
  const cut = cropPlanes(planes, SIZE, area);
  expect(cut).toHaveLength(3 * 12);
  expect(cut[0]).toBe(planes[2 * SIZE + 1]);
  expect(cut[2 * 12 + 2 * 4 + 3]).toBe(planes[2 * SIZE * SIZE + 4 * SIZE + 4]);
  const graph = new Graph();
  const tensor = cropTensor(graph.constant(planes, "float32", [1, 3, SIZE, SIZE]), area);
  expect(tensor.shape).toEqual([1, 3, 3, 4]);
  expect([...evaluate([tensor], new Map())[0]!]).toEqual([...cut]);
});

it("gives the whole map where that is asked for", () => {
  const planes = noise(SIZE * SIZE, 2);
  expect(cropPlanes(planes, SIZE, { left: 0, top: 0, width: SIZE, height: SIZE })).toEqual(planes);
});
