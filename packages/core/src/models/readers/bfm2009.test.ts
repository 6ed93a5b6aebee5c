import { describe, expect, test } from "vitest";
import { abuse, expected, expectModel, fixture, refusal } from "../../../test/published-models.js";
import { looksLikeBfm2009, readBfm2009 } from "./bfm2009.js";

const expression = {
  basis: fixture("Exp_Pca.bin"),
  vertices: fixture("BFM_exp_idx.mat"),
  standardDeviations: fixture("std_exp.txt"),
};

describe("readBfm2009", () => {
  test.each(["01_MorphableModel.mat", "01_MorphableModel-plain.mat"])("reads %s", async (name) => {
    const bytes = fixture(name);
    const before = bytes.slice();
    expect(looksLikeBfm2009(bytes)).toBe(true);
    const model = await readBfm2009(bytes);
    expectModel(model, expected("bfm2009"));
    expect(bytes).toEqual(before);
    expect(model.name).toBe("bfm-2009");
    expect(model.parts.map((part) => part.kind)).toEqual(["skin"]);
    // Standard deviations of 50 mm and less: shapeEV holds deviations, not variances.
    expect(model.identity.standardDeviations[0]).toBeCloseTo(50.05, 2);
  });

  test("takes the bytes at any offset, and as a Buffer", async () => {
    const bytes = fixture("01_MorphableModel-plain.mat");
    const shifted = Buffer.alloc(bytes.length + 1);
    shifted.set(bytes, 1);
    expectModel(await readBfm2009(shifted.subarray(1)), expected("bfm2009"));
  });

  test("adds expressions and keeps the vertices that they move", async () => {
    const model = await readBfm2009(fixture("01_MorphableModel.mat"), { expression });
    expectModel(model, expected("bfm2009-expressions"));
    expect(model.attribution).toMatch(/Guo/);
  });

  test("refuses expression files that do not fit", async () => {
    const read = (change: object) => () =>
      readBfm2009(fixture("01_MorphableModel.mat"), { expression: { ...expression, ...change } });
    expect(await refusal(read({ basis: expression.basis.subarray(0, 4000) }))).toMatch(/Exp_Pca/);
    expect(await refusal(read({ basis: new Uint8Array(3) }))).toMatch(/Exp_Pca/);
    expect(await refusal(read({ vertices: fixture("lsfm-struct.mat") }))).toMatch(/trimIndex/);
    const few = new TextEncoder().encode("40000 30000");
    expect(await refusal(read({ standardDeviations: few }))).toMatch(/std_exp/);
    const words = new TextEncoder().encode("a b c");
    expect(await refusal(read({ standardDeviations: words }))).toMatch(/expression-1/);
  });

  test("names other MATLAB files and other files", async () => {
    for (const other of ["all_all_all.mat", "lsfm-v73.mat", "statismo-0.8.h5", "flame.npz"]) {
      expect(looksLikeBfm2009(fixture(other))).toBe(false);
    }
    expect(await refusal(() => readBfm2009(fixture("all_all_all.mat")))).toMatch(/shapePC/);
    expect(await refusal(() => readBfm2009(fixture("flame.npz")))).toMatch(/not a MATLAB file/);
    expect(await refusal(() => readBfm2009(new Uint8Array(0)))).toMatch(/not a MATLAB file/);
  });

  test("refuses numbers that are not finite", async () => {
    const bytes = fixture("01_MorphableModel-plain.mat");
    const first = new Float32Array(1);
    new Uint8Array(first.buffer).set([0, 0, 0xc0, 0x7f]);
    // shapeMU is the first variable: header 128, tag 8, flags 16, dimensions 16, name 16, tag 8.
    bytes.set(new Uint8Array(first.buffer), 192);
    expect(await refusal(() => readBfm2009(bytes))).toMatch(/NaN/);
  });

  test.each([
    ["01_MorphableModel.mat", 31],
    ["01_MorphableModel-plain.mat", 7],
  ])("refuses %s cut off or changed", async (name, step) => {
    const { cut, cuts, changed } = await abuse(fixture(name), readBfm2009, 200, step);
    // The last variables (segments) are stepped over, and can be missing.
    expect(cut).toBeGreaterThan(0.5 * cuts);
    expect(changed).toBeGreaterThan(50);
  });
});
