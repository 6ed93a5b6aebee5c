import { expect, it } from "vitest";
import { parseList, parseWeights } from "./likeness-options.js";

it("lists are taken apart, and words that are not known named", () => {
  expect([...parseList("measures", "own,shape", ["own", "other", "shape"])]).toEqual([
    "own",
    "shape",
  ]);
  expect(() => parseList("measures", "own,shap", ["own", "shape"])).toThrow(
    '--measures does not know "shap"; there are: own, shape.',
  );
  expect(() => parseList("measures", "", ["own"])).toThrow("--measures");
});

it("weights are those named", () => {
  const defaults = { identity: 1, pixel: 12, content: 0.5 };
  expect(parseWeights("identity=2,content=0", defaults)).toEqual({ identity: 2, content: 0 });
  expect(parseWeights("", defaults)).toEqual({});
  expect(() => parseWeights("identiy=2", defaults)).toThrow(
    '--weights does not know "identiy"; there are: identity, pixel, content.',
  );
  for (const wrong of ["pixel", "pixel=", "pixel=-1", "pixel=much", "pixel=Infinity"]) {
    expect(() => parseWeights(wrong, defaults)).toThrow("number of at least 0");
  }
});
