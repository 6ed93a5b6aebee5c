/**
 * The latent whose texture is nearest to a given one, where that is known: what a generator can say of a person, with
 * nothing but the generator in between.
 */
import {
  adam,
  add,
  compile,
  cosineDecay,
  Graph,
  gradients,
  mul,
  reduceMean,
  reduceSum,
  sub,
} from "@ganfit/autodiff";
import {
  fromTensor,
  type Image,
  type NetworkOptions,
  type PartialTexture,
  randomNormals,
  shrinkPartial,
  type TextureGenerator,
  textureInGraph,
} from "@ganfit/core";

export interface ProjectionOptions extends NetworkOptions {
  /** Steps of Adam from each start. */
  readonly steps: number;
  /** Of the random starts of generators whose latent lies on a sphere. */
  readonly seed?: number;
}

export interface Projection {
  readonly latent: Float32Array;
  /** Of the generator's resolution. */
  readonly texture: Image;
}

export interface Projector {
  /**
   * @param target whose size is the generator's resolution times a whole number, confidences those that
   *   count: 0 where the texture is of no interest
   */
  project(target: PartialTexture): Promise<Projection>;
  dispose(): Promise<void>;
}

/**
 * Against the mean squared error of colours in [0, 1], for the mean square of a normal latent. That of real
 * people is about 1, so it costs what an error of 40 dB does.
 */
const PRIOR = 1e-4;
const LEARNING_RATE = 0.1;
/** Random latents of which the nearest is where the search on a sphere begins. */
const STARTS = 16;

/** Compiles the search: Adam on the squared error and, where latents are normal, their prior. */
export async function openProjector(
  generator: TextureGenerator,
  { steps, seed = 0, ...network }: ProjectionOptions,
): Promise<Projector> {
  const { latentSize, resolution, prior } = generator;
  const graph = new Graph();
  const input = graph.input("latent", "float32", [1, latentSize]);
  const target = graph.input("target", "float32", [1, 3, resolution, resolution]);
  const weight = graph.input("weight", "float32", [1, 1, resolution, resolution]);
  const texture = textureInGraph(graph, generator, input);
  const off = sub(texture, target);
  const error = reduceSum(mul(mul(off, off), weight));
  // Of latents on a sphere the network takes no notice of the length.
  const loss = prior === "normal" ? add(error, mul(reduceMean(mul(input, input)), PRIOR)) : error;
  const [gradient] = gradients(loss, [input]);
  const inputs = { latent: input, target, weight };
  const program = await compile(graph, {
    inputs,
    outputs: { loss, gradient: gradient! },
    ...network,
  });
  const drawing = await compile(graph, { inputs, outputs: { texture, loss }, ...network });
  return {
    async project(whole) {
      const feeds = feedsOf(whole, resolution);
      const first = async () => {
        if (prior === "normal") return new Float32Array(latentSize);
        let [best, least] = [new Float32Array(latentSize), Number.POSITIVE_INFINITY];
        for (let i = 0; i < STARTS; i++) {
          const latent = Float32Array.from(randomNormals(latentSize, seed + i));
          const result = await drawing.run({ latent, ...feeds });
          const value = (result.loss as Float32Array)[0]!;
          if (value < least) [best, least] = [latent, value];
        }
        return best;
      };
      const latent = await first();
      const optimiser = adam([{ name: "latent", values: latent }], {
        learningRate: LEARNING_RATE,
        schedule: cosineDecay(Math.max(1, steps), 0.02),
        beta2: 0.99,
      });
      for (let step = 0; step < steps; step++) {
        const result = await program.run({ latent, ...feeds });
        optimiser.step({ latent: result.gradient as Float32Array });
      }
      const result = await drawing.run({ latent, ...feeds });
      const planes = result.texture as Float32Array;
      return { latent, texture: fromTensor(planes, resolution, resolution, { scale: 1 / 255 }) };
    },
    async dispose() {
      await program.dispose();
      await drawing.dispose();
    },
  };
}

/** In planes; weights that over texels and channels sum to 1. */
function feedsOf(whole: PartialTexture, resolution: number) {
  const { colour, confidence } = shrinkPartial(whole, whole.size / resolution);
  const total = 3 * confidence.reduce((sum, value) => sum + value, 0);
  const target = new Float32Array(colour.length);
  for (let i = 0; i < confidence.length; i++) {
    for (let c = 0; c < 3; c++) target[c * confidence.length + i] = colour[3 * i + c]!;
  }
  return { target, weight: confidence.map((value) => value / total) };
}
