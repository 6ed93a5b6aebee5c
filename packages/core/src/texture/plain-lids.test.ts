import { expect, it } from "vitest";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { faceRegions } from "./face-regions.js";
import { plainLids } from "./plain-lids.js";

it("gives folded lids the skin's colour, and leaves the rest", async () => {
  const size = 128;
  const regions = faceRegions(await loadUvFrame(), size);
  const colour = Float32Array.from({ length: 3 * size * size }, (_, i) =>
    regions.eyes[Math.floor(i / 3)]! > 0.5 ? 0.1 : [0.8, 0.6, 0.5][i % 3]!,
  );
  const plain = plainLids({ size, colour }, regions).colour;
  const inside = Array.from(regions.lids.keys()).filter((i) => regions.lids[i] === 1);
  expect(inside.length).toBeGreaterThan(20);
  // Dark lids become 70 % of the skin's colour, itself a twentieth darker.
  for (const i of inside) expect(plain[3 * i]).toBeCloseTo(0.3 * 0.1 + 0.7 * 0.95 * 0.8, 2);
  for (const [i, share] of regions.lids.entries()) {
    if (share === 0) expect(plain[3 * i]).toBe(colour[3 * i]);
  }
  expect(() => plainLids({ size: 64, colour: new Float32Array(3 * 64 * 64) }, regions)).toThrow(
    /128 texels/,
  );
});
