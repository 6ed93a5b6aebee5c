// The pictures of the README: `npx tsx tools/fit/figures.ts` fits examples/portrait.png (NASA, public domain)
// and writes docs/images/fit-portrait.jpg and fit-render.jpg.

import { fileURLToPath } from "node:url";
import { headSheet } from "../../packages/core/src/export/sheet.js";
import { fit } from "../../packages/core/src/fit/fit.js";
import { loadFitModels } from "../../packages/core/src/fit/fit-models.node.js";
import { photoTexture } from "../../packages/core/src/fit/photo-texture.js";
import { readImage } from "../../packages/core/src/image/decode.node.js";
import { writeImage } from "../../packages/core/src/image/encode.node.js";
import { contactSheet } from "../../packages/core/src/image/montage.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import type { TexturedHead } from "../../packages/core/src/models/textured-head.js";
import { loadUvFrame } from "../../packages/core/src/models/uv/uv-frame.node.js";
import { maskInImage } from "../../packages/core/src/networks/segmentation.js";
import { portraitCamera } from "../../packages/core/src/portrait/portrait-camera.js";
import { renderHead } from "../../packages/core/src/portrait/render-head.js";
import type { Lighting } from "../../packages/core/src/render/lighting.js";
import { STUDIO } from "../../packages/core/src/render/lighting.js";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const CELL = 300;

const LAMP: Lighting = {
  kind: "phong",
  position: [-900, 500, 700],
  colour: [1, 0.85, 0.7],
  ambient: [0.06, 0.07, 0.1],
  specular: 0.08,
  shininess: 8,
};

const photo = await readImage(path("examples/portrait.png"));
const models = await loadFitModels();
const result = await fit(photo, models);
const { camera, lighting, segmentation } = result;
const frame = await loadUvFrame();
const size = 1024;
const skin = photoTexture({ photo, ...result, frame, size });
const head: TexturedHead = { ...result.head, skin };
const mask = maskInImage(segmentation.face, segmentation, photo.width, photo.height);
await writeImage(
  path("docs/images/fit-portrait.jpg"),
  headSheet({ photo, head, camera, lighting, mask }),
);

const { names } = models.shape.expression;
const neutral = new Float32Array(names.length);
const expression = (weights: Readonly<Record<string, number>>) =>
  Float32Array.from(names, (name) => weights[name] ?? 0);
const smile = expression({
  mouthSmileLeft: 0.8,
  mouthSmileRight: 0.8,
  mouthUpperUpLeft: 0.3,
  mouthUpperUpRight: 0.3,
  cheekSquintLeft: 0.4,
  cheekSquintRight: 0.4,
});
const surprise = expression({
  jawOpen: 0.5,
  browInnerUp: 0.8,
  eyeWideLeft: 0.7,
  eyeWideRight: 0.7,
});
const wink = expression({ eyeBlinkLeft: 1, mouthSmileLeft: 0.6, mouthLeft: 0.2 });
const views: readonly (readonly [string, Float32Array, number, Lighting])[] = [
  ["as in the photo", head.expression, 0, STUDIO],
  ["neutral", neutral, -40, STUDIO],
  ["smile", smile, 20, STUDIO],
  ["surprise", surprise, 0, STUDIO],
  ["wink", wink, 15, STUDIO],
  ["a lamp", neutral, -20, LAMP],
];
const images = views.map(([, weights, yaw, light]) => {
  const vertices = evaluateModel(head.model, head.identity, weights);
  return renderHead(head, {
    camera: portraitCamera(vertices, { yaw, width: CELL, height: CELL }),
    lighting: light,
    expression: weights,
    background: [236, 238, 241],
    width: CELL,
    height: CELL,
  }).image;
});
const labels = views.map(([label]) => label);
await writeImage(path("docs/images/fit-render.jpg"), contactSheet(images, { columns: 6, labels }));
await models.dispose();
