// The JSON header of a compact model file. docs/compact-format.md describes the whole container.
import { z } from "zod";
import { PART_KINDS } from "../validate-model.js";
import { EXPONENTS } from "./compact-quantise.js";

/** First bytes of every file: like PNG's, they show a transfer that changed line ends. */
export const MAGIC = Uint8Array.of(0x89, 0x47, 0x46, 0x4d, 0x0d, 0x0a, 0x1a, 0x0a);

export const VERSION = 1;

/** Magic, version, header length, header CRC-32 and a word of zeros. */
export const PREFIX_BYTES = 24;

/** Sections start at multiples of this. */
export const ALIGNMENT = 64;

/** Longest header that is read, bytes. */
export const MAX_HEADER_BYTES = 2 ** 22;

/** Most vertices, triangles and texture coordinates. */
export const MAX_COUNT = 2 ** 22;

/** Most modes of a basis. */
export const MAX_MODES = 4096;

/**
 * Most displacements of a model in memory, so that a small file of modes that move nothing cannot ask
 * for a large one: 2^27 float32 are 512 MiB, four times the Basel Face Model 2009.
 */
export const MAX_DISPLACEMENTS = 2 ** 27;

const count = z.int().min(0).max(MAX_COUNT);

/** Where a section lies: bytes from the start of the sections. */
const section = z.strictObject({
  offset: z.int().min(0),
  length: z.int().min(0),
  crc32: z.int().min(0).max(0xffffffff),
});

const exponent = z.int().min(EXPONENTS.min).max(EXPONENTS.max);

const mode = z.strictObject({
  name: z.string(),
  standardDeviation: z.number(),
  exponents: z.tuple([exponent, exponent, exponent]),
  stored: count.nullable(),
  section,
});

const basis = z.strictObject({
  prior: z.enum(["normal", "unit-interval"]),
  modes: z.array(mode).max(MAX_MODES),
});

const points = z.strictObject({ count, section });

export const headerSchema = z.strictObject({
  name: z.string(),
  licence: z.string(),
  attribution: z.string(),
  vertexCount: count.min(1),
  triangleCount: count.min(1),
  parts: z.array(
    z.strictObject({ name: z.string(), kind: z.enum(PART_KINDS), start: count, count }),
  ),
  mean: section,
  triangles: section,
  symmetry: section.nullable(),
  landmarks: z
    .strictObject({ ibug68: points.nullable(), mediapipe478: points.nullable() })
    .nullable(),
  uv: z
    .strictObject({ frame: z.string(), count, coordinates: section, triangles: section })
    .nullable(),
  expression: basis,
  identity: basis,
});

export type Header = z.infer<typeof headerSchema>;
export type Section = z.infer<typeof section>;
export type ModeHeader = z.infer<typeof mode>;

/** The next multiple of {@link ALIGNMENT}. */
export function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
