// Makes packages/core/assets/uv-frame.json, the common texture layout, from the default head's mean:
//
//     npx tsx tools/uv/build.ts

import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Basis, MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { formatUvFrame } from "../../packages/core/src/models/uv/uv-frame.js";
import { buildBaseHead } from "../head/base-head.js";
import { headLandmarks } from "../head/landmarks.js";
import { makeFrame } from "./make-frame.js";

const OUTPUT = fileURLToPath(new URL("../../packages/core/assets/uv-frame.json", import.meta.url));

const EMPTY: Basis = {
  names: [],
  displacements: new Float32Array(0),
  standardDeviations: new Float32Array(0),
  prior: "normal",
};

/** The mean of the default head with both sets of landmarks; its `uv` is MakeHuman's own layout. */
export async function headWithLandmarks(): Promise<MorphableModel> {
  const head = await buildBaseHead();
  const model: MorphableModel = {
    name: "default head",
    licence: "CC0-1.0",
    attribution: "MakeHuman",
    mean: head.mean,
    triangles: head.triangles,
    parts: head.parts,
    identity: EMPTY,
    expression: EMPTY,
    landmarks: null,
    symmetry: head.symmetry,
    uv: {
      frame: "makehuman",
      coordinates: head.sourceUv,
      triangles: Uint32Array.from(head.triangles, (_, corner) => corner),
    },
  };
  return { ...model, landmarks: await headLandmarks(model) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const frame = await makeFrame(await headWithLandmarks());
  await writeFile(`${OUTPUT}.new`, formatUvFrame(frame));
  await rename(`${OUTPUT}.new`, OUTPUT);
}
