/**
 * Makes a texture dataset of photographs: unwraps them, leaves out what is no use, takes the light out,
 * completes the maps and writes them in shards. What an earlier run has left is used as far as it is of the same
 * photographs; a run that is cut off leaves whole files only, and its manifest comes last.
 */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  cannotWrite,
  completeTexture,
  delightTexture,
  doubleTexture,
  type FaceNetworks,
  faceRegions,
  GanfitError,
  imageOfTexture,
  type MorphableModel,
  type PartialTexture,
  prepareLandmarks,
  sha256,
  type TextureMap,
  UV_FRAME,
  type UvFrame,
  writeImage,
  writeWhole,
} from "@ganfit/core";
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from "../safetensors.js";
import {
  type DatasetMean,
  datasetFile,
  meanOf,
  readManifest,
  readMean,
  storedMaps,
  unitValues,
} from "./dataset-reader.node.js";
import { DatasetSheet } from "./dataset-sheet.js";
import {
  type DatasetManifest,
  isDatasetSize,
  MANIFEST_FILE,
  type ManifestMap,
  MEAN_FILE,
  type Rejection,
  SHARD_MAPS,
  SHARD_NAME,
  SIZES,
  shardName,
} from "./manifest.js";
import { MeanTexture, skinTone } from "./mean-texture.js";
import { rejectionOf } from "./photo-checks.js";
import type { DatasetPhoto } from "./photo-list.node.js";
import {
  readUnwrapped,
  type UnwrapContext,
  type UnwrappedRecord,
  unwrapPhoto,
} from "./unwrapped-photo.node.js";

