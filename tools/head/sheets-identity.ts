// Pictures of the default head's identities for docs/default-head.md: `tsx tools/head/sheets-identity.ts`.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeImage } from "../../packages/core/src/image/encode.node.js";
import type { Image } from "../../packages/core/src/image/image.js";
import { contactSheet } from "../../packages/core/src/image/montage.js";
import { memorySource } from "../../packages/core/src/models/compact/byte-source.js";
import { readCompactModel } from "../../packages/core/src/models/compact/compact.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { normals } from "../../packages/core/src/random.js";
import { preview } from "../../packages/core/src/render/preview.js";
import { HEAD_FILE } from "./build.js";

const SAMPLES = 24;
const SEED = 2024;
const MODES = 10;
const CELL = { width: 190, height: 220 } as const;

/** Degrees of yaw at which each head is shown. */
const VIEWS = [0, 40] as const;

/** A head with the given identity and no expression, from the front and from the side, one picture. */
export function portrait(model: MorphableModel, identity: ArrayLike<number>): Image {
  const neutral = new Float32Array(model.expression.names.length);
  const vertices = evaluateModel(model, identity, neutral);
  const views = VIEWS.map((yaw) =>
    preview(vertices, model, { ...CELL, yaw, centre: [0, -2, 20], span: 300 }),
  );
  return contactSheet(views, { columns: VIEWS.length, padding: 0 });
}

/** Heads with coefficients drawn from N(0, I). */
export function sampleSheet(model: MorphableModel): Image {
  const count = model.identity.names.length;
  const pictures = Array.from({ length: SAMPLES }, (_, i) =>
    portrait(model, normals(count, SEED + i)),
  );
  return contactSheet(pictures, { columns: 4, padding: 4 });
}

/** The first modes at -2 and +2 standard deviations. */
export function modeSheet(model: MorphableModel): Image {
  const count = model.identity.names.length;
  const pictures: Image[] = [];
  const labels: string[] = [];
  for (let k = 0; k < MODES; k++) {
    for (const amount of [-2, 2]) {
      const identity = new Float32Array(count);
      identity[k] = amount;
      pictures.push(portrait(model, identity));
      labels.push(`${model.identity.names[k]} ${amount > 0 ? "+" : "-"}${Math.abs(amount)}`);
    }
  }
  return contactSheet(pictures, { columns: 4, padding: 4, labels });
}

async function main(): Promise<void> {
  const model = await readCompactModel(memorySource(await readFile(HEAD_FILE)));
  const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
  await mkdir(folder, { recursive: true });
  const quality = { quality: 82 };
  await writeImage(join(folder, "default-head-samples.jpg"), sampleSheet(model), quality);
  await writeImage(join(folder, "default-head-modes.jpg"), modeSheet(model), quality);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
