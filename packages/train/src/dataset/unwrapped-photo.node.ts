/**
 * One photograph's texture as it is seen, kept in a folder: PNG files for the colours and the confidence,
 * and the fit as JSON. What is there of the same photo is not made again.
 */

import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  confirmSkin,
  decodeImage,
  directionsAtTexels,
  evaluateModel,
  type FaceNetworks,
  faceRegions,
  findFace,
  fitLandmarks,
  GanfitError,
  imageOfTexture,
  luminance,
  type MorphableModel,
  type PartialTexture,
  type prepareLandmarks,
  readImage,
  readImageBytes,
  segmentFace,
  sha256,
  shrinkPartial,
  surfacePositions,
  texturePositions,
  type UvFrame,
  unwrapTexture,
  vertexNormals,
  writeImage,
  writeMask,
  writeWhole,
} from "@ganfit/core";
import { z } from "zod";
import { unitValues } from "./dataset-reader.node.js";
import { skinTone } from "./mean-texture.js";
import { detailOf, type PhotoMeasures } from "./photo-checks.js";

export interface UnwrapContext {
  readonly model: MorphableModel;
  readonly frame: UvFrame;
  readonly networks: FaceNetworks;
  readonly prepared: ReturnType<typeof prepareLandmarks>;
  /** Texels along each side. */
  readonly size: number;
}

export interface UnwrappedPhoto {
  readonly texture: PartialTexture;
  /** `size x size x 3`: normals of the fitted head at the texels. */
  readonly normals: Float32Array;
}

/** The part of the texture's size that a face must be wide in pixels to be looked for: small ones take long. */
const SMALLEST_FACE = 0.39;
/** The detector's own limit. */
const LEAST_PIXELS = 40;

const VECTOR = z.tuple([z.number(), z.number(), z.number()]);
const FIT = z.object({
  identity: z.array(z.number()),
  expression: z.array(z.number()),
  camera: z.object({
    position: VECTOR,
    lookAt: VECTOR,
    focalLength: z.number().positive(),
    roll: z.number(),
    principalPoint: z.tuple([z.number(), z.number()]),
  }),
  error: z.number().min(0),
});
/** What files that came from elsewhere may lack. */
const MADE_OF = { photo: z.string(), model: z.string() };
const MEASURES = z.object({
  landmarkError: z.number(),
  turn: z.number(),
  pixelsPerTexel: z.number(),
  seen: z.number(),
  detail: z.number(),
  skinTone: VECTOR,
});
const RECORD = z.union([
  z.object({ ...MADE_OF, rejected: z.string() }),
  FIT.extend({ ...MADE_OF, measures: MEASURES }),
]);

type Fit = z.infer<typeof FIT>;

interface Origin {
  /** SHA-256 of the photo's file. */
  readonly photo: string;
  /** Name of the model. */
  readonly model: string;
}

export interface UnwrappedRecord extends Origin, Fit {
  readonly measures: PhotoMeasures;
}

export interface UnusableRecord extends Origin {
  /** Why no texture could be made. */
  readonly rejected: string;
}

export type UnwrapRecord = UnwrappedRecord | UnusableRecord;

/**
 * Makes the files of a photo where they are absent or another photo's.
 *
 * @param file of the photo
 * @param name what messages call it
 * @param base path of the files without their endings: `.png`, `-confidence.png` and `.json`
 * @throws GanfitError `output`; a photo that cannot be used gives a record that says why
 */
export async function unwrapPhoto(
  file: string,
  name: string,
  base: string,
  context: UnwrapContext,
): Promise<UnwrapRecord> {
  const { model } = context;
  let bytes: Uint8Array;
  try {
    bytes = await readImageBytes(file);
  } catch (error) {
    // Not kept: the file may come back.
    return { photo: "", model: model.name, rejected: reasonOf(error, context.size) };
  }
  const madeOf = { photo: await sha256(bytes), model: model.name };
  const known = await knownRecord(base);
  const origin = z.object(MADE_OF).partial().safeParse(known).data;
  const { photo = madeOf.photo, model: of = model.name } = origin ?? {};
  if (photo === madeOf.photo && of === model.name) {
    const record = RECORD.safeParse(known);
    if (record.success) return record.data;
    const fit = FIT.safeParse(known);
    if (fit.success) {
      const { texture } = await readUnwrapped(base, fit.data, context, context.size);
      return keep(base, { ...fit.data, ...madeOf, measures: measured(fit.data, texture, context) });
    }
  }
  try {
    const { fit, texture } = await unwrapped(bytes, name, context);
    await mkdir(dirname(base), { recursive: true });
    await writeImage(`${base}.png`, imageOfTexture(texture));
    await writeMask(`${base}-confidence.png`, {
      width: texture.size,
      height: texture.size,
      data: texture.confidence,
    });
    return await keep(base, { ...fit, ...madeOf, measures: measured(fit, texture, context) });
  } catch (error) {
    return keep(base, { ...madeOf, rejected: reasonOf(error, context.size) });
  }
}

