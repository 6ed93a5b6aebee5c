import { expect, it } from "vitest";
import { normals } from "../random.js";
import { plateauDetector } from "./plateau.js";

const stopsAt = (energies: ArrayLike<number>) => {
  const settled = plateauDetector();
  return Array.from(energies).findIndex((energy) => settled(energy));
};

it("goes on while the energy falls, and stops a while after it has stopped falling", () => {
  const falling = Array.from({ length: 200 }, (_, i) => 3 * Math.exp(-i / 100));
  expect(stopsAt(falling)).toBe(-1);
  const settling = Array.from({ length: 200 }, (_, i) => 1 + 2 * Math.exp(-i / 8));
  const at = stopsAt(settling);
  expect(at).toBeGreaterThan(50);
  expect(at).toBeLessThan(100);
});

it("does not take noise for a plateau or a plateau for a fall", () => {
  const noise = normals(120, 4);
  const falling = Array.from({ length: 120 }, (_, i) => 2 - 0.008 * i + 0.01 * noise[i]!);
  expect(stopsAt(falling)).toBe(-1);
  expect(stopsAt(Array.from({ length: 120 }, (_, i) => 2 + 0.0001 * noise[i]!))).toBeLessThan(40);
});