export interface DatasetBuild {
  /** From `listPhotos`. */
  readonly photos: readonly DatasetPhoto[];
  /** The dataset's folder, made where it is absent. */
  readonly out: string;
  /** Texels along each side: a power of two from 16 to 1024. */
  readonly size: number;
  readonly model: MorphableModel;
  readonly frame: UvFrame;
  readonly networks: FaceNetworks;
  /** Name and version of the program, for the manifest. */
  readonly tool: string;
  /** Folder of a dataset whose mean is used instead of these photos' own: to measure on people who were held out. */
  readonly meanOf?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

export interface DatasetProgress {
  readonly stage: "unwrap" | "mean" | "light" | "complete";
  /** Photos. */
  readonly done: number;
  readonly total: number;
  /** A photo that was just left out. */
  readonly rejected?: Rejection;
}

/** To be raised where maps of the same photos come out otherwise. */
const BUILD = 1;
const SHEET_FILE = "contact-sheet.png";

interface KeptPhoto extends DatasetPhoto {
  /** Path of its unwrapped files without endings. */
  readonly base: string;
  readonly record: UnwrappedRecord;
}

/**
 * @returns the manifest, which is then in the folder
 * @throws GanfitError `usage` for a size that makes no sense, a mean of another size, or without photos;
 *   `no-face` where none of them can be used; `output`; the signal's reason
 */
export async function buildDataset(build: DatasetBuild): Promise<DatasetManifest> {
  const { out, size, tool } = build;
  if (!isDatasetSize(size)) {
    throw new GanfitError(
      "usage",
      `A dataset's size is a power of two from ${SIZES.least} to ${SIZES.most}, not ${size}.`,
    );
  }
  await mkdir(out, { recursive: true }).catch((error) => {
    throw cannotWrite(out, error);
  });
  const given = build.meanOf === undefined ? undefined : await givenMean(build.meanOf, size);
  const { kept, rejected } = await unwrapAll(build);
  if (kept.length === 0) {
    const reasons = rejected.slice(0, 3).map(({ photo, reason }) => `${photo}: ${reason}`);
    throw new GanfitError(
      rejected.length === 0 ? "usage" : "no-face",
      rejected.length === 0
        ? "There are no photos to make a dataset of."
        : `None of the ${rejected.length} photos can be used. ${reasons.join("; ")}.`,
    );
  }
  const inputs = await inputsOf(kept, build, given);
  const old = await readManifest(out).catch(() => null);
  // A manifest never stands beside maps of another build.
  if (old && old.inputs !== inputs) await rm(join(out, MANIFEST_FILE), { force: true });
  const mean = await meanFor(kept, build, inputs, given);
  const entries = kept.map((photo, i) => entryOf(photo, shardName(Math.floor(i / SHARD_MAPS))));
  await writeShards(kept, mean, build, inputs);
  const shards = new Set(entries.map(({ shard }) => shard));
  for (const name of await readdir(out)) {
    if (SHARD_NAME.test(name) && !shards.has(name)) await rm(join(out, name), { force: true });
  }
  const { skin } = faceRegions(build.frame, size);
  const sheet = new DatasetSheet(entries.length, size);
  const maps: ManifestMap[] = [];
  for await (const { entry, colour, confidence } of storedMaps(out, { size, maps: entries })) {
    build.signal?.throwIfAborted();
    const texture = { size, colour: unitValues(colour), confidence: unitValues(confidence) };
    sheet.add(entry, texture);
    maps.push({ ...entry, skinTone: [...skinTone(texture, skin)] });
  }
  await writeImage(join(out, SHEET_FILE), sheet.image());
  const manifest: DatasetManifest = {
    format: "ganfit-texture-dataset",
    version: 1,
    size,
    uvFrame: UV_FRAME,
    tool,
    inputs,
    mean: MEAN_FILE,
    maps,
    rejected,
  };
  await writeWhole(join(out, MANIFEST_FILE), textBytes(`${JSON.stringify(manifest, null, 1)}\n`));
  return manifest;
}

/** The first stage: every photo on its own. */
async function unwrapAll(build: DatasetBuild) {
  const { photos, out, size, model, frame, networks, signal, onProgress } = build;
  const context: UnwrapContext = {
    model,
    frame,
    networks,
    prepared: prepareLandmarks(model),
    size,
  };
  const kept: KeptPhoto[] = [];
  const rejected: Rejection[] = [];
  for (const [i, photo] of photos.entries()) {
    signal?.throwIfAborted();
    const base = join(out, "unwrapped", `${photo.id}-${size}`);
    const record = await unwrapPhoto(photo.path, photo.photo, base, context);
    const reason =
      "rejected" in record
        ? record.rejected
        : rejectionOf(record.measures, size, photo.whiteBalance);
    const progress = { stage: "unwrap", done: i + 1, total: photos.length } as const;
    if (reason !== null) {
      const rejection = { photo: photo.photo, reason: reason.replace(/\.$/, "") };
      rejected.push(rejection);
      onProgress?.({ ...progress, rejected: rejection });
    } else if (!("rejected" in record)) {
      kept.push({ ...photo, base, record });
      onProgress?.(progress);
    }
  }
  return { kept, rejected };
}

/** Under even light and without a cast, one after the other. */
async function* evenTextures(
  kept: readonly KeptPhoto[],
  { model, frame, size: whole, signal, onProgress }: DatasetBuild,
  { size, expected, stage }: EvenOptions,
): AsyncGenerator<PartialTexture> {
  const regions = faceRegions(frame, size);
  for (const [i, { base, record, whiteBalance }] of kept.entries()) {
    signal?.throwIfAborted();
    const { texture, normals } = await readUnwrapped(base, record, { model, size: whole }, size);
    const even = delightTexture({ texture, normals, regions, expected }).texture;
    const colour = even.colour;
    for (let k = 0; k < colour.length; k++) colour[k]! *= whiteBalance[k % 3]!;
    yield even;
    onProgress?.({ stage, done: i + 1, total: kept.length });
  }
}

interface EvenOptions {
  /** Texels along each side: the dataset's or half of them. */
  readonly size: number;
  readonly expected?: TextureMap;
  readonly stage: DatasetProgress["stage"];
}

/** The mean of a run before that was cut off, one that is given, or a new one. */
async function meanFor(
  kept: readonly KeptPhoto[],
  build: DatasetBuild,
  inputs: string,
  given: DatasetMean | undefined,
): Promise<DatasetMean> {
  const { out, size, frame } = build;
  const path = join(out, MEAN_FILE);
  const known = await safetensorsOf(path);
  if (known?.metadata.inputs === inputs) return meanOf(known, size, path);
  let made = given;
  if (!made) {
    const half = size / 2;
    const first = new MeanTexture(half, faceRegions(frame, half).skin);
    for await (const even of evenTextures(kept, build, { size: half, stage: "mean" })) {
      first.add(even);
    }
    const expected = first.mean();
    const second = new MeanTexture(size, faceRegions(frame, size).skin);
    const options = { size, expected: doubleTexture(expected), stage: "light" } as const;
    for await (const even of evenTextures(kept, build, options)) second.add(even);
    made = { mean: second.mean(), seen: second.seen(), expected };
  }
  const half = made.expected.size;
  const tensors = {
    colour: { data: made.mean.colour, shape: [size, size, 3] },
    seen: { data: made.seen, shape: [size, size] },
    expected: { data: made.expected.colour, shape: [half, half, 3] },
  };
  await writeWhole(path, encodeSafetensors({ tensors, metadata: { inputs } }));
  return made;
}

/** @throws GanfitError `usage` where the dataset is of another size */
async function givenMean(folder: string, size: number): Promise<DatasetMean> {
  const manifest = await readManifest(folder);
  if (manifest.size !== size) {
    throw new GanfitError(
      "usage",
      `The mean in ${folder} has ${manifest.size} x ${manifest.size} texels, but ${size} x ${size} are needed.`,
    );
  }
  return readMean(folder, size);
}

/** Those that are absent or of another build. */
async function writeShards(
  kept: readonly KeptPhoto[],
  { mean, expected }: DatasetMean,
  build: DatasetBuild,
  inputs: string,
): Promise<void> {
  const { out, size, frame, onProgress } = build;
  const { skin } = faceRegions(frame, size);
  const even = { size, expected: doubleTexture(expected), stage: "complete" } as const;
  for (let start = 0; start < kept.length; start += SHARD_MAPS) {
    const photos = kept.slice(start, start + SHARD_MAPS);
    const path = join(out, shardName(start / SHARD_MAPS));
    const report = (done: number) =>
      onProgress?.({ stage: "complete", done: start + done, total: kept.length });
    if ((await safetensorsOf(path))?.metadata.inputs !== inputs) {
      const tensors: Record<string, SafetensorsFile["tensors"][string]> = {};
      let done = 0;
      // Progress is told of all photos, not of a shard's.
      const quiet = { ...build, onProgress: undefined };
      for await (const texture of evenTextures(photos, quiet, even)) {
        const { id } = photos[done]!;
        const complete = completeTexture(texture, mean, { skin });
        tensors[`${id}.colour`] = { data: imageOfTexture(complete).data, shape: [size, size, 3] };
        const confidence = Uint8Array.from(texture.confidence, (value) => Math.round(255 * value));
        tensors[`${id}.confidence`] = { data: confidence, shape: [size, size] };
        report(++done);
      }
      await writeWhole(path, encodeSafetensors({ tensors, metadata: { inputs } }));
    }
    report(photos.length);
  }
}

/** Undefined where there is none, or a damaged one. */
async function safetensorsOf(path: string): Promise<SafetensorsFile | undefined> {
  try {
    return decodeSafetensors(await datasetFile(path), path);
  } catch {
    return undefined;
  }
}

async function inputsOf(
  kept: readonly KeptPhoto[],
  { size, model }: DatasetBuild,
  given: DatasetMean | undefined,
): Promise<string> {
  const photos = kept.map(({ id, whiteBalance, record }) => [id, record.photo, whiteBalance]);
  const mean = given ? await sha256(new Uint8Array(given.mean.colour.slice().buffer)) : null;
  return sha256(textBytes(JSON.stringify({ build: BUILD, size, model: model.name, mean, photos })));
}

function entryOf({ id, photo, person, licence, attribution, record }: KeptPhoto, shard: string) {
  const { landmarkError, seen } = record.measures;
  const rounded = (value: number) => Number(value.toFixed(5));
  return {
    id,
    shard,
    photo,
    sha256: record.photo,
    person,
    landmarkError: rounded(landmarkError),
    skinTone: [0, 0, 0] satisfies [number, number, number],
    seen: Math.min(1, rounded(seen)),
    licence,
    attribution,
  };
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
