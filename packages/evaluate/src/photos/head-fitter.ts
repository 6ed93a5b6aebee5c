/**
 * Heads fitted to photos, and what is measured of each: an interface, so that benchmarks can be tested without
 * networks, and the real one.
 */
import {
  evaluateModel,
  type FitOptions,
  type FitResult,
  fitPerson,
  type Image,
  type LoadedFitModels,
  type NetworkOptions,
  photoTexture,
  type TexturedHead,
  type UvFrame,
} from "@ganfit/core";
import { pickPoints } from "../geometry/points.js";
import { clayPicture, judgedPicture } from "./judged-picture.js";
import { type PhotoLikeness, photoLikeness } from "./photo-likeness.js";
import { faceVertices } from "./shape-distance.js";
import type { Texture } from "./textures.js";
import { findMeantFace, type WhichFace } from "./which-face.js";

/** A photo that is ready to be fitted. */
export interface ReadPhoto {
  /** What errors call it. */
  readonly name: string;
  /** Opaque. */
  readonly image: Image;
  /** Pixels of the image, where the file says so. */
  readonly focalLength: number | undefined;
}

/** A head in one texture. */
export interface HeadPictures {
  /** Under the photo's camera and light. */
  readonly own: PhotoLikeness;
  /** From the front, without expression, in a soft light. */
  readonly judged: Image;
  readonly clay: Image;
  readonly skin: Image;
}

export interface FittedHead {
  /** Of the fit. */
  readonly seconds: number;
  /** Mean distance of landmarks, in parts of the distance between the pupils. */
  readonly landmarkError: number;
  /** `F x 3` millimetres: the face without expression, the same vertices for all heads. */
  readonly shape: Float32Array;
  pictures(texture: Texture): HeadPictures;
  /**
   * Another photo of the person, of which only expression, camera and light are fitted: identity and texture stay.
   *
   * @throws GanfitError where it has no face to be fitted; the signal's reason
   */
  onto(photo: ReadPhoto, signal?: AbortSignal): Promise<(texture: Texture) => PhotoLikeness>;
}

export interface HeadFitter {
  /** JSON; differs where heads may differ: options, and what is fitted with. */
  readonly key: unknown;
  /** How heads are fitted, in sentences for the report. */
  readonly description: readonly string[];
  /**
   * @param which default `prominent`
   * @throws GanfitError where the photo has no face to be fitted; the signal's reason
   */
  fit(
    photo: ReadPhoto,
    options?: { readonly which?: WhichFace; readonly signal?: AbortSignal | undefined },
  ): Promise<FittedHead>;
}

/** How all heads of a benchmark are fitted. */
export type HeadFitOptions = Pick<
  FitOptions,
  "quality" | "steps" | "side" | "lighting" | "seed" | "weights"
>;

/**
 * The real one.
 *
 * @param models disposed of by the caller
 * @param frame of the models' texture layout
 * @param version of the program: other versions fit otherwise
 * @throws GanfitError `model` where the shape model lacks landmarks or texture coordinates
 */
export function openHeadFitter(
  models: LoadedFitModels,
  frame: UvFrame,
  {
    options,
    network,
    version,
  }: {
    readonly options: HeadFitOptions;
    readonly network: NetworkOptions;
    readonly version: string;
  },
): HeadFitter {
  const vertices = faceVertices(models.shape);
  const { hashes, shape, generator, recognition } = models;
  const fitOne = async (
    photo: ReadPhoto,
    which: WhichFace,
    person: Fitted["person"] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<FitResult> => {
    const { image, name, focalLength } = photo;
    const found = await findMeantFace(image, models.faces, which, { name });
    const { fits } = await fitPerson([{ image, name, found, focalLength }], models, {
      ...options,
      ...network,
      ...(person && { person }),
      signal,
    });
    return fits[0]!;
  };
  return {
    key: { version, hashes, options },
    description: [
      `Heads are fitted by ganfit ${version} with ${describeOptions(options)}.`,
      `Shape model ${shape.name} (${short(hashes.model)}), texture generator ${generator.name} ` +
        `(${short(hashes.generator)}), recognition network of the fit ${recognition.description.name} ` +
        `(${short(hashes.recognition)}).`,
    ],
    async fit(photo, { which = "prominent", signal } = {}) {
      const start = performance.now();
      const result = await fitOne(photo, which, undefined, signal);
      const seconds = (performance.now() - start) / 1000;
      const { head, latent } = result;
      const fitted: Fitted = { photo, result, person: { identity: head.identity, latent } };
      const dressed = new Map<Texture, TexturedHead>();
      const headIn = (texture: Texture): TexturedHead => {
        const known = dressed.get(texture) ?? dress(fitted, texture, frame, generator.resolution);
        dressed.set(texture, known);
        return known;
      };
      return {
        seconds,
        landmarkError: result.landmarkError.final,
        shape: Float32Array.from(pickPoints(neutralShape(head), vertices)),
        pictures: (texture) => picturesOf(fitted, headIn(texture)),
        async onto(other, onward) {
          const held = await fitOne(other, which, fitted.person, onward);
          return (texture) => photoLikeness(other.image, held, wearing(held.head, headIn(texture)));
        },
      };
    },
  };
}

interface Fitted {
  readonly photo: ReadPhoto;
  readonly result: FitResult;
  readonly person: { readonly identity: Float32Array; readonly latent: Float32Array };
}

/** Side of the picture in clay, pixels. */
const CLAY = 256;

function picturesOf({ photo, result }: Fitted, head: TexturedHead): HeadPictures {
  return {
    own: photoLikeness(photo.image, result, head),
    judged: judgedPicture(head),
    clay: clayPicture(head, CLAY),
    skin: head.skin,
  };
}

function dress(
  { photo, result }: Fitted,
  texture: Texture,
  frame: UvFrame,
  size: number,
): TexturedHead {
  const { head, camera, lighting, segmentation } = result;
  if (texture === "generated") return head;
  const skin = photoTexture({
    photo: photo.image,
    head,
    camera,
    lighting,
    segmentation,
    frame,
    size,
  });
  return { ...head, skin };
}

/** A head with another's skin and irises; how bright its photo is remains its own. */
function wearing(head: TexturedHead, { skin, irisColour }: TexturedHead): TexturedHead {
  return { ...head, skin, irisColour };
}

function neutralShape({ model, identity, expression }: TexturedHead): Float32Array {
  return evaluateModel(model, identity, new Float32Array(expression.length));
}

function describeOptions({ quality = "standard", ...others }: HeadFitOptions): string {
  const set = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${JSON.stringify(value)}`],
  );
  return [`quality ${quality}`, ...set].join(", ");
}

/** Enough of a SHA-256 to tell files apart by eye. */
export function short(hash: string): string {
  return `SHA-256 ${hash.slice(0, 12)}…`;
}
