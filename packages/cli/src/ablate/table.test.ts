import { ABLATIONS, type FitMeasures } from "@ganfit/core";
import { expect, it } from "vitest";
import { type AblatedPhoto, ablationTable, csvOf, rowsOf } from "./table.js";

/** A photo whose every fit but the full one is `worse` by so much. */
function photo(name: string, value: number, cosine: number | null): AblatedPhoto {
  const measures: FitMeasures = {
    landmarkError: value,
    pixelError: value / 10,
    identityCosine: cosine,
    identityNorm: 1,
    expressionNorm: 0.123456789,
    latentNorm: 0,
  };
  return { name, fits: ABLATIONS.map((ablation) => ({ ablation, measures })) };
}

const photos = [photo("a.jpg", 0.01, 0.5), photo('b, "c".jpg', 0.03, null)];

it("has each photo's fits and their means", () => {
  const { photos: each, mean } = ablationTable(photos);
  expect(each.map(({ name }) => name)).toEqual(["a.jpg", 'b, "c".jpg']);
  expect(mean.map(({ name }) => name)).toEqual(ABLATIONS.map(({ name }) => name));
  expect(mean[3]).toEqual({
    name: "content",
    landmarkError: 0.02,
    pixelError: 0.002,
    identityCosine: 0.5,
    identityNorm: 1,
    expressionNorm: 0.123457,
    latentNorm: 0,
  });
});

it("reads well, also where no face was found", () => {
  const rows = rowsOf(ablationTable([photos[1]!]).mean);
  expect(rows[0]).toHaveLength(7);
  expect(rows[2]).toEqual([
    "no identity",
    "3.00 %",
    "0.0030",
    "no face",
    "1.000",
    "0.123",
    "0.000",
  ]);
});

it("is CSV with names quoted and nothing where there is no number", () => {
  const lines = csvOf(photos).split("\r\n");
  expect(lines).toHaveLength(1 + 2 * ABLATIONS.length + 1);
  expect(lines[0]).toMatch(/^photo,fit,landmarkError,pixelError,identityCosine/);
  expect(lines[1]).toBe('"a.jpg",full,0.01,0.001,0.5,1,0.123457,0');
  expect(lines.at(-2)).toBe('"b, ""c"".jpg",priors,0.03,0.003,,1,0.123457,0');
});
