import { rm } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../errors.js";
import type { MorphableModel } from "../morphable-model.js";
import { openModel } from "../readers/open-model.node.js";
import { CATALOGUE, type CatalogueEntry } from "./catalogue.js";
import {
  type DownloadOptions,
  downloadFiles,
  type Manifest,
  readManifest,
} from "./download.node.js";
import { type AddOptions, addModel, dataHome } from "./store.node.js";

export interface DownloadModelOptions extends DownloadOptions, AddOptions {
  /** Address to fetch from instead of the catalogue's, such as a mirror's: paths are appended to it. */
  readonly baseUrl?: string;
  /** Name to keep the model under; the catalogue's where absent. */
  readonly as?: string;
  /** What to make of the model before it is kept, such as `completeModel` of it. */
  readonly complete?: (model: MorphableModel) => Promise<MorphableModel>;
  /** Keep the downloaded files beside the model, 387 MB for ICT-FaceKit. */
  readonly keepFiles?: boolean;
}

/**
 * The model of that name that can be fetched.
 *
 * @throws GanfitError `usage` where there is none
 */
export function catalogueEntry(name: string): CatalogueEntry {
  const entry = CATALOGUE.find((candidate) => candidate.name === name);
  if (!entry) {
    const known = CATALOGUE.map((candidate) => candidate.name).join(", ");
    throw new GanfitError(
      "usage",
      `${name} is no model that can be fetched (there are: ${known}); say where its file lies.`,
    );
  }
  return entry;
}

/** The files of a model of the catalogue. */
export function catalogueManifest(entry: CatalogueEntry): Promise<Manifest> {
  return readManifest(new URL(`../../../assets/${entry.manifest}`, import.meta.url));
}

/**
 * Fetches a model of the catalogue, converts it and keeps it in the store. A download that was interrupted
 * goes on where it stopped.
 *
 * @returns the path of the model's compact file
 * @throws GanfitError as {@link downloadFiles}, `openModel` and `addModel`
 */
export async function downloadModel(
  name: string,
  options: DownloadModelOptions = {},
): Promise<string> {
  const entry = catalogueEntry(name);
  const directory = join(options.home ?? dataHome(), "downloads", entry.name);
  const sources = options.baseUrl === undefined ? entry.sources : [slashed(options.baseUrl)];
  await downloadFiles(await catalogueManifest(entry), sources, directory, options);
  const model = await openModel(directory);
  const path = await addModel(
    options.as ?? entry.name,
    options.complete ? await options.complete(model) : model,
    options,
  );
  if (!options.keepFiles) await rm(directory, { recursive: true });
  return path;
}

function slashed(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
