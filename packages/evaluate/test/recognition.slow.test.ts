import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { measureRecognition } from "../bench/recognition-measure.js";
import { describeSeparation } from "../src/identity/gallery.js";

const PHOTOS = fileURLToPath(new URL("../../../../shared/data/photos/", import.meta.url));

test.skipIf(!existsSync(PHOTOS))(
  "held-out people are recognised smiling (needs ../shared/data/photos)",
  async () => {
    const { probes, rank1, genuine, impostor } = describeSeparation(
      await measureRecognition(PHOTOS, true),
    );
    expect(probes).toBe(12);
    expect(rank1).toBe(1);
    expect(genuine.least).toBeGreaterThan(impostor.most);
  },
);
