/**
 * How well a head model represents people that it was not made from:
 *
 *     npx tsx packages/core/bench/head.ts [MODEL.gfm] [--ict DIRECTORY] [--heads N] [--seed S] [--scale]
 *
 * Fits the default head, or another model in the compact format, surface to surface to random heads of
 * ICT-FaceKit (N(0, I) clipped to +-3, no expression): a rigid motion (with --scale a similarity) and
 * identity coefficients within +-3 standard deviations. One JSON line for each head with the mean
 * distance from its narrow face area to the fitted model in millimetres, then one for all. The same
 * seed gives the same figures.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fitIctHeads, skinOf } from "../../../tools/head/ict-fit.js";
import { memorySource } from "../src/models/compact/byte-source.js";
import { readCompactModel } from "../src/models/compact/compact.js";
import { openIctFaceKit } from "../src/models/readers/ict-facekit.node.js";
import { ictFaceKit } from "../test/ict-facekit.js";

const DEFAULT_HEAD = fileURLToPath(new URL("../assets/default-head.gfm", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ict: { type: "string" },
    heads: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    scale: { type: "boolean", default: false },
  },
});

const folder = values.ict ?? ictFaceKit();
if (folder === null) {
  console.error("bench: ICT-FaceKit is absent; name its folder with --ict.");
  process.exitCode = 2;
} else {
  const path = positionals[0] ?? DEFAULT_HEAD;
  const model = await readCompactModel(memorySource(new Uint8Array(await readFile(path))));
  const ict = await openIctFaceKit(folder);
  const result = fitIctHeads(
    skinOf(model),
    ict,
    Number(values.heads),
    Number(values.seed),
    { scale: values.scale },
    (head, distance) => console.log(JSON.stringify({ head, distance: rounded(distance) })),
  );
  console.log(
    JSON.stringify({
      model: model.name,
      modes: model.identity.names.length,
      heads: result.distances.length,
      mean: rounded(result.mean),
      worst: rounded(result.worst),
      meanFace: rounded(result.meanFace),
      coefficientsRms: rounded(result.coefficients),
      atBound: rounded(result.atBound),
    }),
  );
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
