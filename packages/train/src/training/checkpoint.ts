/**
 * Checkpoints as safetensors files, see docs/texture-training.md for the layout: weights with their shapes by the names
 * that the networks give them, moving averages and Adam's moments with a prefix each, and two entries of metadata
 * as JSON, how the network is made and trained, and how far it has come. tools/torch reads and writes the same.
 */
import { GanfitError } from "@ganfit/core";
import { z } from "zod";
import type { WeightSpec, WeightValues } from "../networks/weights.js";
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from "../safetensors.js";
import type { TrainingState } from "./trainer.js";

const FORMAT = "ganfit-texture-checkpoint";
const VERSION = "1";
const AVERAGE = "average/";
const MOMENT = "adam/";

const COUNT = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const POSITIVE = z.number().positive().max(1e9);

/** How a network is made and trained. */
export const CONFIGURATION_SCHEMA = z.strictObject({
  architecture: z.enum(["progressive", "regional"]),
  resolution: z.number().int().min(4).max(2048),
  width: POSITIVE,
  latent: z.enum(["dense", "local"]),
  latentSize: z.number().int().min(1).max(65536),
  seed: COUNT,
  /** SHA-256 of the dataset's manifest: training goes on with the same maps alone. */
  dataset: z.string().max(64),
  recipe: z.strictObject({
    adversary: z.enum(["wgan-gp", "logistic"]),
    slopes: z.strictObject({
      slope: z.number().min(0),
      drift: z.number().min(0),
      r1: z.number().min(0),
    }),
    losses: z.strictObject({
      adversary: z.number().min(0),
      colour: z.number().min(0),
      detail: z.number().min(0),
    }),
    encoded: z.boolean(),
    learningRate: z.strictObject({ generator: POSITIVE, discriminator: POSITIVE }),
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    penaltyEvery: z.number().int().min(1),
    averageOver: POSITIVE,
    augmentOver: z.number().min(0),
    batch: z.record(z.string(), z.number().int().min(1).max(4096)),
    phase: z.number().min(0),
  }),
});

export type Configuration = z.infer<typeof CONFIGURATION_SCHEMA>;

const STATE = z.strictObject({
  images: COUNT,
  step: COUNT,
  size: COUNT,
  optimiserSteps: COUNT,
  augmentation: z.strictObject({ p: z.number().min(0).max(1), signs: z.number(), images: COUNT }),
});

export interface Checkpoint {
  readonly configuration: Configuration;
  readonly state: TrainingState;
}

/** Shapes of weights by name. */
export type WeightShapes = ReadonlyMap<string, Pick<WeightSpec, "shape">>;

/** @param specs of the state's weights; of both networks, and of what smaller sizes have left behind */
export function encodeCheckpoint(
  { configuration, state }: Checkpoint,
  specs: WeightShapes,
): Uint8Array {
  const tensors: Record<string, SafeTensor> = {};
  const put = (prefix: string, values: WeightValues, nameOf = (name: string) => name) => {
    for (const [name, data] of Object.entries(values)) {
      const shape = specs.get(nameOf(name))?.shape ?? [data.length];
      tensors[`${prefix}${name}`] = { data, shape };
    }
  };
  put("", state.weights);
  put(AVERAGE, state.averages);
  put(MOMENT, state.moments, (name) => name.slice(2));
  const { images, step, size, optimiserSteps, augmentation } = state;
  return encodeSafetensors({
    tensors,
    metadata: {
      format: FORMAT,
      version: VERSION,
      configuration: JSON.stringify(configuration),
      state: JSON.stringify({ images, step, size, optimiserSteps, augmentation }),
    },
  });
}

/**
 * @param name what error messages call the file
 * @returns also the weights' shapes: those that no network of the state's size has are known from here alone
 * @throws GanfitError `usage` where it is no checkpoint
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  name: string,
): Checkpoint & { readonly shapes: WeightShapes } {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    throw new GanfitError("usage", `${name} is no checkpoint of a texture generator.`);
  }
  const configuration = parsed(CONFIGURATION_SCHEMA, metadata.configuration, name);
  const state = parsed(STATE, metadata.state, name);
  const [weights, averages, moments]: WeightValues[] = [{}, {}, {}];
  const shapes = new Map<string, Pick<WeightSpec, "shape">>();
  for (const [full, { data, shape }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array)) {
      throw new GanfitError("usage", `${name}: the tensor ${full} is not of float32.`);
    }
    if (!data.every(Number.isFinite)) {
      throw new GanfitError(
        "usage",
        `${name}: the tensor ${full} has numbers that are not finite.`,
      );
    }
    if (full.startsWith(AVERAGE)) averages![full.slice(AVERAGE.length)] = data;
    else if (full.startsWith(MOMENT)) moments![full.slice(MOMENT.length)] = data;
    else {
      weights![full] = data;
      shapes.set(full, { shape });
    }
  }
  return {
    configuration,
    shapes,
    state: { ...state, weights: weights!, averages: averages!, moments: moments! },
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined, name: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text ?? "");
  } catch (error) {
    throw new GanfitError(
      "usage",
      `${name}: its metadata is no JSON (${(error as Error).message}).`,
    );
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new GanfitError(
    "usage",
    `${name}: its metadata is wrong at ${path.join(".")}: ${message}.`,
  );
}
