import { describe, expect, it } from "vitest";
import { triangleNormals, vertexNormals } from "./mesh-normals.js";

// A large triangle in the plane z = 0, a small one in x = 0 that shares an edge, one without area, a lone vertex.
const positions = Float64Array.of(0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0.1, 0, 20, 0, 5, 5, 5);
const triangles = Uint32Array.of(0, 1, 2, 0, 2, 3, 0, 2, 4);

describe("normals", () => {
  it("of triangles are right-handed and of length 1 or 0", () => {
    expect([...triangleNormals(positions, triangles)]).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0]);
  });

  it("of vertices weigh triangles alike, large or small", () => {
    const normals = vertexNormals(positions, triangles);
    expect(normals[0]).toBeCloseTo(Math.SQRT1_2, 12);
    expect(normals[1]).toBe(0);
    expect(normals[2]).toBeCloseTo(Math.SQRT1_2, 12);
    expect([...normals.subarray(12)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
