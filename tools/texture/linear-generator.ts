// The linear texture generator, which the GAN is compared with and begins from: `tsx tools/texture/linear-generator.ts
// DATASET FOLDER` learns it from a dataset that `ganfit dataset build` made (docs/dataset.md) and writes
// texture-generator.onnx and .json into the folder, for `npm run bench -- texture --generator` and `ganfit fit
// --generator`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../packages/core/src/image/encode.node.js";
import { UV_FRAME } from "../../packages/core/src/models/uv/uv-frame.js";
import { linearGeneratorModel } from "../../packages/core/src/texture/linear-generator.js";
import type { RegionalModel } from "../../packages/core/src/texture/regional-pca.js";
import {
  doubleTexture,
  shrinkTexture,
  type TextureMap,
} from "../../packages/core/src/texture/texture-map.js";
import { loadDataset } from "../../packages/train/src/dataset/dataset-reader.node.js";
import { linearModelOf } from "../../packages/train/src/training/map-sources.js";

/** Texels along each side of the components: finer than this, only the mean has detail. */
const COMPONENT_SIZE = 256;

const DESCRIPTION = {
  file: "texture-generator.onnx",
  name: "ganfit regional skin",
  licence: "CC-BY-4.0",
  attribution:
    "Learnt from the Face Research Lab London Set (DeBruine, L., Jones, B., 2017, figshare 5047666) and Young Adult White Faces with Manipulated Versions (DeBruine, L., Jones, B., 2017, figshare 4220517), both CC BY 4.0.",
  uvFrame: UV_FRAME,
  prior: "normal",
} as const;

/** The mean of the model's textures with the fine detail of the mean of the photographs. */
function detailedMean(model: RegionalModel, mean: TextureMap): TextureMap {
  const coarse = shrinkTexture(mean, mean.size / model.size).colour;
  const difference = model.mean.map((value, i) => value - coarse[i]!);
  const smooth = doubleTexture({ size: model.size, colour: difference }).colour;
  return { size: mean.size, colour: mean.colour.map((value, i) => value + smooth[i]!) };
}

const [, , folder, out] = process.argv;
if (folder === undefined || out === undefined) {
  throw new Error("A dataset and a folder for the generator are needed.");
}
const dataset = await loadDataset(folder);
const model = linearModelOf(dataset, COMPONENT_SIZE);
const bytes = linearGeneratorModel(model, detailedMean(model, dataset.mean));
await mkdir(out, { recursive: true });
await writeWhole(join(out, DESCRIPTION.file), bytes);
const text = `${JSON.stringify(DESCRIPTION, null, 2)}\n`;
await writeWhole(join(out, "texture-generator.json"), new TextEncoder().encode(text));
console.log(`${(bytes.length / 2 ** 20).toFixed(1)} MB`);
