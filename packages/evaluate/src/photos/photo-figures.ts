/** What is measured of one photo's head. */
import { z } from "zod";
import { numbersText, textOfNumbers } from "./numbers-text.js";
import type { PhotoLikeness } from "./photo-likeness.js";
import { TEXTURES, type Texture } from "./textures.js";

// What is not finite is no JSON, and becomes null there.
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const likeness = z.object({ psnr: figure, ssim: figure, covered: figure });

/** Figures of a photo and the head over it, see `PhotoLikeness`. */
export type LikenessFigures = z.output<typeof likeness>;

const inTexture = z.object({
  texture: z.enum(TEXTURES),
  own: likeness,
  /** The head on another photo of the person; null where there is none or it could not be fitted. */
  other: likeness.nullable(),
  /** The judge's features of the head from the front; null where it was not asked or sees no face. */
  features: numbersText.nullable(),
  /** Sentences. */
  problems: z.array(z.string()),
});

/** A head in one texture. */
export type TextureFigures = z.output<typeof inTexture>;

/** As `keptFigures` writes them. */
export const FIGURES_SCHEMA = z.object({
  seconds: z.number(),
  landmarkError: z.number(),
  shape: numbersText,
  textures: z.array(inTexture),
});

/** One photo's head in all textures that are measured. */
export type PhotoFigures = z.output<typeof FIGURES_SCHEMA>;

/** For JSON, of which `FIGURES_SCHEMA` makes figures again. */
export function keptFigures({ shape, textures, ...figures }: PhotoFigures): object {
  return {
    ...figures,
    shape: textOfNumbers(shape),
    textures: textures.map(({ features, ...rest }) => ({
      ...rest,
      features: features && textOfNumbers(features),
    })),
  };
}

/** Without the pictures. */
export function figuresOf({ psnr, ssim, covered }: PhotoLikeness): LikenessFigures {
  return { psnr, ssim, covered };
}

export function figuresIn(
  { textures }: PhotoFigures,
  texture: Texture,
): TextureFigures | undefined {
  return textures.find((each) => each.texture === texture);
}
