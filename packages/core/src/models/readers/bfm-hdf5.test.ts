import { describe, expect, test } from "vitest";
import { abuse, expected, expectModel, fixture, refusal } from "../../../test/published-models.js";
import { looksLikeBfmHdf5, readBfmHdf5 } from "./bfm-hdf5.js";

describe("readBfmHdf5", () => {
  test("reads a model with expressions, contiguous and in compressed chunks", async () => {
    const name = "model2017-1_bfm_nomouth.h5";
    expect(looksLikeBfmHdf5(fixture(name))).toBe(true);
    const model = await readBfmHdf5(fixture(name), { name: "bfm-2017" });
    expectModel(model, expected(name));
    expect(model.name).toBe("bfm-2017");
    expect(model.identity.standardDeviations[0]).toBeCloseTo(30.03, 2);
  });

  test("reads statismo 0.8, whose basis is scaled, without expressions", async () => {
    const model = await readBfmHdf5(fixture("statismo-0.8.h5"));
    expectModel(model, expected("statismo-0.8.h5"));
    expect(model.expression.names).toEqual([]);
  });

  test("leaves the caller's bytes as they are, and reads them again", async () => {
    const bytes = fixture("statismo-0.8.h5");
    const before = bytes.slice();
    await readBfmHdf5(bytes);
    expect(bytes).toEqual(before);
    await Promise.all([readBfmHdf5(bytes), readBfmHdf5(bytes)]);
  });

  test("names other HDF5 files and other files", async () => {
    expect(looksLikeBfmHdf5(fixture("lsfm-v73.mat"))).toBe(false);
    expect(await refusal(() => readBfmHdf5(fixture("lsfm-v73.mat")))).toMatch(/no dataset/);
    expect(await refusal(() => readBfmHdf5(fixture("flame.npz")))).toMatch(/not an HDF5 file/);
    expect(await refusal(() => readBfmHdf5(new Uint8Array(0)))).toMatch(/not an HDF5 file/);
  });

  test("refuses a file cut off or changed, and can read whole ones afterwards", async () => {
    const bytes = fixture("statismo-0.8.h5");
    const { cut, cuts } = await abuse(bytes, readBfmHdf5, 200, 61);
    expect(cut).toBe(cuts);
    expectModel(await readBfmHdf5(bytes), expected("statismo-0.8.h5"));
  });
});