/** Written last, so that it stands for all three files. */
async function keep<R extends UnwrapRecord>(base: string, record: R): Promise<R> {
  await mkdir(dirname(base), { recursive: true });
  await writeWhole(`${base}.json`, new TextEncoder().encode(JSON.stringify(record)));
  return record;
}

async function knownRecord(base: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(`${base}.json`, "utf8"));
  } catch {
    return undefined;
  }
}

/** What is said of an error that is the photo's fault; others are thrown. */
function reasonOf(error: unknown, size: number): string {
  const code = error instanceof GanfitError ? error.code : undefined;
  if (code === "no-face") return `it shows no face that is ${smallestFace(size)} pixels wide`;
  if (code === "several-faces") return "it shows several faces of about the same size";
  if (code === "image" || code === "face-cut") return (error as GanfitError).message;
  throw error;
}

/** Pixels. */
function smallestFace(size: number): number {
  return Math.max(LEAST_PIXELS, Math.round(SMALLEST_FACE * size));
}

async function unwrapped(bytes: Uint8Array, name: string, context: UnwrapContext) {
  const { model, frame, networks, prepared, size } = context;
  const photo = await decodeImage(bytes, { name });
  const face = await findFace(photo, networks, {
    name,
    minimumSize: smallestFace(size),
    relativeSize: 0.6,
  });
  const segmentation = segmentFace(photo, face.landmarks);
  const { identity, expression, camera, error } = fitLandmarks(
    model,
    face.landmarks,
    photo,
    {},
    prepared,
  );
  const vertices = evaluateModel(model, identity, expression);
  const texture = confirmSkin(
    unwrapTexture({ model, vertices, camera, photo, segmentation, size }),
    faceRegions(frame, size),
  );
  const fit = FIT.parse({
    identity: Array.from(identity),
    expression: Array.from(expression),
    camera,
    error,
  });
  return { fit, texture };
}

/** The outer corners of the eyes. */
const CORNERS = [33, 263] as const;

function measured(
  { identity, expression, camera, error }: Fit,
  texture: PartialTexture,
  { model, frame }: UnwrapContext,
): PhotoMeasures {
  const { colour, confidence, size } = texture;
  const vertices = evaluateModel(model, identity, expression);
  const points = surfacePositions(vertices, model.triangles, model.landmarks!.mediapipe478!);
  const { uv } = frame.points;
  const [a, b] = CORNERS;
  const middle = [0, 1, 2].map((k) => (points[3 * a + k]! + points[3 * b + k]!) / 2);
  const depth = Math.hypot(...camera.position.map((value, k) => value - middle[k]!));
  const apart = Math.hypot(...[0, 1, 2].map((k) => points[3 * a + k]! - points[3 * b + k]!));
  const texels = size * Math.hypot(uv[2 * a]! - uv[2 * b]!, uv[2 * a + 1]! - uv[2 * b + 1]!);
  const [x, y, z] = camera.position;
  const { face, skin } = faceRegions(frame, size);
  const brightness = confidence.map((_, i) =>
    luminance(colour[3 * i]!, colour[3 * i + 1]!, colour[3 * i + 2]!),
  );
  const bare = confidence.map((value, i) => value * skin[i]!);
  const faceArea = face.reduce((sum, value) => sum + value, 0);
  return {
    landmarkError: error,
    turn: (Math.acos(z / Math.hypot(x, y, z)) * 180) / Math.PI,
    pixelsPerTexel: (apart * camera.focalLength) / depth / texels,
    seen: confidence.reduce((sum, value, i) => sum + value * face[i]!, 0) / faceArea,
    detail: detailOf(brightness, bare, size),
    skinTone: skinTone(texture, skin),
  };
}

/**
 * Reads what {@link unwrapPhoto} kept.
 *
 * @param wanted texels along each side, the context's size over a whole number
 * @throws GanfitError `image` where a picture is damaged
 */
export async function readUnwrapped(
  base: string,
  { identity, expression }: Pick<Fit, "identity" | "expression">,
  { model, size }: Pick<UnwrapContext, "model" | "size">,
  wanted: number,
): Promise<UnwrappedPhoto> {
  const colour = await squareOf(`${base}.png`, size);
  const grey = await squareOf(`${base}-confidence.png`, size);
  const whole = {
    size,
    colour: unitValues(colour),
    confidence: unitValues(grey.filter((_, i) => i % 3 === 0)),
  };
  const vertices = evaluateModel(model, identity, expression);
  return {
    texture: wanted === size ? whole : shrinkPartial(whole, size / wanted),
    normals: directionsAtTexels(
      texturePositions(model, wanted),
      model.triangles,
      vertexNormals(vertices, model.triangles),
    ),
  };
}

async function squareOf(path: string, size: number): Promise<Uint8Array> {
  const { width, height, data } = await readImage(path);
  if (width !== size || height !== size) {
    throw new GanfitError(
      "image",
      `${path} has ${width} x ${height} texels, not ${size} x ${size}: delete it.`,
    );
  }
  return data;
}
