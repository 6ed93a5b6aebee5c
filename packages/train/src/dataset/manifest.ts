/** What lies in a texture dataset's folder; docs/dataset.md describes it. */
import { GanfitError, UV_FRAME } from "@ganfit/core";
import { z } from "zod";

export const MANIFEST_FILE = "manifest.json";
export const MEAN_FILE = "mean.safetensors";
/** Maps in a shard, but for the last. */
export const SHARD_MAPS = 16;

/** Texels along each side that a dataset can have: powers of two. */
export const SIZES = { least: 16, most: 1024 } as const;

export function isDatasetSize(size: number): boolean {
  return size >= SIZES.least && size <= SIZES.most && Number.isInteger(Math.log2(size));
}

/** @param number of the shard, from 0 */
export function shardName(number: number): string {
  return `shard-${String(number).padStart(3, "0")}.safetensors`;
}

/** Names of shards and no others: they lie in the dataset's folder itself. */
export const SHARD_NAME = /^shard-\d{3,6}\.safetensors$/;

const SHARE = z.number().min(0).max(1);
const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);

const MAP = z.strictObject({
  /** Unique; its tensors are `<id>.colour` and `<id>.confidence`. */
  id: z.string().regex(/^[\w-]{1,200}$/),
  shard: z.string().regex(SHARD_NAME),
  /** The photo's folder and file. */
  photo: z.string(),
  /** Of the photo's file. */
  sha256: SHA256,
  /** The same for all photographs of one person. */
  person: z.string(),
  /** Of the landmark fit, in parts of the distance between the pupils. */
  landmarkError: z.number().min(0),
  /** Medians over bare skin, gamma-coded sRGB. */
  skinTone: z.tuple([SHARE, SHARE, SHARE]),
  /** Mean confidence over the face. */
  seen: SHARE,
  licence: z.string(),
  attribution: z.string(),
});

const MANIFEST = z.strictObject({
  format: z.literal("ganfit-texture-dataset"),
  version: z.literal(1),
  size: z.number().refine(isDatasetSize, "no power of two from 16 to 1024"),
  uvFrame: z.literal(UV_FRAME),
  /** Name and version of what made it. */
  tool: z.string(),
  /** Hash of all that the maps depend on: tells whether a dataset that was made before can stay. */
  inputs: SHA256,
  maps: z.array(MAP).min(1),
  rejected: z.array(z.strictObject({ photo: z.string(), reason: z.string() })),
  mean: z.literal(MEAN_FILE),
});

export type DatasetManifest = z.infer<typeof MANIFEST>;
export type ManifestMap = z.infer<typeof MAP>;
export type Rejection = DatasetManifest["rejected"][number];

/**
 * @param text of the file
 * @param name what error messages call it
 * @throws GanfitError `usage` saying what is wrong with it
 */
export function parseManifest(text: string, name: string): DatasetManifest {
  const wrong = (problem: string) =>
    new GanfitError("usage", `${name} describes no texture dataset: ${problem}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON (${(error as Error).message})`);
  }
  const result = MANIFEST.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw wrong(`${path.join(".") || "the whole"}: ${message}`);
  }
  const ids = new Set<string>();
  for (const { id } of result.data.maps) {
    if (ids.has(id)) throw wrong(`the map ${id} is there twice`);
    ids.add(id);
  }
  return result.data;
}
