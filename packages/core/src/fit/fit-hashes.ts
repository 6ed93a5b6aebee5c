import { writeCompactModel } from "../models/compact/compact-writer.js";
import { networkHash } from "../networks/network-hash.js";
import { sha256 } from "../sha256.js";
import type { FitModels } from "./fit-models.js";

/** SHA-256 sums of what a fit is made with. */
export interface FitHashes {
  /** Of the model's compact file, whatever format it was read from. */
  readonly model: string;
  readonly generator: string;
  readonly recognition: string;
  /** Of the face networks' files. */
  readonly faceNetworks: readonly { readonly name: string; readonly sha256: string }[];
}

/** All of them but the face networks', which are no longer files. About a second for the default head. */
export async function hashFitModels({
  shape,
  generator,
  recognition,
}: Pick<FitModels, "shape" | "generator" | "recognition">): Promise<
  Omit<FitHashes, "faceNetworks">
> {
  return {
    model: await sha256(writeCompactModel(shape)),
    generator: await networkHash(generator.model),
    recognition: await networkHash(recognition.model),
  };
}
