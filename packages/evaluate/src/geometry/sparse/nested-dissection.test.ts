import { randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { bumpySurface } from "../../../test/bumpy-surface.js";
import { edgesOf } from "../mesh-edges.js";
import { frontTree } from "./front-tree.js";
import { adjacencyOf, nestedDissection } from "./nested-dissection.js";

function randomGraph(vertexCount: number, edgeCount: number, seed: number) {
  const next = randomUniform(seed);
  const edges = Uint32Array.from({ length: 2 * edgeCount }, () => Math.floor(next() * vertexCount));
  return { edges, positions: Float64Array.from(randomNormals(3 * vertexCount, seed)) };
}

const surface = bumpySurface(900);
const cases: [string, Uint32Array, Float64Array][] = [
  ["a surface", edgesOf(surface.triangles), surface.positions],
  ["points of one place", edgesOf(surface.triangles), new Float64Array(2700)],
  ["no edges", new Uint32Array(0), surface.positions],
  ["a single vertex", new Uint32Array(0), new Float64Array(3)],
  ["nothing", new Uint32Array(0), new Float64Array(0)],
  ...[1, 2, 3].map((seed): [string, Uint32Array, Float64Array] => {
    const { edges, positions } = randomGraph(200, 150 * seed, seed);
    return [`random edges ${seed}`, edges, positions];
  }),
];

describe("the neighbours of vertices", () => {
  it("come from either end of an edge, and not from loops", () => {
    const { starts, neighbours } = adjacencyOf(4, Uint32Array.of(0, 2, 1, 1, 2, 3));
    expect([...starts]).toEqual([0, 1, 1, 3, 4]);
    expect([...neighbours]).toEqual([2, 0, 3, 2]);
  });
});

describe.each(cases)("the elimination order of %s", (_, edges, positions) => {
  const vertexCount = positions.length / 3;
  const separators = nestedDissection(adjacencyOf(vertexCount, edges), positions);
  const above = (f: number): number[] => (f < 0 ? [] : [f, ...above(separators[f]!.parent)]);

  it("has each vertex once, and children before their parents", () => {
    const all = separators.flatMap(({ vertices }) => [...vertices]).sort((a, b) => a - b);
    expect(all).toEqual([...Array(vertexCount).keys()]);
    separators.forEach(({ parent, vertices }, f) => {
      expect(vertices.length).toBeGreaterThan(0);
      if (parent >= 0) expect(parent).toBeGreaterThan(f);
    });
    expect(nestedDissection(adjacencyOf(vertexCount, edges), positions)).toEqual(separators);
  });

  it("ties separators only to those above them", () => {
    const separatorOf = new Map(
      separators.flatMap(({ vertices }, f) => [...vertices].map((v) => [v, f])),
    );
    let loose = 0;
    for (let e = 0; e < edges.length; e += 2) {
      const [a, b] = [separatorOf.get(edges[e]!)!, separatorOf.get(edges[e + 1]!)!];
      if (!above(Math.min(a, b)).includes(Math.max(a, b))) loose++;
    }
    expect(loose).toBe(0);
  });

  it("makes fronts whose boundaries lie within their parents", () => {
    const { fronts } = frontTree(
      edges.filter((_, i) => edges[i] !== edges[i ^ 1]),
      positions,
    );
    for (const front of fronts) {
      const rows = [...Array(front.own).keys()]
        .map((i) => front.first + i)
        .concat(...front.boundary);
      for (const child of front.children) {
        const { boundary, toParent } = fronts[child]!;
        expect([...toParent].map((row) => rows[row])).toEqual([...boundary]);
      }
    }
    separators.forEach(({ parent }, f) => {
      if (parent < 0) expect(fronts[f]!.boundary).toHaveLength(0);
    });
  });
});

it("keeps the fill of a surface low", () => {
  // 31 n log2(n) / 4 blocks in theory (George 1973); a dense factor has 450 n.
  const { size } = frontTree(edgesOf(surface.triangles), surface.positions);
  expect(size / 16 / 900).toBeLessThan(40);
});
