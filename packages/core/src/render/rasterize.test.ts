import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barycentricAt, createRaster, rasterize } from "./rasterize.js";

const seed = 20190616;

/** Coverage by edge functions in float64, triangle by triangle: another algorithm for the same rule. */
function reference(positions: Float32Array, triangles: Uint32Array, width: number, height: number) {
  const counts = new Int32Array(width * height);
  const nearest = new Int32Array(width * height).fill(-1);
  const depth = new Float64Array(width * height).fill(Infinity);
  /** Least distance to an edge among the pixel's triangles, to skip what rounding decides. */
  const doubt = new Float64Array(width * height).fill(Infinity);
  const out = [0, 0, 0];
  for (let t = 0; t < triangles.length / 3; t++) {
    for (let p = 0; p < counts.length; p++) {
      barycentricAt(positions, triangles, t, (p % width) + 0.5, Math.floor(p / width) + 0.5, out);
      if (!out.every(Number.isFinite)) continue;
      doubt[p] = Math.min(doubt[p]!, ...out.map(Math.abs));
      if (Math.min(...out) < 0) continue;
      counts[p] = counts[p]! + 1;
      const z = out.reduce((sum, w, c) => sum + w * positions[triangles[t * 3 + c]! * 3 + 2]!, 0);
      if (z < depth[p]!) {
        doubt[p] = Math.min(doubt[p]!, depth[p]! - z);
        depth[p] = z;
        nearest[p] = t;
      } else {
        doubt[p] = Math.min(doubt[p]!, z - depth[p]!);
      }
    }
  }
  return { counts, nearest, depth, doubt };
}

describe("rasterize", () => {
  it("agrees with float64 edge functions on random triangles, on and off the screen", () => {
    const coordinate = fc.double({ min: -10, max: 30, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 3, maxLength: 24 }),
        (points) => {
          const positions = Float32Array.from(points.flat());
          const triangles = Uint32Array.from(
            { length: Math.floor(points.length / 3) * 3 },
            (_, i) => i,
          );
          const raster = rasterize({ positions, triangles, width: 20, height: 16 });
          const expected = reference(positions, triangles, 20, 16);
          for (let p = 0; p < raster.triangle.length; p++) {
            if (expected.doubt[p]! < 1e-4) continue;
            expect(raster.triangle[p]).toBe(expected.nearest[p]);
            if (expected.nearest[p]! >= 0) {
              const slope = Math.abs(raster.depth[p]! - expected.depth[p]!);
              expect(slope).toBeLessThan(1e-2 * (1 + Math.abs(expected.depth[p]!)));
            }
          }
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("covers every pixel of a triangulated square once, whatever the inner vertices", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 32 * 8 }), { minLength: 2, maxLength: 2 }),
        fc.boolean(),
        ([ix, iy], flip) => {
          const corners = [0, 0, 32, 0, 32, 32, 0, 32].map(Number);
          const inner = [ix! / 8, iy! / 8];
          const positions = new Float32Array(15);
          [...corners, ...inner].forEach((value, i) => {
            positions[Math.floor(i / 2) * 3 + (i % 2)] = value;
          });
          const fan = [0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4];
          const order = flip ? fan.toReversed() : fan;
          const covered = new Int32Array(32 * 32);
          for (let t = 0; t < 4; t++) {
            const one = Uint32Array.from(order.slice(t * 3, t * 3 + 3));
            const { triangle } = rasterize({ positions, triangles: one, width: 32, height: 32 });
            triangle.forEach((id, p) => {
              covered[p] = covered[p]! + (id + 1);
            });
          }
          expect(Math.min(...covered)).toBe(1);
          expect(Math.max(...covered)).toBe(1);
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("leaves out what faces away when asked, and what is degenerate or not finite always", () => {
    const positions = Float32Array.from([0, 0, 1, 8, 0, 1, 0, 8, 1, NaN, 0, 0, Infinity, 2, 0]);
    const draw = (triangles: number[], cullBack: boolean) =>
      rasterize({
        positions,
        triangles: Uint32Array.from(triangles),
        width: 8,
        height: 8,
        cullBack,
      }).triangle.some((id) => id >= 0);
    expect(draw([0, 2, 1], true)).toBe(true);
    expect(draw([0, 1, 2], true)).toBe(false);
    expect(draw([0, 1, 2], false)).toBe(true);
    expect(draw([0, 1, 1], false)).toBe(false);
    expect(draw([0, 1, 3], false)).toBe(false);
    expect(draw([0, 1, 4], false)).toBe(false);
  });

  it("overwrites the buffers it is given", () => {
    const raster = createRaster(4, 4);
    raster.triangle.fill(7);
    const again = rasterize(
      { positions: new Float32Array(0), triangles: new Uint32Array(0), width: 4, height: 4 },
      raster,
    );
    expect(again).toBe(raster);
    expect(raster.triangle.every((id) => id === -1)).toBe(true);
  });
});
