import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { fixture, refusal } from "../../../test/published-models.js";
import { arraysOfNpz, looksLikeZip, readNpy, readNpz } from "./npz.js";

/** A .npy file put together by hand. */
function npy(
  descriptor: string,
  shape: string,
  body: ArrayLike<number>,
  more: { fortran?: boolean; version?: number } = {},
) {
  const { fortran = false, version = 1 } = more;
  const header = `{'descr': '${descriptor}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }\n`;
  const size =
    version === 1
      ? [header.length & 255, header.length >> 8]
      : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...Buffer.from("NUMPY"),
    version,
    0,
    ...size,
    ...Buffer.from(header),
    ...Array.from(body),
  ]);
}

describe("readNpy", () => {
  test("reads types, orders and versions", () => {
    expect(readNpy(npy("<i2", "(2,)", [1, 0, 255, 255]), "It")).toEqual({
      shape: [2],
      data: Int16Array.of(1, -1),
      order: "C",
    });
    expect(readNpy(npy(">u4", "(1, 1)", [0, 0, 1, 0], { fortran: true }), "It")).toEqual({
      shape: [1, 1],
      data: Uint32Array.of(256),
      order: "F",
    });
    expect(readNpy(npy("|b1", "(3L, 1L)", [1, 0, 1], { version: 2 }), "It")).toEqual({
      shape: [3, 1],
      data: Uint8Array.of(1, 0, 1),
      order: "C",
    });
    expect(readNpy(npy("<f2", "()", [0, 0x3c], { version: 3 }), "It")).toEqual({
      shape: [],
      data: Float32Array.of(1),
      order: "C",
    });
    expect(readNpy(npy("|O", "()", [0x2e]), "It")).toEqual({ pickle: Uint8Array.of(0x2e) });
  });

  test("refuses text, records, shapes beyond the data, and other files", async () => {
    const read = (bytes: Uint8Array) => () => readNpy(bytes, "The array");
    expect(await refusal(read(npy("<U3", "(1,)", new Uint8Array(12))))).toMatch(/no numbers/);
    expect(await refusal(read(npy("<c8", "(1,)", new Uint8Array(8))))).toMatch(/no numbers/);
    expect(await refusal(read(npy("<f4", "(3,)", new Uint8Array(11))))).toMatch(/needs 12 bytes/);
    expect(await refusal(read(npy("<f4", "(99999999999999999999,)", [])))).toMatch(/cut off/);
    expect(await refusal(read(npy("<f4", "(1", [])))).toMatch(/header/);
    expect(await refusal(read(new Uint8Array(20)))).toMatch(/not in numpy/);
    expect(await refusal(read(npy("<f4", "(1,)", []).subarray(0, 40)))).toMatch(/cut off/);
    expect(await refusal(read(npy("<f4", "(1,)", []).subarray(0, 8)))).toMatch(/cut off/);
  });
});

describe("readNpz", () => {
  test("expands only what is wanted", () => {
    const bytes = zipSync({ "a.npy": npy("|u1", "(1,)", [7]), "b.npy": Uint8Array.of(1) });
    expect(readNpz(bytes, ["a", "c"], "It")).toEqual(
      new Map([["a", { shape: [1], data: Uint8Array.of(7), order: "C" }]]),
    );
  });

  test("refuses decompression bombs, and sizes that lie", async () => {
    const zeros = npy("|u1", "(8388608,)", []);
    const body = new Uint8Array(zeros.length + (1 << 23));
    body.set(zeros);
    const bomb = zipSync({ "a.npy": body });
    expect(await refusal(() => readNpz(bomb, ["a"], "It"))).toMatch(/exhaust the memory/);
    expect(readNpz(bomb, ["b"], "It").size).toBe(0);
    // The size in the directory made small: the data is then cut, not the memory filled.
    const lying = bomb.slice();
    const view = new DataView(lying.buffer);
    const directory = lying.length - 22 - 46 - 5;
    expect(view.getUint32(directory, true)).toBe(0x02014b50);
    view.setUint32(directory + 24, 1000, true);
    expect(await refusal(() => readNpz(lying, ["a"], "It"))).toMatch(/cut off/);
  });

  test("lists the arrays of what numpy wrote", () => {
    expect(arraysOfNpz(fixture("flame.npz"))).toContain("J_regressor");
    expect(arraysOfNpz(fixture("flame.npz").subarray(0, 1000))).toEqual([]);
    expect(looksLikeZip(fixture("generic_model.pkl"))).toBe(false);
  });
});
