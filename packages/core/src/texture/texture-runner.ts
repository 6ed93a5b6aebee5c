/** A texture generator at work: as a piece of a graph, and alone. */
import { compile, Graph, importModel, type Tensor } from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { fromTensor } from "../image/tensor.js";
import type { NetworkOptions } from "../networks/network.js";
import type { TextureGenerator } from "./texture-generator.js";

export interface TextureOptions extends NetworkOptions {
  /** One of the generator's `resolutions`; its `resolution` where not given. */
  readonly resolution?: number;
}

/** A generator that is compiled, for any number of textures. */
export interface TextureRun {
  /**
   * @param latent `latentSize` numbers
   * @returns `resolution x resolution` pixels
   * @throws GanfitError `usage` where the latent is of another size; `network` where the generator fails
   */
  textureOf(latent: Float32Array): Promise<Image>;
  dispose(): Promise<void>;
}

/**
 * The generator as a piece of a graph, differentiable from the latent to the texels. Only what the
 * resolution needs becomes part of the graph.
 *
 * @param latent `1 x latentSize`
 * @param resolution one of the generator's `resolutions`
 * @returns `1 x 3 x resolution x resolution`
 * @throws GanfitError `usage` where the generator has no such resolution
 */
export function textureInGraph(
  graph: Graph,
  generator: TextureGenerator,
  latent: Tensor,
  resolution = generator.resolution,
): Tensor {
  const { name, model, resolutions } = generator;
  if (!resolutions.includes(resolution)) {
    throw new GanfitError(
      "usage",
      `${name} makes textures with sides of ${resolutions.join(", ")} texels, not of ${resolution}.`,
    );
  }
  const output = resolution === generator.resolution ? "texture" : `texture${resolution}`;
  const bindings = { [model.inputs[0]!.name]: latent };
  return importModel(model, graph, bindings, { outputs: [output], reshape: true })[output]!;
}

/**
 * Compiles a generator.
 *
 * @throws GanfitError `usage` where the generator has no such resolution; `network` where it cannot be
 *   compiled
 */
export async function openTextureRun(
  generator: TextureGenerator,
  { resolution = generator.resolution, ...network }: TextureOptions = {},
): Promise<TextureRun> {
  const { name, latentSize } = generator;
  const program = await explained(generator, () => {
    const graph = new Graph();
    const input = graph.input("latent", "float32", [1, latentSize]);
    const texture = textureInGraph(graph, generator, input, resolution);
    return compile(graph, { inputs: { latent: input }, outputs: { texture }, ...network });
  });
  return {
    async textureOf(latent) {
      if (latent.length !== latentSize) {
        throw new GanfitError(
          "usage",
          `${name} makes a texture of ${latentSize} numbers, not of ${latent.length}.`,
        );
      }
      const result = await explained(generator, () => program.run({ latent }));
      const planes = result.texture as Float32Array;
      return fromTensor(planes, resolution, resolution, { scale: 1 / 255 });
    },
    dispose: () => program.dispose(),
  };
}

/**
 * The texture of a latent, the same as a fit gives for it.
 *
 * @param latent `latentSize` numbers
 * @returns `resolution x resolution` pixels
 * @throws GanfitError `usage` where the latent is of another size, or the generator has no such resolution;
 *   `network` where the generator fails
 */
export async function textureOfLatent(
  generator: TextureGenerator,
  latent: Float32Array,
  options: TextureOptions = {},
): Promise<Image> {
  const run = await openTextureRun(generator, options);
  try {
    return await run.textureOf(latent);
  } finally {
    await run.dispose();
  }
}

async function explained<T>({ name }: TextureGenerator, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof GanfitError) throw error;
    throw new GanfitError("network", `${name} made no texture: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
