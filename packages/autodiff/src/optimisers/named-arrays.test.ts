import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignArrays, copyArrays, requireSameArrays } from "./named-arrays.js";

// The names include "__proto__", "toString" and the like, which fast-check is fond of.
const named = fc
  .array(fc.tuple(fc.string(), fc.float32Array({ maxLength: 4 })))
  .map((entries) => Object.fromEntries(entries));

describe("named arrays", () => {
  it("copy to equal arrays that share nothing", () => {
    fc.assert(
      fc.property(named, (arrays) => {
        const copy = copyArrays(arrays);
        requireSameArrays("copy", copy, arrays);
        expect(Object.entries(copy)).toEqual(Object.entries(arrays));
        for (const name of Object.keys(arrays)) {
          expect(copy[name]!.buffer).not.toBe(arrays[name]!.buffer);
        }
      }),
      { seed: 1 },
    );
  });

  it("assign in place", () => {
    const array = new Float32Array(2);
    assignArrays({ array }, { array: Float32Array.of(1, 2) });
    expect(array).toEqual(Float32Array.of(1, 2));
  });

  it("do not mistake a method of Object for an array", () => {
    const one = new Float32Array(1);
    expect(() => requireSameArrays("x: array", {}, { toString: one } as never)).toThrow(
      'x: array for "toString" is missing',
    );
    expect(() => requireSameArrays("x: array", { toString: one } as never, {})).toThrow(
      'x: array for unknown "toString"',
    );
  });
});
