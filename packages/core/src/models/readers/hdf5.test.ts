import { describe, expect, test, vi } from "vitest";
import { fixture, refusal } from "../../../test/published-models.js";
import { looksLikeHdf5, withHdf5 } from "./hdf5.js";

const FILE = "model2017-1_bfm_nomouth.h5";

describe("withHdf5", () => {
  test("reads whole datasets, scalars and turned matrices", async () => {
    await withHdf5(fixture(FILE), "The file", (file) => {
      expect(file.has("shape/model/mean")).toBe(true);
      expect(file.has("shape/model")).toBe(false);
      expect(file.has("nowhere")).toBe(false);
      expect(file.shape("expression/model/pcaBasis")).toEqual([216, 3]);
      expect(Array.from(file.read("shape/version/minorVersion").data)).toEqual([9]);
      const whole = file.read("expression/model/pcaBasis");
      const turned = file.columns("expression/model/pcaBasis", [1, 10, 100]);
      for (let k = 0; k < 3; k++) {
        for (let r = 0; r < 216; r++) {
          expect(turned[k * 216 + r]).toBe(Math.fround(whole.data[3 * r + k]! * 10 ** k));
        }
      }
    });
  });

  test("refuses text, groups and missing datasets", async () => {
    const read = (path: string) => () =>
      withHdf5(fixture(FILE), "The file", (file) => file.read(path));
    expect(await refusal(read("metadata/landmarks/json"))).toMatch(/other than numbers/);
    expect(await refusal(read("shape"))).toMatch(/no dataset "shape"/);
    expect(await refusal(read("x/y"))).toMatch(/no dataset "x\/y"/);
  });

  test("refuses data that cannot be expanded, instead of what was in memory", async () => {
    const bytes = fixture(FILE);
    // zlib streams of the compressed chunks begin with 0x78 0x5e (level 4).
    let chunks = 0;
    for (let at = 0; at + 40 < bytes.length; at++) {
      if (bytes[at] !== 0x78 || bytes[at + 1] !== 0x5e) continue;
      bytes.fill(0xff, at + 20, at + 40);
      chunks++;
    }
    expect(chunks).toBeGreaterThan(0);
    const read = (path: string) => () =>
      withHdf5(bytes, "The file", (file) => [file.read(path), file.columns(path, [1, 1, 1])]);
    expect(await refusal(read("expression/model/pcaBasis"))).toMatch(/damaged or cut off/);
  });

  test("prints nothing of the library's own about damaged files", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const bytes = fixture(FILE).subarray(0, 3000);
    expect(
      await refusal(() => withHdf5(bytes, "The file", (f) => f.read("shape/model/mean"))),
    ).toMatch(/^The file /);
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });
});

test("looksLikeHdf5 finds the signature behind a user block", () => {
  expect(looksLikeHdf5(fixture(FILE))).toBe(true);
  expect(looksLikeHdf5(fixture("lsfm-v73.mat"))).toBe(true);
  expect(looksLikeHdf5(fixture("all_all_all.mat"))).toBe(false);
  expect(looksLikeHdf5(new Uint8Array(4))).toBe(false);
});
