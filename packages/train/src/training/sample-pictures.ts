/** Pictures of a network in training. */
import { type CompileOptions, compile, Graph } from "@ganfit/autodiff";
import type { Image } from "@ganfit/core";
import { fromTensor } from "@ganfit/core";
import type { TextureArchitecture } from "../networks/architecture.js";
import { constantWeights, type WeightValues } from "../networks/weights.js";
import { GENERATOR } from "./training-programs.js";

/**
 * The textures of latents.
 *
 * @param weights by name, such as the moving averages
 * @param fade how far the size has come in, in [0, 1]
 */
export async function samplePictures(
  architecture: TextureArchitecture,
  weights: WeightValues,
  { size, fade, latents }: { size: number; fade: number; latents: readonly Float32Array[] },
  options: Pick<CompileOptions, "device" | "threads"> = {},
): Promise<Image[]> {
  const graph = new Graph();
  const latent = graph.input("latent", "float32", [1, architecture.latentSize]);
  const source = constantWeights(graph, GENERATOR, weights);
  const share = graph.constant([fade], "float32", [1]);
  const texture = architecture.generator(source, latent, size, share).get(size)!;
  const program = await compile(graph, { inputs: { latent }, outputs: { texture }, ...options });
  const [, , height, width] = texture.shape as readonly [number, number, number, number];
  const images: Image[] = [];
  try {
    for (const values of latents) {
      const result = await program.run({ latent: values });
      images.push(fromTensor(result.texture as Float32Array, width, height, { scale: 1 / 255 }));
    }
  } finally {
    await program.dispose();
  }
  return images;
}
