// Pictures of the augmentation, to look for seams and double features:
// `npx tsx tools/texture/augmentation-sheet.ts [DATASET] [OUT]` reads a dataset (.cache/dataset/train) and writes to OUT
// (.cache/augmentation) windows.png, maps.png (rows of originals, then what each augmentation makes of them),
// mixes.png (24 as training gets them) and heads.png (originals, then mixes, worn by the default head).

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeImage } from "../../packages/core/src/image/encode.node.js";
import type { Image } from "../../packages/core/src/image/image.js";
import { contactSheet } from "../../packages/core/src/image/montage.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import { loadModel } from "../../packages/core/src/models/store/store.node.js";
import { loadUvFrame } from "../../packages/core/src/models/uv/uv-frame.node.js";
import { portraitCamera } from "../../packages/core/src/portrait/portrait-camera.js";
import { renderHead } from "../../packages/core/src/portrait/render-head.js";
import { STUDIO } from "../../packages/core/src/render/lighting.js";
import {
  imageOfTexture,
  shrinkTexture,
  type TextureMap,
} from "../../packages/core/src/texture/texture-map.js";
import { type AugmentOptions, createAugmenter } from "../../packages/train/src/augment/augment.js";
import { FACE_PARTS, faceWindows } from "../../packages/train/src/augment/face-windows.js";
import { loadDataset } from "../../packages/train/src/dataset/dataset-reader.node.js";

const ROOT = join(fileURLToPath(new URL(".", import.meta.url)), "../..");
const [data = join(ROOT, ".cache/dataset/train"), out = join(ROOT, ".cache/augmentation")] =
  process.argv.slice(2);

/** Pixels of a map on a sheet, and of a head. */
const CELL = 256;
const HEAD = 320;
const COLUMNS = 6;

/** The same seeds draw the same people first, so that columns compare. */
const KINDS: readonly (readonly [name: string, options: AugmentOptions])[] = [
  ["original", { mix: 0, swap: 0, tone: 0, mirror: 0 }],
  ["mix", { mix: 1, part: 0.8, swap: 0, tone: 0, mirror: 0 }],
  ["swap", { mix: 0, swap: 1, tone: 0, mirror: 0 }],
  ["tone", { mix: 0, swap: 0, tone: 1, mirror: 0 }],
];

const PART_COLOURS = {
  eyes: [1, 0.2, 0.2],
  mouth: [0.2, 1, 0.2],
  nose: [0.3, 0.3, 1],
  cheeks: [1, 1, 0.2],
  forehead: [0.2, 1, 1],
  rest: [1, 1, 1],
} as const;

const frame = await loadUvFrame();
const dataset = await loadDataset(data);
const { size } = dataset;
await mkdir(out, { recursive: true });

function small(map: TextureMap): Image {
  return imageOfTexture(shrinkTexture(map, Math.max(1, size / CELL)));
}

const { parts } = faceWindows(frame, size);
const painted = dataset.mean.colour.map((value, i) => {
  const texel = Math.floor(i / 3);
  return FACE_PARTS.reduce(
    (sum, part) => sum + parts[part].values[texel]! * PART_COLOURS[part][i % 3]! * value,
    0,
  );
});
await writeImage(join(out, "windows.png"), imageOfTexture({ size, colour: painted }));

const rows = KINDS.map(([label, options]) => {
  const augmenter = createAugmenter(dataset, frame, options);
  return Array.from({ length: COLUMNS }, (_, i) => ({ label, map: augmenter.next(i) }));
});
await writeImage(
  join(out, "maps.png"),
  contactSheet(
    rows.flatMap((row) => row.map(({ map }) => small(map))),
    { columns: COLUMNS, labels: rows.flatMap((row) => row.map(({ label }) => label)) },
  ),
);

const augmenter = createAugmenter(dataset, frame);
const mixes = Array.from({ length: 24 }, (_, i) => augmenter.next(1000 + i));
await writeImage(join(out, "mixes.png"), contactSheet(mixes.map(small), { columns: COLUMNS }));

const model = await loadModel("default");
const identity = new Float32Array(model.identity.names.length);
const expression = new Float32Array(model.expression.names.length);
const vertices = evaluateModel(model, identity, expression);
const camera = portraitCamera(vertices, { width: HEAD, height: HEAD });
const worn = [...rows[0]!.map(({ map }) => map), ...rows[1]!.map(({ map }) => map), ...mixes];
const heads = worn.slice(0, 4 * COLUMNS).map((map) => {
  const skin = imageOfTexture(map);
  return renderHead(
    { model, identity, expression, skin, irisColour: [92, 68, 48], exposure: 1 },
    { camera, lighting: STUDIO, width: HEAD, height: HEAD, background: [236, 238, 241] },
  ).image;
});
const labels = heads.map((_, i) => ["original", "mix"][Math.floor(i / COLUMNS)] ?? "augmented");
await writeImage(join(out, "heads.png"), contactSheet(heads, { columns: COLUMNS, labels }));
