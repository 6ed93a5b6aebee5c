import { zlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { fixture, refusal } from "../../../test/published-models.js";
import { looksLikeMat5, readMat5, variablesOfMat5 } from "./mat5.js";

/** A level 5 MAT-file put together by hand, of either byte order. */
class Writer {
  constructor(readonly little = true) {}

  u32(...values: number[]): Uint8Array {
    const out = new Uint8Array(4 * values.length);
    const view = new DataView(out.buffer);
    for (const [i, value] of values.entries()) view.setUint32(4 * i, value, this.little);
    return out;
  }

  element(type: number, body: Uint8Array): Uint8Array {
    const padding = new Uint8Array(-body.length & 7);
    return join(this.u32(type, body.length), body, padding);
  }

  /** Tag of type and length in four bytes, the data in the other four. */
  small(type: number, body: Uint8Array): Uint8Array {
    const word = this.u32((body.length << 16) | type);
    return join(word, body, new Uint8Array(4 - body.length));
  }

  matrix(name: string, flags: number, shape: number[], ...content: Uint8Array[]): Uint8Array {
    return this.element(
      14,
      join(
        this.element(6, this.u32(flags, 0)),
        this.element(5, this.u32(...shape)),
        this.element(1, text(name)),
        ...content,
      ),
    );
  }

  file(...elements: Uint8Array[]): Uint8Array {
    const header = new Uint8Array(128);
    header.set(text("MATLAB 5.0 MAT-file"));
    header.set(this.little ? [0, 1, 0x49, 0x4d] : [1, 0, 0x4d, 0x49], 124);
    return join(header, ...elements);
  }

  compressed(matrix: Uint8Array): Uint8Array {
    const body = zlibSync(matrix);
    return join(this.u32(15, body.length), body);
  }
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const DOUBLE = 6;

describe.each([true, false])("with little-endian %s", (little) => {
  const w = new Writer(little);

  test("reads numbers stored smaller than their class, in short tags and compressed", () => {
    const bytes = w.file(
      w.matrix("a", DOUBLE, [2, 3], w.element(2, Uint8Array.of(1, 2, 3, 4, 5, 6))),
      w.matrix("b", DOUBLE, [1, 2], w.small(1, Uint8Array.of(255, 7))),
      w.compressed(w.matrix("c", DOUBLE, [1, 1], w.element(6, w.u32(77)))),
    );
    expect(variablesOfMat5(bytes)).toEqual(["a", "b", "c"]);
    const result = readMat5(bytes, ["a", "b", "c", "d"], "It");
    expect(result.get("a")).toEqual({
      shape: [2, 3],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
      order: "F",
    });
    expect(result.get("b")?.data).toEqual(Int8Array.of(-1, 7));
    expect(Array.from(result.get("c")!.data)).toEqual([77]);
    expect(result.has("d")).toBe(false);
  });

  test("reads wanted fields of a struct and steps over the others", () => {
    const names = new Uint8Array(64);
    names.set(text("first"));
    names.set(text("second"), 32);
    const bytes = w.file(
      w.matrix(
        "s",
        2,
        [1, 1],
        w.small(5, w.u32(32)),
        w.element(1, names),
        w.matrix("", 4, [1, 2], w.element(4, Uint8Array.of(0, 72, 0, 73))),
        w.matrix("", DOUBLE, [1, 1], w.small(2, Uint8Array.of(9))),
      ),
    );
    const result = readMat5(bytes, ["s/second", "s/first"], "It");
    expect(Array.from(result.keys())).toEqual(["s/second"]);
    expect(Array.from(result.get("s/second")!.data)).toEqual([9]);
  });

  test("refuses shapes that do not fit, complex numbers and structs without end", async () => {
    const numbers = w.element(2, new Uint8Array(5));
    const read =
      (...elements: Uint8Array[]) =>
      () =>
        readMat5(w.file(...elements), ["a", "s/s/s/s/s/s"], "It");
    expect(await refusal(read(w.matrix("a", DOUBLE, [2, 3], numbers)))).toMatch(
      /5 numbers .* 2 x 3/,
    );
    expect(await refusal(read(w.matrix("a", DOUBLE, [2 ** 31, 2 ** 31], numbers)))).toMatch(
      /5 numbers/,
    );
    expect(await refusal(read(w.matrix("a", DOUBLE | 0x800, [1, 5], numbers)))).toMatch(/complex/);
    expect(
      await refusal(read(w.matrix("a", DOUBLE, [1, 5], w.element(77, new Uint8Array(5))))),
    ).toMatch(/type 77/);
    expect(await refusal(read(w.element(3, new Uint8Array(5))))).toMatch(/type 3/);
    const tooLong = join(w.u32(14, 2 ** 31), new Uint8Array(8));
    expect(await refusal(read(tooLong))).toMatch(/cut off/);
  });

  test("refuses decompression bombs before allocating them", async () => {
    const bomb = (declared: number): Uint8Array => {
      const head = w.matrix("a", DOUBLE, [1 << 28, 1]);
      const matrix = join(
        w.u32(14, declared),
        head.subarray(8),
        w.u32(2, 1 << 28),
        new Uint8Array(1 << 23),
      );
      const body = zlibSync(matrix);
      return w.file(join(w.u32(15, body.length), body));
    };
    expect(await refusal(() => readMat5(bomb(1 << 28), ["a"], "It"))).toMatch(/exhaust the memory/);
    expect(await refusal(() => readMat5(bomb(1000), ["a"], "It"))).toMatch(/cut off/);
  });
});

test("lists what scipy wrote, cells and sparse matrices included", () => {
  for (const name of ["01_MorphableModel.mat", "01_MorphableModel-plain.mat"]) {
    expect(variablesOfMat5(fixture(name)).sort()).toEqual(
      [
        "segMB",
        "segMM",
        "segbin",
        "shapeEV",
        "shapeMU",
        "shapePC",
        "texEV",
        "texMU",
        "texPC",
        "tl",
      ].sort(),
    );
  }
});

test("knows its own kind", () => {
  expect(looksLikeMat5(fixture("all_all_all.mat"))).toBe(true);
  expect(looksLikeMat5(fixture("lsfm-v73.mat"))).toBe(false);
  expect(looksLikeMat5(new Uint8Array(127))).toBe(false);
});
