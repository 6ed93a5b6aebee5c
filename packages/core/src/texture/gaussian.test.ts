import { describe, expect, it } from "vitest";
import { gaussianBlur } from "./gaussian.js";

const grid = { width: 96, height: 80 };
const field = (value: (x: number, y: number) => number) =>
  Float32Array.from({ length: grid.width * grid.height }, (_, i) =>
    value(i % grid.width, Math.floor(i / grid.width)),
  );

describe("gaussianBlur", () => {
  it("damps a wave by exp(-(s k)^2 / 2)", () => {
    const [kx, ky] = [0.3, -0.2];
    const wave = field((x, y) => Math.cos(kx * x + ky * y));
    for (const deviation of [0.8, 2, 4.5]) {
      const out = gaussianBlur(wave, grid, deviation);
      const factor = Math.exp(-(deviation ** 2) * (kx ** 2 + ky ** 2) * 0.5);
      for (let y = 20; y < 60; y += 7) {
        for (let x = 20; x < 76; x += 5) {
          const i = y * grid.width + x;
          expect(Math.abs(out[i]! - factor * wave[i]!)).toBeLessThan(2e-3);
        }
      }
    }
  });

  it("keeps what lies well inside, and loses what runs over the border", () => {
    const point = field((x, y) => (x === 40 && y === 30 ? 1 : 0));
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
    expect(sum(gaussianBlur(point, grid, 3))).toBeCloseTo(1, 5);
    const corner = field((x, y) => (x === 0 && y === 0 ? 1 : 0));
    expect(sum(gaussianBlur(corner, grid, 3))).toBeLessThan(0.4);
  });
});
