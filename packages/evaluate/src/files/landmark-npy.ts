import { GanfitError, readNpy } from "@ganfit/core";
import { asData } from "./as-data.js";

/**
 * Points of a numpy array of `n x 3` numbers.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`
 */
export function parseNpyPoints(bytes: Uint8Array, name: string): Float64Array {
  const content = asData(() => readNpy(bytes, name));
  if ("pickle" in content || content.shape.length !== 2 || content.shape[1] !== 3) {
    const found = "pickle" in content ? "Python objects" : `(${content.shape.join(", ")})`;
    throw new GanfitError("data", `${name} is an array of ${found} where (n, 3) numbers belong.`);
  }
  const { data, order } = content;
  const n = data.length / 3;
  const points = new Float64Array(data.length);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 3; k++) {
      const value = data[order === "C" ? 3 * i + k : n * k + i]!;
      if (!Number.isFinite(value)) {
        throw new GanfitError(
          "data",
          `Point ${i + 1} of ${name} has a coordinate that is not finite.`,
        );
      }
      points[3 * i + k] = value;
    }
  }
  return points;
}
