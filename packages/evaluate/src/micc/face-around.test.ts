import { describe, expect, it } from "vitest";
import { landmarkIds, sheet } from "../../test/micc-faces.js";
import { verticesAround } from "./face-around.js";

describe("verticesAround", () => {
  it("takes vertices nearer than the radius whose triangle is", () => {
    // A fan of cells of 1 around the origin, and a far vertex.
    const positions = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, -1, 0, 0, 0, -8, 0, 2, 0, 0);
    const triangles = Uint32Array.of(0, 1, 2, 0, 2, 3, 0, 4, 5);
    const mesh = { positions, triangles };
    expect([...verticesAround(mesh, [0, 0, 0], 1.5)]).toEqual([0, 1, 2, 3]);
    // Vertex 5 is near enough, but its triangle is not.
    expect([...verticesAround(mesh, [0, 0, 0], 3)]).toEqual([0, 1, 2, 3]);
    expect([...verticesAround(mesh, [0, 0, 0], 9)]).toEqual([0, 1, 2, 3, 4, 5]);
    // The radius itself is out.
    expect(() => verticesAround(mesh, [0, 0, 0], 1)).toThrow(/No triangle.*within 1 mm/);
  });

  it("drops only what hangs at the rim of a sheet", () => {
    const flat = sheet(48, () => 0);
    const near = [...Array(49 * 49).keys()].filter(
      (v) => Math.hypot(flat.positions[3 * v]!, flat.positions[3 * v + 1]!) < 95,
    );
    const kept = verticesAround(flat, [0, 0, 0], 95);
    expect(landmarkIds(flat)[30]).toBe(24 * 49 + 24);
    expect(near.length - kept.length).toBeLessThan(12);
    expect(near).toEqual(expect.arrayContaining([...kept]));
  });
});
