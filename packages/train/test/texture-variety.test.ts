import { expect, test } from "vitest";
import { colourDistance, nearest } from "../bench/texture-variety.js";

const person = (name: string, ...values: number[]) => ({
  person: name,
  values: Float32Array.from(values),
});

test("everybody is compared with the nearest of the others", () => {
  const people = [person("a", 0), person("a", 0.1), person("b", 1), person("c", 4)];
  const distance = (a: Float32Array, b: Float32Array) => Math.abs(a[0]! - b[0]!);
  const found = nearest(people, people, distance);
  expect(found.mean).toBeCloseTo((1 + 0.9 + 0.9 + 3) / 4, 6);
  expect(found.least).toBeCloseTo(0.9, 6);
  expect(() => nearest([person("a", 0)], people.slice(0, 2), distance)).toThrow("a is alone");
});

test("colours differ by what differs where it counts", () => {
  const distance = colourDistance(Float32Array.of(2, 0));
  const a = Float32Array.of(0.5, 0.5, 0.5, 1, 1, 1);
  const b = Float32Array.of(0.2, 0.5, 0.9, 0, 0, 0);
  expect(distance(a, b)).toBeCloseTo(Math.sqrt((0.3 ** 2 + 0.4 ** 2) / 3), 6);
});
