/**
 * The texture model of a fit: a function from a latent to a UV texture, as an ONNX graph. GANFIT's is
 * a progressive GAN (Gecer et al. 2019, section 3.1); any other of this form can take its place.
 */
import type { OnnxModel } from "@ganfit/autodiff";
import { z } from "zod";
import { GanfitError } from "../errors.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { UV_FRAME } from "../models/uv/uv-frame.js";

export interface TextureGenerator {
  readonly name: string;
  /** SPDX identifier, or a sentence naming the terms. */
  readonly licence: string;
  /** Whom the licence asks to be named. */
  readonly attribution: string;
  /** Texture layout; only models with this `uv.frame` can wear the textures. */
  readonly uvFrame: string;
  /** Numbers of the latent. */
  readonly latentSize: number;
  /**
   * How latents of real textures are distributed: N(0, I), or N(0, I) brought to the sphere of radius
   * sqrt(latentSize) by the network itself, so that the latent's length is of no effect.
   */
  readonly prior: "normal" | "sphere";
  /** Side of the square texture, texels. */
  readonly resolution: number;
  /**
   * Sides at which the texture can be had, ascending, the last of them `resolution`. A progressive network
   * makes the smaller ones on the way, in less time.
   */
  readonly resolutions: readonly number[];
  /**
   * Input `latent` float32 `1 x latentSize`, output `texture` `1 x 3 x resolution x resolution`, R G B,
   * gamma-coded sRGB about [0, 1]; for each smaller side `s` of `resolutions` an output `texture<s>`, `1 x 3 x s x s`.
   */
  readonly model: OnnxModel;
}

/** The form of a description in a JSON file beside the `.onnx` file. */
export const TEXTURE_GENERATOR_SCHEMA = z.strictObject({
  /** What the generator is called in reports. */
  name: z.string().min(1).max(200),
  /** The licence of the weights: it decides what results may be used for. */
  licence: z.string().min(1).max(500),
  attribution: z.string().max(2000).default(""),
  uvFrame: z.string().min(1).max(100),
  prior: z.enum(["normal", "sphere"]),
});

export type TextureGeneratorDescription = z.infer<typeof TEXTURE_GENERATOR_SCHEMA>;

/** Larger ones are no latents and no textures that could be fitted. */
const LARGEST_LATENT = 1 << 16;
/** Names of outputs with the texture at a lower resolution. */
const SMALLER = /^texture([1-9]\d*)$/;
const RESOLUTIONS = [64, 128, 256, 512, 1024, 2048] as const;

/** The description of the generator that comes with the package. */
export const TEXTURE_GENERATOR_URL = new URL(
  "../../assets/texture-generator.json",
  import.meta.url,
);
/** Its network. */
export const TEXTURE_GENERATOR_MODEL_URL = new URL(
  "../../assets/texture-generator.onnx",
  import.meta.url,
);

/**
 * Puts a description, for example one read from a JSON file, and a network together.
 *
 * @throws GanfitError `network` naming what is wrong or does not fit
 */
export function textureGenerator(description: unknown, model: OnnxModel): TextureGenerator {
  const result = TEXTURE_GENERATOR_SCHEMA.safeParse(description);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new GanfitError(
      "network",
      `The texture generator's description is wrong at ${path.join(".") || "its top level"}: ${message}.`,
    );
  }
  const { data } = result;
  const wrong = (problem: string) =>
    new GanfitError("network", `The texture generator ${data.name} cannot be used: ${problem}.`);
  if (data.uvFrame !== UV_FRAME) {
    throw wrong(`its layout is ${data.uvFrame}, and only ${UV_FRAME} is known`);
  }
  const shown = (values: OnnxModel["inputs"]) =>
    values.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`).join(", ") || "none";
  const [input] = model.inputs;
  const latentSize = input?.shape?.[1];
  if (
    model.inputs.length !== 1 ||
    input?.name !== "latent" ||
    input.dtype !== "float32" ||
    input.shape?.length !== 2 ||
    input.shape[0] !== 1 ||
    typeof latentSize !== "number" ||
    !(latentSize > 0 && latentSize <= LARGEST_LATENT)
  ) {
    throw wrong(`its inputs must be one, latent float32 [1,n], and are ${shown(model.inputs)}`);
  }
  const output = model.outputs.find(({ name }) => name === "texture");
  const [batch, channels, height, resolution] = output?.shape ?? [];
  if (
    output?.dtype !== "float32" ||
    output.shape?.length !== 4 ||
    batch !== 1 ||
    channels !== 3 ||
    height !== resolution ||
    !RESOLUTIONS.some((side) => side === resolution)
  ) {
    throw wrong(
      `it must give texture float32 [1,3,s,s] with s one of ${RESOLUTIONS.join(", ")}, and gives ${shown(model.outputs)}`,
    );
  }
  const full = Number(resolution);
  const smaller = model.outputs.flatMap((value) => {
    const { name, dtype, shape } = value;
    const side = Number(SMALLER.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(side)) return [];
    if (side >= full) {
      throw wrong(`its output ${name} must be smaller than texture, which has a side of ${full}`);
    }
    if (dtype !== "float32" || String(shape) !== String([1, 3, side, side])) {
      throw wrong(
        `its output ${name} must be float32 [1,3,${side},${side}], and is ${shown([value])}`,
      );
    }
    return [side];
  });
  const resolutions = [...smaller.sort((a, b) => a - b), full];
  return { ...data, latentSize, resolution: full, resolutions, model };
}

/** The smallest side of the generator's textures that is at least `side`; its largest where none is. */
export function resolutionFor({ resolutions, resolution }: TextureGenerator, side: number): number {
  return resolutions.find((candidate) => candidate >= side) ?? resolution;
}

/**
 * Checks that a model can wear a generator's textures.
 *
 * @throws GanfitError `model`
 */
export function requireLayout({ name, uvFrame }: TextureGenerator, model: MorphableModel): void {
  if (model.uv?.frame === uvFrame) return;
  throw new GanfitError(
    "model",
    `The textures of ${name} are laid out as ${uvFrame}, but ${model.name} wears ${model.uv?.frame ?? "none"}.`,
  );
}
