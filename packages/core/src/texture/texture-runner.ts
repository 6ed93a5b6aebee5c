/** A texture generator at work: as a piece of a graph, and alone. */
import { compile, Graph, importModel, type Tensor } from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { fromTensor } from "../image/tensor.js";
import type { NetworkOptions } from "../networks/network.js";
import type { TextureGenerator } from "./texture-generator.js";

/**
 * The generator as a piece of a graph, differentiable from the latent to the texels.
 *
 * @param latent `1 x latentSize`
 * @returns `1 x 3 x resolution x resolution`
 */
export function textureInGraph(graph: Graph, { model }: TextureGenerator, latent: Tensor): Tensor {
  const bindings = { [model.inputs[0]!.name]: latent };
  return importModel(model, graph, bindings, { outputs: ["texture"], reshape: true }).texture!;
}

/**
 * The texture of a latent, the same as a fit gives for it.
 *
 * @param latent `latentSize` numbers
 * @returns `resolution x resolution` pixels
 * @throws GanfitError `usage` where the latent is of another size; `network` where the generator fails
 */
export async function textureOfLatent(
  generator: TextureGenerator,
  latent: Float32Array,
  options: NetworkOptions = {},
): Promise<Image> {
  const { name, latentSize, resolution } = generator;
  if (latent.length !== latentSize) {
    throw new GanfitError(
      "usage",
      `${name} makes a texture of ${latentSize} numbers, not of ${latent.length}.`,
    );
  }
  try {
    const graph = new Graph();
    const input = graph.input("latent", "float32", [1, latentSize]);
    const texture = textureInGraph(graph, generator, input);
    const program = await compile(graph, {
      inputs: { latent: input },
      outputs: { texture },
      ...options,
    });
    try {
      const result = await program.run({ latent });
      const planes = result.texture as Float32Array;
      return fromTensor(planes, resolution, resolution, { scale: 1 / 255 });
    } finally {
      await program.dispose();
    }
  } catch (error) {
    if (error instanceof GanfitError) throw error;
    throw new GanfitError("network", `${name} made no texture: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
