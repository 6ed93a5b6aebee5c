/** Reading a texture dataset that `buildDataset` wrote. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError, type TextureMap } from "@ganfit/core";
import { decodeSafetensors, type SafetensorsFile } from "../safetensors.js";
import { type DatasetManifest, MANIFEST_FILE, MEAN_FILE, parseManifest } from "./manifest.js";

export interface DatasetMap {
  readonly id: string;
  /** The same for all photographs of one person. */
  readonly person: string;
  /** `size x size x 3` in [0, 1], gamma-coded sRGB, complete. */
  readonly colour: Float32Array;
  /** `size x size` in [0, 1]: how far each texel is the person's own; 0 where it was filled in. */
  readonly confidence: Float32Array;
}

export interface TextureDataset {
  /** Texels along each side. */
  readonly size: number;
  readonly manifest: DatasetManifest;
  /** Of the people, symmetric and complete. */
  readonly mean: TextureMap;
  /** `size x size`: mean confidence over the maps and their mirror images. */
  readonly seen: Float32Array;
  /** In the manifest's order. */
  readonly maps: readonly DatasetMap[];
}

/** What `mean.safetensors` holds. */
export interface DatasetMean {
  readonly mean: TextureMap;
  readonly seen: Float32Array;
  /** Half the size: what the skin's brightness is expected to vary by when light is taken out. */
  readonly expected: TextureMap;
}

/**
 * All maps of a dataset, in memory.
 *
 * @throws GanfitError `usage` where the folder holds none, or a file of it is damaged
 */
export async function loadDataset(folder: string): Promise<TextureDataset> {
  const manifest = await readManifest(folder);
  const { size } = manifest;
  const { mean, seen } = await readMean(folder, size);
  const maps: DatasetMap[] = [];
  for await (const { entry, colour, confidence } of storedMaps(folder, manifest)) {
    maps.push({
      id: entry.id,
      person: entry.person,
      colour: unitValues(colour),
      confidence: unitValues(confidence),
    });
  }
  return { size, manifest, mean, seen, maps };
}

/** @throws GanfitError `usage` where the folder holds no dataset or the manifest is wrong */
export async function readManifest(folder: string): Promise<DatasetManifest> {
  const path = join(folder, MANIFEST_FILE);
  const bytes = await datasetFile(path);
  return parseManifest(new TextDecoder().decode(bytes), path);
}

/** @throws GanfitError `usage` */
export async function readMean(folder: string, size: number): Promise<DatasetMean> {
  const path = join(folder, MEAN_FILE);
  const file = decodeSafetensors(await datasetFile(path), path);
  return meanOf(file, size, path);
}

/** @throws GanfitError `usage` where a tensor is absent or of another size */
export function meanOf(file: SafetensorsFile, size: number, path: string): DatasetMean {
  const half = size / 2;
  const floats = (name: string, shape: readonly number[]) => {
    const data = tensorOf(file, name, shape, path);
    if (data instanceof Float32Array && data.every(Number.isFinite)) return data;
    throw new GanfitError("usage", `${path}: the tensor ${name} does not hold finite floats.`);
  };
  return {
    mean: { size, colour: floats("colour", [size, size, 3]) },
    seen: floats("seen", [size, size]),
    expected: { size: half, colour: floats("expected", [half, half, 3]) },
  };
}

export interface StoredMap {
  readonly entry: DatasetManifest["maps"][number];
  /** `size x size x 3`. */
  readonly colour: Uint8Array;
  /** `size x size`. */
  readonly confidence: Uint8Array;
}

/** The maps as they are stored, one shard in memory at a time where the manifest's order is that of the shards. */
export async function* storedMaps(
  folder: string,
  { size, maps }: Pick<DatasetManifest, "size" | "maps">,
): AsyncGenerator<StoredMap> {
  let shard: { readonly name: string; readonly file: SafetensorsFile } | undefined;
  for (const entry of maps) {
    const path = join(folder, entry.shard);
    if (shard?.name !== entry.shard) {
      shard = { name: entry.shard, file: decodeSafetensors(await datasetFile(path), path) };
    }
    const { file } = shard;
    const bytes = (name: string, shape: readonly number[]) => {
      const data = tensorOf(file, name, shape, path);
      if (data instanceof Uint8Array) return data;
      throw new GanfitError("usage", `${path}: the tensor ${name} does not hold bytes.`);
    };
    yield {
      entry,
      colour: bytes(`${entry.id}.colour`, [size, size, 3]),
      confidence: bytes(`${entry.id}.confidence`, [size, size]),
    };
  }
}

function tensorOf(
  { tensors }: SafetensorsFile,
  name: string,
  shape: readonly number[],
  path: string,
) {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor || tensor.shape.join() !== shape.join()) {
    const found = tensor ? `is [${tensor.shape}]` : "is absent";
    throw new GanfitError("usage", `${path}: the tensor ${name} of [${shape}] ${found}.`);
  }
  return tensor.data;
}

/** @throws GanfitError `usage` where there is no such file */
export async function datasetFile(path: string): Promise<Uint8Array> {
  try {
    // A Buffer's slices are views of the same memory, which decoders do not expect.
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new GanfitError(
      "usage",
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}): a texture dataset is a folder that \`ganfit dataset build\` has completed.`,
      { cause: error },
    );
  }
}

/** Bytes as numbers in [0, 1]. */
export function unitValues(bytes: Uint8Array): Float32Array {
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < out.length; i++) out[i] = bytes[i]! / 255;
  return out;
}
