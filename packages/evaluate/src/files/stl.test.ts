import { BufferAttribute, BufferGeometry, Mesh as ThreeMesh } from "three";
import { STLExporter } from "three/examples/jsm/exporters/STLExporter.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";
import { describe, expect, it } from "vitest";
import { parseStl } from "./stl.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseStl(bytesOf(text), "a.stl");

/** A bent grid of `n x n` vertices. */
function grid(n: number): BufferGeometry {
  const positions = new Float32Array(3 * n * n);
  const corners: number[] = [];
  for (let i = 0; i < n * n; i++) {
    const [x, y] = [i % n, Math.floor(i / n)];
    positions.set([x, y, Math.cos(x) * Math.cos(y)], 3 * i);
    if (x > 0 && y > 0) corners.push(i, i - 1, i - n, i - 1, i - n - 1, i - n);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setIndex(corners);
  return geometry;
}

const facet = (corners: string) => `facet normal nan 0 0
 outer loop
 ${corners}
 endloop
endfacet
`;
const ONE = facet("vertex 0 0 0\nvertex 1 0 0\nvertex 0 1e0 0");
const TWO = facet("vertex 1 0 0\nvertex 1 1 0\nvertex 0 1 -0");

describe("parseStl", () => {
  it.each([true, false])("reads what three's STLExporter writes (binary: %s)", (binary) => {
    const geometry = grid(20);
    const written = new STLExporter().parse(new ThreeMesh(geometry), { binary } as {
      binary: true;
    });
    const bytes =
      typeof written === "string"
        ? bytesOf(written)
        : new Uint8Array(written.buffer, written.byteOffset, written.byteLength);
    const mesh = parseStl(bytes, "three.stl");
    expect(mesh.positions.length / 3).toBe(400);
    // As many triangles in the same order, each with the places that it had.
    const places = geometry.toNonIndexed().getAttribute("position").array;
    const read = Float32Array.from(
      [...mesh.triangles].flatMap((v) => [...mesh.positions.subarray(3 * v, 3 * v + 3)]),
    );
    expect(read).toEqual(places);
    const loaded = new STLLoader().parse(bytes.slice().buffer).getAttribute("position").array;
    expect(read).toEqual(loaded);
  });

  it("makes corners at the same place one vertex, over several solids", () => {
    const mesh = parse(`SOLID a b\r\n${ONE}endsolid a b\nsolid\n${TWO}ENDSOLID\n\n`);
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0]);
    expect([...mesh.triangles]).toEqual([0, 1, 2, 1, 3, 2]);
  });

  it.each([
    ["solid a\n", "At line 2, a.stl ends too early."],
    [`solid a\n${ONE}`, "At line 9, a.stl ends too early."],
    ["solid a\nendsolid a\n", "a.stl has no vertices."],
    [
      `solid a\n${ONE.replace("vertex 1", "vertex x")}`,
      'At line 5, a.stl has "x" where a number belongs.',
    ],
    [
      `solid a\n${ONE.replace("1e0 0", "1 0\nvertex 1 1 1")}`,
      'At line 7, a.stl has "vertex" where "endloop" belongs.',
    ],
    [`solid a\nfacets`, 'At line 2, a.stl has "facets" where "facet" belongs.'],
    ["no stl", "a.stl is not in the STL format, or cut off."],
    [
      "x".repeat(90),
      "a.stl is not in the STL format, or cut off: 2021161080 triangles would take 101058054084 bytes, but it has 90.",
    ],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "data", message }));
  });

  it("refuses places that are not finite", () => {
    const bytes = new Uint8Array(84 + 50);
    const view = new DataView(bytes.buffer);
    view.setUint32(80, 1, true);
    view.setFloat32(84 + 12, Number.POSITIVE_INFINITY, true);
    expect(() => parseStl(bytes, "a.stl")).toThrow("a.stl has a coordinate that is not finite");
  });
});
