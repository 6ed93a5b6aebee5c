// Makes packages/core/assets/uv-frame.json, the common texture layout, from the default head's mean:
//
//     npx tsx tools/uv/build.ts

import { rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { formatUvFrame } from "../../packages/core/src/models/uv/uv-frame.js";
import { buildBaseHead } from "../head/base-head.js";
import { baseHeadModel } from "../head/base-head-model.js";
import { headLandmarks } from "../head/landmarks.js";
import { makeFrame } from "./make-frame.js";

const OUTPUT = fileURLToPath(new URL("../../packages/core/assets/uv-frame.json", import.meta.url));

/** The mean of the default head with both sets of landmarks; its `uv` is MakeHuman's own layout. */
export async function headWithLandmarks(): Promise<MorphableModel> {
  const model = baseHeadModel(await buildBaseHead());
  return { ...model, landmarks: await headLandmarks(model) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const frame = await makeFrame(await headWithLandmarks());
  await writeFile(`${OUTPUT}.new`, formatUvFrame(frame));
  await rename(`${OUTPUT}.new`, OUTPUT);
}
