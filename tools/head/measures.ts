// What an anthropometrist would measure on heads drawn from the default model, to compare with people:
// `tsx tools/head/measures.ts` prints mean and standard deviation over 400 heads in millimetres.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { memorySource } from "../../packages/core/src/models/compact/byte-source.js";
import { readCompactModel } from "../../packages/core/src/models/compact/compact.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { surfacePositions } from "../../packages/core/src/models/surface-points.js";
import { normals } from "../../packages/core/src/random.js";
import { HEAD_FILE } from "./build.js";

/** Distances between two of MediaPipe's landmarks; Farkas's names of the points they are near to. */
const DISTANCES: Readonly<Record<string, readonly [number, number]>> = {
  "between inner eye corners (en-en)": [133, 362],
  "between outer eye corners (ex-ex)": [33, 263],
  "width of the nose (al-al)": [48, 278],
  "height of the nose (n-sn)": [168, 2],
  "protrusion of the nose (sn-prn)": [2, 4],
  "width of the mouth (ch-ch)": [61, 291],
  "height of the face (n-gn)": [168, 152],
  "width of the face (zy-zy)": [127, 356],
};

/** Height above the ears (the origin), millimetres, where the head's breadth and length are taken. */
const SKULL = 30;

/** The measures of one head, millimetres. */
export function measureHead(model: MorphableModel, vertices: Float32Array): Map<string, number> {
  const points = surfacePositions(vertices, model.triangles, model.landmarks!.mediapipe478!);
  const out = new Map<string, number>();
  for (const [name, [a, b]] of Object.entries(DISTANCES)) {
    const distance = Math.hypot(...[0, 1, 2].map((k) => points[3 * a + k]! - points[3 * b + k]!));
    out.set(name, distance);
  }
  out.set("between the eyeballs", 2 * Math.abs(meanX(model, vertices)));
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let v = 0; v < vertices.length; v += 3) {
    if (model.mean[v + 1]! < SKULL) continue;
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k]!, vertices[v + k]!);
      high[k] = Math.max(high[k]!, vertices[v + k]!);
    }
  }
  out.set("breadth of the head", high[0]! - low[0]!);
  out.set("length of the head", high[2]! - low[2]!);
  return out;
}

/** Half the difference between the eyeballs' middles in x. */
function meanX(model: MorphableModel, vertices: Float32Array): number {
  const sides = model.parts
    .filter(({ kind }) => kind === "eyes")
    .map(({ start, count }) => {
      const eye = new Set(model.triangles.subarray(3 * start, 3 * (start + count)));
      return [...eye].reduce((sum, v) => sum + vertices[3 * v]! / eye.size, 0);
    });
  return (sides[0]! - sides[1]!) / 2;
}

async function main(): Promise<void> {
  const model = await readCompactModel(memorySource(new Uint8Array(await readFile(HEAD_FILE))));
  const neutral = new Float32Array(model.expression.names.length);
  const heads = Array.from({ length: 400 }, (_, i) => {
    const identity = normals(model.identity.names.length, i + 1);
    return measureHead(model, evaluateModel(model, identity, neutral));
  });
  for (const name of heads[0]!.keys()) {
    const values = heads.map((head) => head.get(name)!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(square / (values.length - 1));
    console.log(`${name}: ${mean.toFixed(1)} +- ${deviation.toFixed(1)}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
