import { describe, expect, it } from "vitest";
import { bumpy, landmarked, MOTION, moved, sheet } from "../../test/micc-faces.js";
import { deep3dDistance } from "./deep3d-distance.js";
import { verticesAround } from "./face-around.js";

const CELLS = 40;

describe("deep3dDistance", () => {
  it("is nothing between a face and itself, elsewhere and of another size", () => {
    const scan = landmarked(sheet(CELLS));
    expect(deep3dDistance(scan, scan).rootMeanSquare).toBeLessThan(1e-6);
    const { rootMeanSquare, vertices, distances } = deep3dDistance(scan, moved(scan, MOTION));
    expect(rootMeanSquare).toBeLessThan(1e-6);
    expect([...vertices]).toEqual([...verticesAround(scan, [0, 0, 0], 95)]);
    expect(distances).toHaveLength(vertices.length);
  });

  it("is the root mean square height of waves above a plane, whatever the plane's unit", () => {
    const height = 0.5;
    const wave = (x: number, y: number) =>
      height * Math.sin((2 * Math.PI * x) / 60) * Math.sin((2 * Math.PI * y) / 60);
    const scan = landmarked(sheet(CELLS, wave));
    const plane = landmarked(sheet(CELLS, () => 0));
    const { rootMeanSquare, vertices } = deep3dDistance(scan, moved(plane, MOTION));
    const squares = vertices.reduce((sum, v) => sum + scan.positions[3 * v + 2]! ** 2, 0);
    const expected = Math.sqrt(squares / vertices.length);
    expect(expected).toBeGreaterThan(0.2);
    // The plane tilts to where the vertices' squares are least. By symmetry x z and y z sum to 0 in the disk; what the
    // rim's lattice leaves of them is of the order of a few vertices in thousands, and counts with its square.
    expect(Math.abs(rootMeanSquare / expected - 1)).toBeLessThan(1e-4);
  });

  it("measures along the normal of the closest triangle, not to the closest point", () => {
    // The reconstruction ends at x = -60: scan vertices beyond it lie on the plane of its last triangles.
    const scan = landmarked(sheet(CELLS, () => 0));
    const cut = {
      ...scan,
      triangles: scan.triangles.filter((_, i) => {
        const t = i - (i % 3);
        return [0, 1, 2].every((k) => scan.positions[3 * scan.triangles[t + k]!]! >= -60);
      }),
    };
    expect(deep3dDistance(scan, cut, { mostIterations: 0 }).rootMeanSquare).toBeLessThan(1e-9);
  });

  it("can leave out the forehead", () => {
    const bump = (x: number, y: number) =>
      bumpy(x, y) + 8 * Math.exp(-(x ** 2 + (y - 80) ** 2) / 60);
    const scan = landmarked(sheet(CELLS, bump));
    const other = landmarked(sheet(CELLS));
    const whole = deep3dDistance(scan, other);
    expect(whole.rootMeanSquare).toBeGreaterThan(0.3);
    const cut = deep3dDistance(scan, other, { forehead: 0 });
    expect(cut.rootMeanSquare).toBeLessThan(0.05);
    expect(cut.vertices.length).toBeLessThan(whole.vertices.length);
    const highest = Math.max(...Array.from(cut.vertices, (v) => scan.positions[3 * v + 1]!));
    expect(Math.abs(highest - 48)).toBeLessThan(8);
    expect(() => deep3dDistance(scan, other, { forehead: -500 })).toThrow(/forehead/);
  });
});
