// Random heads on one picture: what a texture generator makes, worn by people whom the shape model makes.

import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { contactSheet } from "../image/montage.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { Basis, MorphableModel } from "../models/morphable-model.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { NetworkOptions } from "../networks/network.js";
import { portraitCamera } from "../portrait/portrait-camera.js";
import { renderHead } from "../portrait/render-head.js";
import { normals, uniform } from "../random.js";
import { STUDIO } from "../render/lighting.js";
import { requireLayout, type TextureGenerator } from "../texture/texture-generator.js";
import { openTextureRun } from "../texture/texture-runner.js";

/** One of the heads of a sheet. */
export interface Sample {
  /** From 0, in the sheet's order. */
  readonly index: number;
  /** `latentSize` numbers, from which the generator makes the head's skin. */
  readonly latent: Float32Array;
  readonly head: TexturedHead;
}

export interface SampleSheetOptions {
  /** Heads; default 16. */
  readonly count?: number | undefined;
  /** Default 0. A sheet of more heads begins with those of a shorter one of the same seed. */
  readonly seed?: number | undefined;
  /**
   * By what the latents are multiplied, from 0: below 1 textures come nearer to the generator's mean. Default
   * {@link TRUNCATION}; 1, and nothing else, for generators whose latent's length is of no effect.
   */
  readonly truncation?: number | undefined;
  /** Default `random`: coefficients from the model's prior, none further out than one standard deviation. */
  readonly shape?: "random" | "mean" | undefined;
  /** Degrees by which the heads turn to their left; default 0. */
  readonly yaw?: number | undefined;
  /** Pixels along a side of each picture; default 320. */
  readonly size?: number | undefined;
  /** Pictures in a row; as many as give a sheet about as wide as high where not given. */
  readonly columns?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each head when it is drawn, and waited for. */
  readonly onSample?: (sample: Sample) => void | Promise<void>;
}

/** Of the latents of generators with a normal prior, where nothing else is asked for. */
export const TRUNCATION = 0.7;
/** Most pixels of the pictures of a sheet together. */
const MOST_PIXELS = 1 << 26;
const BACKDROP = [236, 238, 241] as const;
/** Brown, which most people have. */
const IRIS = [92, 68, 48] as const;

/**
 * Draws random textures on heads in studio light, each with its number below it.
 *
 * @param model with texture coordinates in the generator's layout
 * @param network where the generator runs
 * @returns the same pixels for the same options
 * @throws GanfitError `usage` where an option makes no sense; `model` where the model wears no texture of the
 *   generator's layout; `network` where the generator fails; the signal's reason
 */
export async function sampleSheet(
  model: MorphableModel,
  generator: TextureGenerator,
  options: SampleSheetOptions = {},
  network: NetworkOptions = {},
): Promise<Image> {
  const { count = 16, seed = 0, shape = "random", yaw = 0, size = 320, columns } = options;
  const { signal, onSample = () => {} } = options;
  if (![count, size, columns ?? 1].every((value) => Number.isInteger(value) && value > 0)) {
    const rows = columns === undefined ? "" : ` in rows of ${columns}`;
    throw new GanfitError(
      "usage",
      `No sheet of ${count} pictures with sides of ${size} pixels${rows}.`,
    );
  }
  if (count * size ** 2 > MOST_PIXELS) {
    throw new GanfitError(
      "usage",
      `${count} pictures with sides of ${size} pixels are too many for one sheet, which takes ${MOST_PIXELS} pixels: ask for fewer, or for smaller ones.`,
    );
  }
  requireLayout(generator, model);
  const scale = truncationOf(generator, options.truncation);
  const { latentSize } = generator;
  const numbers = normals(count * latentSize, seed);
  // Numbers of their own, so that the textures are the same with any model.
  const next = uniform(seed + 1);
  const pictures: Image[] = [];
  signal?.throwIfAborted();
  const run = await openTextureRun(generator, network);
  try {
    for (let index = 0; index < count; index++) {
      signal?.throwIfAborted();
      const drawn = numbers.subarray(index * latentSize, (index + 1) * latentSize);
      const latent = Float32Array.from(drawn, (value) => scale * value);
      const head: TexturedHead = {
        model,
        identity:
          shape === "random"
            ? randomIdentity(model.identity, next)
            : new Float32Array(model.identity.names.length),
        expression: new Float32Array(model.expression.names.length),
        skin: await run.textureOf(latent),
        irisColour: IRIS,
        exposure: 1,
      };
      const vertices = evaluateModel(model, head.identity, head.expression);
      const camera = portraitCamera(vertices, { width: size, height: size, yaw });
      const view = { camera, lighting: STUDIO, width: size, height: size, background: BACKDROP };
      pictures.push(renderHead(head, view).image);
      await onSample({ index, latent, head });
    }
  } finally {
    await run.dispose();
  }
  return contactSheet(pictures, {
    labels: pictures.map((_, index) => sampleNumber(index)),
    ...(columns === undefined ? {} : { columns }),
  });
}

/** What a sheet calls its pictures: `000`, `001`, ... */
export function sampleNumber(index: number): string {
  return String(index).padStart(3, "0");
}

function truncationOf({ name, prior }: TextureGenerator, asked: number | undefined): number {
  if (prior === "normal") {
    const truncation = asked ?? TRUNCATION;
    if (Number.isFinite(truncation) && truncation >= 0) return truncation;
    throw new GanfitError("usage", `Latents cannot be multiplied by ${truncation}.`);
  }
  if (asked === undefined || asked === 1) return 1;
  throw new GanfitError(
    "usage",
    `A truncation of ${asked} would change nothing: ${name} takes no notice of how long a latent is.`,
  );
}

/** From the prior within a standard deviation of its mean; weights in [0, 1] from all of it. */
function randomIdentity({ names, prior }: Basis, next: () => number): Float32Array {
  return Float32Array.from(names, () => {
    if (prior === "unit-interval") return next();
    for (;;) {
      const value = 2 * next() - 1;
      if (next() < Math.exp(-(value ** 2) / 2)) return value;
    }
  });
}
