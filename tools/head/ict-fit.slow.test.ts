import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../packages/core/src/models/compact/byte-source.js";
import { readCompactModel } from "../../packages/core/src/models/compact/compact.js";
import { openIctFaceKit } from "../../packages/core/src/models/readers/ict-facekit.node.js";
import { ictFaceKit, needsIct } from "../../packages/core/test/ict-facekit.js";
import { fitIctHeads, randomIdentity, skinOf } from "./ict-fit.js";

const folder = ictFaceKit();
const HEAD = fileURLToPath(new URL("../../packages/core/assets/default-head.gfm", import.meta.url));

describe("the default head's identity modes", () => {
  it.skipIf(folder === null)(
    needsIct(folder, "represent 20 random heads of ICT-FaceKit within 0.7 mm"),
    async () => {
      const model = await readCompactModel(memorySource(new Uint8Array(await readFile(HEAD))));
      const result = fitIctHeads(skinOf(model), await openIctFaceKit(folder!), 20, 1);
      expect(result.mean).toBeLessThan(0.7);
      expect(result.worst).toBeLessThan(1);
      // The modes do something: the mean face alone is far off.
      expect(result.meanFace).toBeGreaterThan(2 * result.mean);
    },
  );

  it("are measured on the same heads every time", () => {
    expect(randomIdentity(100, 1)).toEqual(randomIdentity(100, 1));
    expect(randomIdentity(100, 1)).not.toEqual(randomIdentity(100, 2));
    expect(Math.max(...randomIdentity(100_000, 1))).toBe(3);
  });
});
