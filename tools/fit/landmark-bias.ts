/**
 * The landmark network's systematic error, measured on rendered heads of the embedded model, whose truth is known:
 * writes packages/core/src/fit/landmark-bias-table.ts.
 *
 *     npx tsx tools/fit/landmark-bias.ts [--heads N] [--texture-spread S]
 *
 * Random identities, expressions of portraits, textures of the generator, views up to 45 degrees, 320 to 640 pixels. For
 * each head the pose is fitted to what the network found, as a fit does it, and what is left, told in the face's own
 * frame, is explained by the view (`biasFeatures`) by least squares.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Matrix, solve } from "ml-matrix";
import { GanfitError } from "../../packages/core/src/errors.js";
import { visiblePoints } from "../../packages/core/src/fit/contour.js";
import { loadFitModels } from "../../packages/core/src/fit/fit-models.node.js";
import {
  BIAS_FEATURES,
  biasFeatures,
  biasFrame,
} from "../../packages/core/src/fit/landmark-bias.js";
import {
  LANDMARK_WEIGHTS,
  pickLandmarks,
  prepareLandmarks,
} from "../../packages/core/src/fit/landmark-fit.js";
import { estimatePose } from "../../packages/core/src/fit/pose.js";
import { drawView, viewNumbers } from "../../packages/core/src/fit/view-prior.js";
import { inPlane } from "../../packages/core/src/image/in-plane.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import { surfacePositions } from "../../packages/core/src/models/surface-points.js";
import { findFace } from "../../packages/core/src/networks/find-face.js";
import { normals, uniform } from "../../packages/core/src/random.js";
import { cameraOf, project } from "../../packages/core/src/render/camera.js";
import { openTextureRun } from "../../packages/core/src/texture/texture-runner.js";
import { photograph, syntheticHead } from "../../packages/evaluate/bench/synthetic-heads.js";

const OUTPUT = fileURLToPath(
  new URL("../../packages/core/src/fit/landmark-bias-table.ts", import.meta.url),
);
/** Degrees. */
const MOST_YAW = 45;
const MOST_PITCH = 18;
const LANDMARKS = 478;
/** Parts of the distance between the pupils in the table's unit. */
const QUANTUM = 1e-5;
const LINE = 96;

const { values } = parseArgs({
  options: {
    heads: { type: "string", default: "400" },
    "texture-spread": { type: "string", default: "0.8" },
  },
});

const models = await loadFitModels();
const { shape: model, generator } = models;
const { sliding } = prepareLandmarks(model);
const textures = await openTextureRun(generator);
const features: (readonly number[])[] = [];
const errors: Float64Array[] = [];
const next = uniform(1);

for (let i = 0; i < Number(values.heads); i++) {
  const latent = Float32Array.from(
    normals(generator.latentSize, 2 * i),
    (value) => Number(values["texture-spread"]) * value,
  );
  const drawn = syntheticHead(model, [await textures.textureOf(latent)], i);
  const basis = model.expression;
  const { expression } = drawView(basis, normals(viewNumbers(basis), 2 * i + 1));
  const view = {
    ...drawn.view,
    yaw: MOST_YAW * (2 * next() - 1),
    pitch: MOST_PITCH * (2 * next() - 1),
  };
  const head = { ...drawn.head, expression };
  const side = Math.round(320 * 2 ** next());
  const scaled = { ...view, scale: (view.scale * side) / 448 };
  const { photo, camera } = photograph({ ...drawn, head, view: scaled }, side);
  const found = await findFace(photo, models.faces).catch((error: unknown) => {
    if (error instanceof GanfitError) return null;
    throw error;
  });
  if (!found) continue;
  const vertices = evaluateModel(model, head.identity, expression);
  const chosen = visiblePoints(model, sliding, vertices, camera.position);
  const points = surfacePositions(vertices, model.triangles, pickLandmarks(sliding, chosen));
  const pixels = inPlane(found.landmarks);
  const { focalLength, principalPoint } = camera;
  const { unit, cosine, sine } = biasFrame(found.landmarks);
  const pose = estimatePose(points, pixels, {
    focalLength,
    principalPoint,
    outlier: 0.2 * unit,
    weights: LANDMARK_WEIGHTS,
  });
  const seen = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
  const expected = inPlane(project(points, seen));
  const [x, y, z] = seen.position;
  features.push(biasFeatures([x, y, z]));
  errors.push(
    Float64Array.from({ length: 2 * LANDMARKS }, (_, k) => {
      const n = k - (k % 2);
      const dx = (pixels[n]! - expected[n]!) / unit;
      const dy = (pixels[n + 1]! - expected[n + 1]!) / unit;
      return k % 2 === 0 ? cosine * dx + sine * dy : cosine * dy - sine * dx;
    }),
  );
  process.stderr.write(`\r${i + 1} of ${values.heads}`);
}
process.stderr.write("\n");
await textures.dispose();
await models.dispose();

const size = 2 * LANDMARKS;
const rms = (rows: readonly ArrayLike<number>[]) =>
  Math.sqrt(
    rows.reduce((sum, row) => sum + Array.from(row).reduce((s, v) => s + v * v, 0), 0) /
      (rows.length * size),
  );
const fitted = (keep: (i: number) => boolean): Matrix =>
  solve(
    new Matrix(features.filter((_, i) => keep(i)).map((row) => [...row])),
    new Matrix(errors.filter((_, i) => keep(i)).map((row) => Array.from(row))),
    true,
  );
const left = (table: Matrix, i: number) =>
  errors[i]!.map((value, k) =>
    features[i]!.reduce((sum, feature, f) => sum - feature * table.get(f, k), value),
  );
/** Every fourth head judges a table of the others. */
const judges = errors.flatMap((_, i) => (i % 4 === 0 ? [i] : []));
const trial = fitted((i) => i % 4 !== 0);
const table = fitted(() => true);

const quantised = Int16Array.from({ length: BIAS_FEATURES * size }, (_, i) =>
  Math.round(table.get(Math.floor(i / size), i % size) / QUANTUM),
);
const text = Buffer.from(quantised.buffer).toString("base64");
const lines = text.match(new RegExp(`.{1,${LINE}}`, "g"))!;
await writeFile(
  OUTPUT,
  `// Written by tools/fit/landmark-bias.ts from ${errors.length} rendered heads; not by hand.

/** Parts of the distance between the pupils. */
const QUANTUM = ${QUANTUM};

/** Little-endian int16 in base64. */
const TABLE = [
${lines.map((line) => `  ${JSON.stringify(line)},`).join("\n")}
].join("");

/** \`7 x 478 x 2\`: for each of \`biasFeatures\` the network's bias, parts of the distance between the pupils. */
export const LANDMARK_BIAS: Float32Array = (() => {
  const bytes = Uint8Array.from(atob(TABLE), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from(
    { length: bytes.length / 2 },
    (_, i) => QUANTUM * view.getInt16(2 * i, true),
  );
})();
`,
);
console.log(
  JSON.stringify({
    heads: errors.length,
    error: rms(errors),
    afterwards: rms(judges.map((i) => left(trial, i))),
  }),
);
