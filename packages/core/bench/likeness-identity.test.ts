import { expect, it } from "vitest";
import { compareWithGallery } from "./likeness-identity.js";

const gallery = new Map([
  ["a", Float32Array.of(1, 0)],
  ["b", Float32Array.of(0.6, 0.8)],
  ["c", Float32Array.of(0, 1)],
]);

it("a probe has its own person, everybody else, and who is nearest of them", () => {
  const probe = { person: "a", heldOut: true, features: Float32Array.of(0.8, 0.6) };
  const { genuine, nearest, nearestPerson, impostors, person, heldOut } = compareWithGallery(
    probe,
    gallery,
  );
  expect({ person, heldOut, nearestPerson }).toEqual({
    person: "a",
    heldOut: true,
    nearestPerson: "b",
  });
  expect(genuine).toBeCloseTo(0.8, 6);
  expect(nearest).toBeCloseTo(0.96, 6);
  expect(impostors.map((value) => Number(value.toFixed(6)))).toEqual([0.96, 0.6]);
});

it("somebody who is not in the gallery cannot be looked for", () => {
  const probe = { person: "d", heldOut: true, features: Float32Array.of(1, 0) };
  expect(() => compareWithGallery(probe, gallery)).toThrow("d is not in the gallery");
});
