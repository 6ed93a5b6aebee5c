import { readModel } from "@ganfit/autodiff";
import { completeModel, isComplete } from "../models/complete-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { DEFAULT_MODEL, loadModel } from "../models/store/store.node.js";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { FACE_DETECTOR_URL, FACE_LANDMARKS_URL } from "../networks/assets.js";
import { readAsset } from "../networks/assets.node.js";
import { openFaceNetworks } from "../networks/faces.js";
import { loadFaceNetworks } from "../networks/faces.node.js";
import type { NetworkOptions } from "../networks/network.js";
import { SFACE, SFACE_URL } from "../networks/recognition.js";
import { readRecognitionFile } from "../networks/recognition.node.js";
import { sha256 } from "../sha256.js";
import { loadDefaultGenerator, openTextureGenerator } from "../texture/texture-generator.node.js";
import { type FitHashes, hashFitModels } from "./fit-hashes.js";
import type { FitModels, RecognitionModel } from "./fit-models.js";

export interface FitModelFiles {
  /** Name of a model in the store, or a file or folder; the embedded head where absent. */
  readonly model?: string | undefined;
  /** A texture generator's JSON or ONNX file; the package's own where absent. */
  readonly generator?: string | undefined;
  /** A recognition network's JSON file; SFace where absent. */
  readonly recognition?: string | undefined;
}

export interface LoadFitModelsOptions extends NetworkOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedFitModels extends FitModels {
  readonly hashes: FitHashes;
  dispose(): Promise<void>;
}

/**
 * Loads all that a fit needs, once for any number of photos.
 *
 * @throws GanfitError `model` or `network` naming the file that is missing or wrong; the signal's reason
 */
export async function loadFitModels(
  { model = DEFAULT_MODEL, generator, recognition }: FitModelFiles = {},
  { signal, ...network }: LoadFitModelsOptions = {},
): Promise<LoadedFitModels> {
  const textures = await (generator ? openTextureGenerator(generator) : loadDefaultGenerator());
  const recognises = await (recognition ? readRecognitionFile(recognition) : sface());
  signal?.throwIfAborted();
  const shape = await loadShape(model, { signal, ...network });
  const files = {
    detector: await readAsset(FACE_DETECTOR_URL),
    landmarks: await readAsset(FACE_LANDMARKS_URL),
  };
  const faces = await openFaceNetworks(files, network);
  try {
    const models = { shape, generator: textures, recognition: recognises, faces };
    const hashes = {
      ...(await hashFitModels(models)),
      faceNetworks: [
        { name: "face-detector", sha256: await sha256(files.detector) },
        { name: "face-landmarks", sha256: await sha256(files.landmarks) },
      ],
    };
    return { ...models, hashes, dispose: () => faces.dispose() };
  } catch (error) {
    await faces.dispose();
    throw error;
  }
}

/**
 * A shape model ready to be fitted; one that lacks landmarks or texture coordinates gets them, which takes
 * half a minute (`ganfit models add` keeps the result).
 *
 * @param model name in the store, or a file or folder
 * @throws GanfitError `model` where it is missing or wrong; the signal's reason
 */
export async function loadShape(
  model: string,
  { signal, ...network }: LoadFitModelsOptions = {},
): Promise<MorphableModel> {
  const shape = await loadModel(model);
  const frame = await loadUvFrame();
  signal?.throwIfAborted();
  if (isComplete(shape, frame)) return shape;
  const networks = await loadFaceNetworks(network);
  return completeModel(shape, networks, frame, { signal }).finally(() => networks.dispose());
}

async function sface(): Promise<RecognitionModel> {
  return { description: SFACE, model: readModel(await readAsset(SFACE_URL)) };
}
