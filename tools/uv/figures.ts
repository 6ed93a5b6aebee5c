// The pictures of docs/uv-frame.md: three models' layouts with iBUG's 68 points, and one painted texture
// on all three.
//
//     npx tsx tools/uv/figures.ts [MODEL ...]

import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { placesOf } from "../../packages/core/bench/uv-measure.js";
import { modelPaths, openWithLandmarks } from "../../packages/core/bench/uv-models.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { loadUvFrame } from "../../packages/core/src/models/uv/uv-frame.node.js";
import { unwrapModel } from "../../packages/core/src/models/uv/uv-unwrap.js";
import { loadFaceNetworks } from "../../packages/core/src/networks/faces.node.js";
import { LANDMARK_GROUPS } from "../../packages/core/src/networks/ibug68.js";
import { preview } from "../../packages/core/src/render/preview.js";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SIDE = 640;
const TEXTURE = 1024;
const MIDLINE = [10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 164, 0, 17, 18, 200, 199, 175, 152];

const svg = (side: number, content: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="white"/>${content}</svg>`,
  );

/** The triangles of the skin in the layout, with the 68 points of the model and of the frame. */
function layout({ uv, parts, landmarks }: MorphableModel, frame68: Float32Array): Buffer {
  const { coordinates, triangles } = uv!;
  const at = (i: number) =>
    `${(coordinates[2 * i]! * SIDE).toFixed(1)} ${(coordinates[2 * i + 1]! * SIDE).toFixed(1)}`;
  let path = "";
  for (const { kind, start, count } of parts) {
    if (kind !== "skin") continue;
    for (let c = 3 * start; c < 3 * (start + count); c += 3) {
      path += `M${at(triangles[c]!)}L${at(triangles[c + 1]!)}L${at(triangles[c + 2]!)}Z`;
    }
  }
  const dots = (places: Float32Array, radius: number, colour: string) => {
    let out = "";
    for (let i = 0; i < places.length; i += 2) {
      out += `<circle cx="${places[i]! * SIDE}" cy="${places[i + 1]! * SIDE}" r="${radius}" fill="${colour}"/>`;
    }
    return out;
  };
  return svg(
    SIDE,
    `<path d="${path}" stroke="#444" stroke-width="0.3" fill="none"/>${dots(frame68, 4, "#2060ff")}${dots(placesOf(uv!, landmarks!.ibug68!), 2.5, "#ff2020")}`,
  );
}

/** Brows, eyes, lips and lines painted over a chequered skin where the first model has its landmarks. */
function painted(places: Float32Array): Buffer {
  const points = (ids: readonly number[]) =>
    ids.map((i) => `${places[2 * i]! * TEXTURE},${places[2 * i + 1]! * TEXTURE}`).join(" ");
  const fill = (ids: readonly number[], colour: string) =>
    `<polygon points="${points(ids)}" fill="${colour}"/>`;
  const cell = TEXTURE / 32;
  let content = "";
  for (let i = 0; i < 32; i++) {
    for (let j = 0; j < 32; j++) {
      const colour = (i + j) % 2 ? "#d9b097" : "#b98f78";
      content += `<rect x="${i * cell}" y="${j * cell}" width="${cell}" height="${cell}" fill="${colour}"/>`;
    }
  }
  const { lipsOuter, rightEyebrow, leftEyebrow, rightEye, leftEye, faceOval } = LANDMARK_GROUPS;
  content += fill(lipsOuter, "#b03040") + fill(rightEyebrow, "#3a2414");
  content += fill(leftEyebrow, "#3a2414") + fill(rightEye, "#fff") + fill(leftEye, "#fff");
  content += `<polygon points="${points(faceOval)}" stroke="#2050c0" stroke-width="3" fill="none"/>`;
  content += `<polyline points="${points(MIDLINE)}" stroke="#208020" stroke-width="3" fill="none"/>`;
  return svg(TEXTURE, content);
}

async function montage(rows: readonly (readonly Buffer[])[], file: string): Promise<void> {
  await sharp({
    create: {
      width: SIDE * rows[0]!.length,
      height: SIDE * rows.length,
      channels: 3,
      background: "white",
    },
  })
    .composite(
      rows.flatMap((row, y) => row.map((input, x) => ({ input, left: SIDE * x, top: SIDE * y }))),
    )
    .jpeg({ quality: 80, mozjpeg: true })
    .toFile(`${IMAGES}${file}`);
}

const frame = await loadUvFrame();
const networks = await loadFaceNetworks();
const models: MorphableModel[] = [];
for (const path of process.argv.length > 2 ? process.argv.slice(2) : modelPaths()) {
  const model = await openWithLandmarks(path, networks);
  models.push({ ...model, uv: await unwrapModel(model, frame) });
}
await networks.dispose();
await montage([models.map((model) => layout(model, frame.ibug68.uv))], "uv-layout.jpg");

const picture = painted(placesOf(models[0]!.uv!, models[0]!.landmarks!.mediapipe478!));
const { data } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const texture = { width: TEXTURE, height: TEXTURE, data: new Uint8Array(data) };
const rows = await Promise.all(
  [0, 40, 90].map((yaw) =>
    Promise.all(
      models.map((model) => {
        const image = preview(model.mean, model, {
          width: SIDE,
          height: SIDE,
          yaw,
          span: 290,
          centre: [0, -10, 30],
          texture,
          hide: ["other", "lashes"],
        });
        const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
        return sharp(image.data, { raw }).png().toBuffer();
      }),
    ),
  ),
);
await montage(rows, "uv-texture.jpg");
