import fc from "fast-check";
import { expect, it } from "vitest";
import { fillEnclosed } from "./mask-fill.js";

/** Erosion of a full marker under the mask until nothing changes: the definition, slowly. */
function reconstruction(values: Float32Array, width: number, height: number): Float32Array {
  const result = values.map((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1 ? value : 1;
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < values.length; i++) {
      const around = [result[i]!];
      if (i % width > 0) around.push(result[i - 1]!);
      if (i % width < width - 1) around.push(result[i + 1]!);
      if (i >= width) around.push(result[i - width]!);
      if (i + width < values.length) around.push(result[i + width]!);
      const next = Math.max(values[i]!, Math.min(...around));
      if (next !== result[i]) {
        result[i] = next;
        changed = true;
      }
    }
  }
  return result;
}

it("is the reconstruction by erosion", () => {
  const value = fc.integer({ min: 0, max: 255 }).map((byte) => byte / 255);
  fc.assert(
    fc.property(fc.array(value, { minLength: 63, maxLength: 63 }), (list) => {
      const values = Float32Array.from(list);
      expect(fillEnclosed(values, 9, 7)).toEqual(reconstruction(values, 9, 7));
    }),
    { seed: 20190616, numRuns: 300 },
  );
});
