// Everything that is measured of one person's heads. Each photo is fitted once for all of it.

import { fit } from "../src/fit/fit.js";
import type { FitModels } from "../src/fit/fit-models.js";
import type { FitResult, FitRunOptions } from "../src/fit/fit-result.js";
import { photoTexture } from "../src/fit/photo-texture.js";
import { readImage } from "../src/image/decode.node.js";
import type { Image } from "../src/image/image.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import type { UvFrame } from "../src/models/uv/uv-frame.js";
import { similarityOf } from "../src/networks/recognition.js";
import type { Photo } from "../test/photos.node.js";
import type { Judge } from "./judge.js";
import { compareWithGallery, judgedPicture, judgeFace } from "./likeness-identity.js";
import type { Person } from "./likeness-people.js";
import { type PhotoLikeness, photoLikeness } from "./likeness-photo.js";
import type { ShapePair } from "./likeness-shape.js";
import type { SheetRow } from "./likeness-sheet.js";
import type { Comparison } from "./recognition-measure.js";

export const MEASURES = ["identity", "own", "other", "shape"] as const;
export type Measure = (typeof MEASURES)[number];

/** The photo's skin completed by the generator's, or the generator's alone. */
export const TEXTURES = ["photo", "generated"] as const;
export type Texture = (typeof TEXTURES)[number];

export interface Measuring {
  readonly models: FitModels;
  readonly frame: UvFrame;
  readonly judge: Judge;
  /** The judge's features of other photos by person, for those with a smiling photo and for the others. */
  readonly gallery: {
    readonly smiling: ReadonlyMap<string, Float32Array>;
    readonly whole: ReadonlyMap<string, Float32Array>;
  };
  readonly options: FitRunOptions;
  readonly measures: ReadonlySet<Measure>;
  readonly textures: ReadonlySet<Texture>;
  /** Whether pictures are wanted. */
  readonly sheets: boolean;
}

/** What was measured of a head in one texture; what was not is absent. */
export interface TextureFigures {
  readonly texture: Texture;
  readonly identity?: Comparison;
  readonly own?: PhotoLikeness;
  readonly other?: PhotoLikeness;
  readonly row?: SheetRow;
}

export interface PersonFigures {
  readonly person: Person;
  readonly textures: readonly TextureFigures[];
  /** The judge's cosine of the person's two photos. */
  readonly real?: number;
  readonly shapes?: ShapePair;
  /** Of the neutral photo's fit. */
  readonly seconds: number;
}

interface Fitted {
  readonly photo: Image;
  readonly result: FitResult;
}

/** @throws GanfitError where a photo cannot be fitted, or no face is found in a head's picture */
export async function measurePerson(person: Person, measuring: Measuring): Promise<PersonFigures> {
  const { measures, textures } = measuring;
  const start = performance.now();
  const neutral = await fitted(person.neutral, measuring);
  const seconds = (performance.now() - start) / 1000;
  const { smiling } = person;
  const second = smiling && measures.has("shape") && (await fitted(smiling, measuring));
  const held = smiling && measures.has("other") && (await fitted(smiling, measuring, neutral));
  const figures: TextureFigures[] = [];
  for (const texture of textures) {
    figures.push(await measureTexture(person, texture, neutral, held || undefined, measuring));
  }
  return {
    person,
    textures: figures,
    ...(smiling && measures.has("identity") && { real: await likenessOfPhotos(person, measuring) }),
    ...(second && {
      shapes: { first: neutralShape(neutral.result), second: neutralShape(second.result) },
    }),
    seconds,
  };
}

async function measureTexture(
  person: Person,
  texture: Texture,
  neutral: Fitted,
  held: Fitted | undefined,
  measuring: Measuring,
): Promise<TextureFigures> {
  const { measures, sheets } = measuring;
  const head = dressed(neutral, texture, measuring);
  const judged = judgedPicture(head);
  const own = photoLikeness(neutral.photo, neutral.result, head);
  const other = held && photoLikeness(held.photo, held.result, worn(held.result.head, head));
  const identity = measures.has("identity")
    ? await identityOf(person, judged, measuring)
    : undefined;
  const row = { name: person.name, likeness: identity?.genuine ?? own.psnr, judged, head, own };
  return {
    texture,
    ...(identity && { identity }),
    ...(measures.has("own") && { own }),
    ...(other && { other }),
    ...(sheets && { row: { ...row, other: other ?? null } }),
  };
}

async function fitted(photo: Photo, measuring: Measuring, as?: Fitted): Promise<Fitted> {
  const image = await readImage(photo.path);
  const result = await fit(image, measuring.models, {
    ...measuring.options,
    name: photo.name,
    ...(as && { person: { identity: as.result.head.identity, latent: as.result.latent } }),
  });
  return { photo: image, result };
}

async function identityOf(
  { name, heldOut, smiling }: Person,
  judged: Image,
  { judge, models, gallery }: Measuring,
): Promise<Comparison> {
  const features = await judgeFace(judged, `the picture of ${name}`, judge, models.faces);
  const all = smiling ? gallery.smiling : gallery.whole;
  return compareWithGallery({ person: name, heldOut, features }, all);
}

async function likenessOfPhotos(
  { name, neutral }: Person,
  { judge, models, gallery }: Measuring,
): Promise<number> {
  const image = await readImage(neutral.path);
  const features = await judgeFace(image, neutral.name, judge, models.faces);
  return similarityOf(features, gallery.smiling.get(name)!);
}

function dressed(
  { photo, result }: Fitted,
  texture: Texture,
  { models, frame }: Measuring,
): TexturedHead {
  const { head, camera, lighting, segmentation } = result;
  if (texture === "generated") return head;
  const size = models.generator.resolution;
  const skin = photoTexture({ photo, head, camera, lighting, segmentation, frame, size });
  return { ...head, skin };
}

/** A head with another's skin and irises; how bright its photo is remains its own. */
function worn(head: TexturedHead, { skin, irisColour }: TexturedHead): TexturedHead {
  return { ...head, skin, irisColour };
}

function neutralShape({ head: { model, identity, expression } }: FitResult): Float32Array {
  return evaluateModel(model, identity, new Float32Array(expression.length));
}
