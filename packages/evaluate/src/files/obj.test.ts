import fc from "fast-check";
import type { Mesh as ThreeMesh } from "three";
import { OBJLoader } from "three/examples/jsm/loaders/OBJLoader.js";
import { describe, expect, it } from "vitest";
import type { Mesh } from "../geometry/mesh.js";
import type { MeshOptions } from "./mesh-builder.js";
import { objText, parseObj } from "./obj.js";

const parse = (text: string, options?: MeshOptions) =>
  parseObj(new TextEncoder().encode(text), "a.obj", options);

const CORNERS = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";

describe("parseObj", () => {
  it("keeps all vertices in order, used or not, and passes over colours and all else", () => {
    const mesh = parse(
      "# made by hand\r\nmtllib a.mtl\r\no head\r\n  v  1.5 -2e1\t.25 0.1 0.2 0.3 # first\r\nv 4 5 6 1\r\n" +
        "vt 0 0\r\nvn 0 0 1\r\nvp 7 7 7\r\nv 7 8 9\r\nv 0 0 0\r\n\r\ng a\r\nusemtl b\r\ns 1\r\nl 1 2\r\nf 4 1 2 # corner\r\n",
    );
    expect([...mesh.positions]).toEqual([1.5, -20, 0.25, 4, 5, 6, 7, 8, 9, 0, 0, 0]);
    expect([...mesh.triangles]).toEqual([3, 0, 1]);
  });

  it.each([
    ["f 1 2 3 4", "quads"],
    ["f  1/5 2/6 3/7 4/8 ", "texture coordinates"],
    ["f 1//5 2//6 3//7 4//8", "normals"],
    ["f 1/5/9\t2/6/9 3/7/9 4/8/9", "both"],
    ["f -4 -3 -2 -1", "negative indices"],
    ["f -4/-1/-1 2 -2//-1 4/1", "a mixture"],
  ])("reads %s as a fan (%s)", (face) => {
    expect([...parse(`${CORNERS}${face}`).triangles]).toEqual([0, 1, 2, 0, 2, 3]);
  });

  it("counts negative indices from where they stand, and lets positive ones run ahead", () => {
    const mesh = parse(
      "f 4 5 6\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\nv 0 0 1\nv 1 0 1\nv 0 1 1\nf -1 -2 -3",
    );
    expect([...mesh.triangles]).toEqual([3, 4, 5, 0, 1, 2, 5, 4, 3]);
  });

  it("cuts polygons from their first corner", () => {
    const mesh = parse(`${CORNERS}v 0 0 1\nf 3 5 1 2 4`);
    expect([...mesh.triangles]).toEqual([2, 4, 0, 2, 0, 1, 2, 1, 3]);
  });

  it.each([
    ["v 0 0\n", "At line 1, a.obj ends a line where a number belongs."],
    ["v 0 0 nan\n", 'At line 1, a.obj has "nan" where a number belongs.'],
    [`${CORNERS}f 1 2\n`, "At line 5, a.obj has a face with 2 corners."],
    [
      `${CORNERS}f 1 2 3\nf 1 2 9\n`,
      "At line 6, a.obj has a face with vertex 9, but the file has only 4.",
    ],
    [
      `${CORNERS}f 0 1 2\n`,
      "At line 5, a.obj has a face with vertex 0, but vertices are counted from 1.",
    ],
    [
      `${CORNERS}f 1 2 -5\n`,
      "At line 5, a.obj has a face with vertex -5, but only 4 come before it.",
    ],
    [`${CORNERS}f 1 2 3.5\n`, "At line 5, a.obj has a face whose corners are no indices."],
    [`${CORNERS}f 1 2 3/a\n`, "At line 5, a.obj has a face whose corners are no indices."],
    [
      `${CORNERS}f 1 2 99999999999999999999\n`,
      "At line 5, a.obj has a face whose corners are no indices.",
    ],
    [
      `${CORNERS}f 1 2 99999999999\n`,
      "At line 5, a.obj has a face with vertex 99999999999, which cannot be.",
    ],
    ["f 1 2 3\n", "a.obj has no vertices."],
    ["", "a.obj has no vertices."],
    ["\u0089PNG\r\n\u001a\n\0\0\0", "a.obj has no vertices."],
    [CORNERS, "a.obj has 4 vertices but no triangles."],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "data", message }));
  });

  it("takes points without faces where they are asked for", () => {
    const mesh = parse(CORNERS, { points: true });
    expect(mesh.positions.length).toBe(12);
    expect(mesh.triangles.length).toBe(0);
  });
});

/** Up to 30 vertices and triangles among them. */
const meshes: fc.Arbitrary<Mesh> = fc
  .array(fc.double({ noNaN: true, min: -500, max: 500 }), { minLength: 9, maxLength: 90 })
  .chain((numbers) => {
    const positions = Float64Array.from(numbers.slice(0, 3 * Math.floor(numbers.length / 3)));
    const corner = fc.nat({ max: positions.length / 3 - 1 });
    return fc
      .array(fc.tuple(corner, corner, corner), { minLength: 1, maxLength: 30 })
      .map((faces) => ({ positions, triangles: Uint32Array.from(faces.flat()) }));
  });

describe("objText", () => {
  it("is read back", () => {
    fc.assert(
      fc.property(meshes, fc.integer({ min: 2, max: 12 }), (mesh, digits) => {
        const read = parse(objText(mesh, digits));
        expect(read.triangles).toEqual(mesh.triangles);
        const most = Math.max(...mesh.positions.map((x, i) => Math.abs(x - read.positions[i]!)));
        expect(most).toBeLessThanOrEqual(0.500001 * 10 ** -digits);
      }),
      { seed: 2 },
    );
  });

  it("is read by three's OBJLoader", () => {
    fc.assert(
      fc.property(meshes, (mesh) => {
        const [object] = new OBJLoader().parse(objText(mesh)).children;
        const corners = (object as ThreeMesh).geometry.getAttribute("position").array;
        const expected = Array.from(mesh.triangles).flatMap((v) => [
          ...mesh.positions.subarray(3 * v, 3 * v + 3),
        ]);
        expect(corners.length).toBe(expected.length);
        for (const [i, x] of expected.entries()) expect(corners[i]).toBeCloseTo(x, 3);
      }),
      { seed: 3, numRuns: 30 },
    );
  });
});
