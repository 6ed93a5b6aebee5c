import { describe, expect, test } from "vitest";
import { abuse, expected, expectModel, fixture, refusal } from "../../../test/published-models.js";
import { looksLikeLsfm, readLsfm } from "./lsfm.js";

describe("readLsfm", () => {
  test.each([
    ["all_all_all.mat", "lsfm"],
    ["lsfm-v73.mat", "lsfm"],
    ["lsfm-combined.mat", "lsfm-combined"],
    ["lsfm-struct.mat", "lsfm-combined"],
  ])("reads %s", async (name, want) => {
    expectModel(await readLsfm(fixture(name)), expected(want));
    expect(looksLikeLsfm(fixture(name))).toBe(true);
  });

  test("names other MATLAB files and other files", async () => {
    for (const other of ["01_MorphableModel.mat", "statismo-0.8.h5", "flame.npz"]) {
      expect(looksLikeLsfm(fixture(other))).toBe(false);
    }
    expect(await refusal(() => readLsfm(fixture("01_MorphableModel.mat")))).toMatch(/components/);
    expect(await refusal(() => readLsfm(fixture("flame.npz")))).toMatch(/not a MATLAB file/);
    expect(await refusal(() => readLsfm(fixture("statismo-0.8.h5")))).toMatch(/components/);
  });

  test("refuses files cut off or changed", async () => {
    const whole = await abuse(fixture("all_all_all.mat"), readLsfm, 300);
    expect(whole.cut).toBe(whole.cuts);
    const struct = await abuse(fixture("lsfm-struct.mat"), readLsfm, 100);
    expect(struct.cut).toBe(struct.cuts);
    await abuse(fixture("lsfm-v73.mat"), readLsfm, 100, 101);
  });
});
