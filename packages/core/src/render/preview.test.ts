import { describe, expect, it } from "vitest";
import { preview, projectView } from "./preview.js";

const nose = Float32Array.from([0, 0, 100]);
const view = {
  width: 200,
  height: 200,
  centre: [0, 0, 0] as const,
  span: 400,
  distance: Number.POSITIVE_INFINITY,
};

/** Screen offset of the nose tip from the middle, pixels, two millimetres to the pixel. */
function noseAt(angles: { yaw?: number; pitch?: number; roll?: number }): [number, number] {
  const [x, y] = projectView(nose, { ...view, ...angles });
  return [x! - 100, y! - 100];
}

describe("projectView", () => {
  it("turns the nose to the right with yaw, up with pitch", () => {
    expect(noseAt({ yaw: 90 })[0]).toBeCloseTo(50, 4);
    expect(noseAt({ pitch: 30 })[1]).toBeCloseTo(-25, 4);
    expect(noseAt({})).toEqual([0, 0]);
  });

  it("turns the picture clockwise with roll", () => {
    const top = projectView(Float32Array.from([0, 100, 0]), { ...view, roll: 90 });
    expect(top[0]).toBeCloseTo(150, 4);
    expect(top[1]).toBeCloseTo(100, 4);
  });

  it("shows what is nearer larger in perspective", () => {
    const near = projectView(Float32Array.from([100, 0, 200]), { ...view, distance: 1000 });
    expect(near[0]).toBeCloseTo(100 + 50 * (1000 / 800), 4);
    expect(near[2]).toBe(-200);
  });
});

describe("preview", () => {
  const square = Float32Array.from([-100, -100, 0, 100, -100, 0, 100, 100, 0, -100, 100, 0]);
  const triangles = Uint32Array.from([0, 1, 2, 0, 2, 3]);

  it("wears its texture the right way up, and hides parts", () => {
    const texture = { width: 2, height: 2, data: new Uint8Array(12) };
    texture.data.set([255, 0, 0], 0);
    texture.data.set([0, 255, 0], 3);
    texture.data.set([0, 0, 255], 6);
    const mesh = {
      triangles,
      parts: [{ name: "skin", kind: "skin" as const, start: 0, count: 2 }],
      uv: {
        frame: "test",
        coordinates: Float32Array.from([0, 1, 1, 1, 1, 0, 0, 0]),
        triangles,
      },
    };
    const image = preview(square, mesh, { ...view, texture });
    const pixel = (x: number, y: number) => [...image.data.subarray((y * 200 + x) * 3).slice(0, 3)];
    const [r, g, b] = [pixel(55, 55), pixel(145, 55), pixel(55, 145)];
    expect(r[0]).toBeGreaterThan(150);
    expect(r[1]).toBe(0);
    expect(g[1]).toBeGreaterThan(150);
    expect(b[2]).toBeGreaterThan(150);
    expect(pixel(10, 10)).toEqual([255, 255, 255]);
    const bare = preview(square, mesh, { ...view, texture, hide: ["skin"] });
    expect(bare.data.every((value) => value === 255)).toBe(true);
  });
});
