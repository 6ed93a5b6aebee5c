/** A trained generator as an `.onnx` file that `ganfit fit --generator` takes: weights in half precision. */
import { Graph, type Tensor, writeModel } from "@ganfit/autodiff";
import { float16, GanfitError, type Holder, holdStored, type StoredWeights } from "@ganfit/core";
import type { TextureArchitecture } from "../networks/architecture.js";
import type { WeightSource, WeightValues } from "../networks/weights.js";
import { GENERATOR } from "../training/training-programs.js";

/** Fits compare at a few dozen pixels at least: smaller pictures are of no use to them. */
const SMALLEST_OUTPUT = 16;

/**
 * @param architecture made for the holder that it is given, so that what it holds itself is stored in small types too
 * @param values weights by name, such as a checkpoint's averages
 * @param size of the texture
 * @param fade how far the size has come in, in [0, 1]
 * @returns input `latent` float32 `1 x latentSize`, output `texture` float32 `1 x 3 x size x size`, and the smaller ones as
 *   `texture16`, `texture32` ...
 * @throws GanfitError `usage` where a weight is absent
 */
export function generatorFile(
  architecture: (hold: Holder) => TextureArchitecture,
  values: WeightValues,
  size: number,
  fade = 1,
): Uint8Array {
  const graph = new Graph();
  const weights: StoredWeights = new Map();
  const hold = holdStored(graph, weights);
  const made = architecture(hold);
  const latent = graph.input("latent", "float32", [1, made.latentSize]);
  const source: WeightSource = (name, shape) => {
    const data = values[`${GENERATOR}${name}`];
    if (!data) throw new GanfitError("usage", `The weights have no ${GENERATOR}${name}.`);
    return hold(float16(data), shape, name);
  };
  const outputs: Record<string, Tensor> = {};
  const share = fade < 1 ? graph.constant([fade], "float32", [1]) : undefined;
  for (const [side, picture] of made.generator(source, latent, size, share)) {
    if (side === size) outputs.texture = picture;
    else if (side >= SMALLEST_OUTPUT) outputs[`texture${side}`] = picture;
  }
  return writeModel({ inputs: { latent }, outputs, weights, name: "texture-generator" });
}
