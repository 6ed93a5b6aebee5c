/** The form of fit.json, which docs/fit-json.md explains. */
import { z } from "zod";
import { MOST_STEPS } from "../fit/fit-options.js";
import { MAX_MODES } from "../models/compact/compact-header.js";
import { LANDMARK_COUNT } from "../networks/landmarks.js";

/** What the entry `schema` of a fit.json says. */
export const FIT_SCHEMA = "ganfit-fit-1";

const text = z.string().min(1).max(2000);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const size = z
  .int()
  .min(1)
  .max(1 << 28);
const number = z.number();
const vector = z.tuple([number, number, number]);
const positive = number.positive();
const share = number.min(0).max(1);
const byte = number.min(0).max(255);
const numbers = (most: number) => z.array(number).max(most);

const MAX_LATENT = 1 << 16;
const MAX_PHOTOS = 1 << 14;

const ENERGY_TERMS = [
  "identity",
  "pixel",
  "landmark",
  "shapePrior",
  "expressionPrior",
  "latentPrior",
  "lightPrior",
] as const;

/** Terms that came later: reports of before do not have them. */
const LATER_TERMS = ["secondIdentity", "content"] as const;

function each<K extends string, T extends z.ZodType>(names: readonly K[], type: T) {
  return z.object(Object.fromEntries(names.map((name) => [name, type])) as Record<K, T>);
}

export const FIT_REPORT_SCHEMA = z.object({
  schema: z.literal(FIT_SCHEMA),
  versions: z.object({ ganfit: text, runtime: text, onnxruntime: text }),
  photo: z.object({ name: text, width: size, height: size, scale: positive, sha256: hash }),
  options: z.object({
    steps: z.int().min(0).max(MOST_STEPS),
    side: size,
    seed: number,
    lighting: z.enum(["spherical-harmonics", "phong"]),
    device: text,
    threads: size.nullable(),
    face: z.int().min(0).nullable(),
    texture: z.enum(["photo", "generated"]),
    textureSize: size,
    quality: z.enum(["draft", "standard"]).optional(),
    detail: z.boolean().optional(),
    focalLength: z.object({
      from: z.enum(["option", "exif", "prior"]),
      pixels: positive.nullable(),
    }),
    weights: each(ENERGY_TERMS, number).extend(each(LATER_TERMS, number.optional()).shape),
    learningRates: each(["identity", "expression", "latent", "camera", "light"], number),
  }),
  model: z.object({ name: text, licence: text, sha256: hash }),
  generator: z.object({
    name: text,
    licence: text,
    latentSize: z.int().min(1).max(MAX_LATENT),
    resolution: size,
    sha256: hash,
  }),
  texture: z.object({ file: text, sha256: hash }),
  normals: z.object({ file: text, sha256: hash }).optional(),
  recognition: z.object({ name: text, licence: text, sha256: hash }),
  faceNetworks: z.array(z.object({ name: text, sha256: hash })).max(16),
  face: z.object({
    box: z.object({ x: number, y: number, width: positive, height: positive }),
    confidence: share,
    rollDegrees: number,
    yawDegrees: number,
    pitchDegrees: number,
    cutByBorder: z.boolean(),
  }),
  camera: z.object({
    position: vector,
    lookAt: vector,
    focalLength: positive,
    roll: number,
    principalPoint: z.tuple([number, number]),
    intrinsics: z.tuple([vector, vector, vector]),
    extrinsics: z.array(z.array(number).length(4)).length(3),
  }),
  lighting: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("spherical-harmonics"), coefficients: z.array(number).length(27) }),
    z.object({
      kind: z.literal("phong"),
      position: vector,
      colour: vector,
      ambient: vector,
      specular: number,
      shininess: number,
    }),
  ]),
  parameters: z.object({
    identity: numbers(MAX_MODES),
    expression: z.record(text, number),
    latent: numbers(MAX_LATENT),
    irisColour: z.tuple([byte, byte, byte]),
    exposure: z.number().gt(0).max(1),
  }),
  landmarkError: z.object({ stage1: number, final: number }),
  landmarks: z.object({
    detected: z.array(vector).length(LANDMARK_COUNT),
    fitted: z.array(z.tuple([number, number])).length(LANDMARK_COUNT),
  }),
  losses: each(["energy", ...ENERGY_TERMS], numbers(MOST_STEPS + 1)).extend(
    each(LATER_TERMS, numbers(MOST_STEPS + 1).optional()).shape,
  ),
  timings: each(["face", "landmarks", "compile", "fit", "texture"], number.min(0)),
  person: z
    .object({
      photos: z
        .array(
          z.object({
            name: text,
            report: text.nullable(),
            problem: z
              .object({
                code: text,
                message: z.string().max(10_000),
                similarity: number.optional(),
              })
              .optional(),
            seconds: number.min(0).optional(),
          }),
        )
        .min(1)
        .max(MAX_PHOTOS),
      video: z.object({ name: text }).optional(),
    })
    .optional(),
});

/** All that a fit found, and with what: enough to rebuild the head (`rebuildHead`). */
export type FitReport = z.infer<typeof FIT_REPORT_SCHEMA>;
