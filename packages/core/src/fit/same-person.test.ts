import { expect, it } from "vitest";
import { findOutliers } from "./same-person.js";

/** A direction in the plane, degrees: cosines are those of the angles between. */
const at = (degrees: number) => {
  const angle = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
};

it("leaves nobody out where all are alike", () => {
  expect(findOutliers([at(0), at(20), at(-30)])).toEqual([]);
  expect(findOutliers([at(0)])).toEqual([]);
});

it("leaves out who is unlike the person that most photos show", () => {
  const [outlier, ...others] = findOutliers([at(120), at(0), at(10), at(-15)]);
  expect(others).toEqual([]);
  expect(outlier).toMatchObject({ photo: 0 });
  expect(outlier!.similarity).toBeCloseTo(Math.cos((120 * Math.PI) / 180), 6);
});

it("keeps a photo that is unlike the typical one, but like another of the person", () => {
  expect(findOutliers([at(0), at(10), at(60), at(110)])).toEqual([]);
  expect(findOutliers([at(0), at(10), at(200), at(60)]).map(({ photo }) => photo)).toEqual([2]);
});

it("believes the first of two photos of two people", () => {
  expect(findOutliers([at(0), at(90)]).map(({ photo }) => photo)).toEqual([1]);
});
