import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../packages/core/src/models/compact/byte-source.js";
import { readCompactModel } from "../../packages/core/src/models/compact/compact.js";
import { buildHead, HEAD_FILE, SIZE_LIMIT } from "./build.js";
import { readStatistics } from "./statistics-file.js";

describe("the default head's file", () => {
  it("is what the build makes of its sources, byte for byte", async () => {
    const shipped = new Uint8Array(await readFile(HEAD_FILE));
    expect(shipped.length).toBeLessThanOrEqual(SIZE_LIMIT);
    const built = await buildHead();
    expect(built.length).toBe(shipped.length);
    expect(Buffer.compare(built, shipped)).toBe(0);
  });

  it("has modes that are either symmetric or antisymmetric", async () => {
    const model = await readCompactModel(memorySource(new Uint8Array(await readFile(HEAD_FILE))));
    const { modes } = await readStatistics();
    const symmetry = model.symmetry!;
    const stride = model.mean.length;
    model.identity.names.forEach((name, k) => {
      const { antisymmetric } = modes.find((mode) => mode.name === name)!;
      const sign = antisymmetric ? -1 : 1;
      let worst = 0;
      let most = 0;
      for (let v = 0; v < symmetry.length; v++) {
        for (let c = 0; c < 3; c++) {
          const here = model.identity.displacements[k * stride + 3 * v + c]!;
          const there = model.identity.displacements[k * stride + 3 * symmetry[v]! + c]!;
          worst = Math.max(worst, Math.abs(here - sign * (c === 0 ? -1 : 1) * there));
          most = Math.max(most, Math.abs(here));
        }
      }
      // Positions in float32 and displacements in 16 bits.
      expect(worst, name).toBeLessThan(2e-3 * most + 1e-4);
    });
  });
});
