// The shape models that a user has added: one compact file each, in the place where the platform keeps a
// program's data.
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GanfitError } from "../../errors.js";
import {
  type CompactReadOptions,
  type CompactSummary,
  inspectCompactModel,
  readCompactModel,
  writeCompactModel,
} from "../compact/compact.js";
import { withFile } from "../compact/compact-file.node.js";
import type { MorphableModel } from "../morphable-model.js";
import { openModel } from "../readers/open-model.node.js";

/** Name of the head that comes with ganfit. */
export const DEFAULT_MODEL = "default";

/** Ending of compact model files. */
export const MODEL_EXTENSION = ".gfm";

export interface StoreOptions {
  /** Folder of ganfit's data; {@link dataHome} where absent. */
  readonly home?: string;
  /** Compact file of the embedded head; the package's own where absent. */
  readonly defaultHead?: string;
}

export interface AddOptions extends StoreOptions {
  /** Replace a model of that name. */
  readonly force?: boolean;
}

export interface LoadOptions extends StoreOptions, CompactReadOptions {}

/** A model that can be loaded by name. */
export interface StoredModel {
  readonly name: string;
  readonly path: string;
  /** Whether it came with ganfit. */
  readonly embedded: boolean;
  /** Null where the file is damaged: `error` says how. */
  readonly summary: CompactSummary | null;
  readonly error: string | null;
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/** Names that Windows gives to devices, also with an ending. */
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

const EMBEDDED = fileURLToPath(new URL("../../../assets/default-head.gfm", import.meta.url));

/**
 * Where ganfit keeps a user's data: `GANFIT_HOME`; otherwise `ganfit` in `%LOCALAPPDATA%` on Windows, in
 * `~/Library/Application Support` on macOS, in `XDG_DATA_HOME` or `~/.local/share` elsewhere.
 */
export function dataHome(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  user: string = homedir(),
): string {
  if (env.GANFIT_HOME) return env.GANFIT_HOME;
  if (platform === "win32") {
    return join(env.LOCALAPPDATA || join(user, "AppData", "Local"), "ganfit");
  }
  if (platform === "darwin") return join(user, "Library", "Application Support", "ganfit");
  // The XDG base directory specification has relative paths ignored.
  const xdg = env.XDG_DATA_HOME?.startsWith("/") ? env.XDG_DATA_HOME : undefined;
  return join(xdg ?? join(user, ".local", "share"), "ganfit");
}

/** Whether a name can be given to a model: lower-case letters, digits, `.`, `_` and `-`, at most 64. */
export function isModelName(name: string): boolean {
  return NAME.test(name) && !DEVICES.test(name);
}

/** The embedded head, then the user's models by name. */
export async function listModels(options: StoreOptions = {}): Promise<StoredModel[]> {
  const directory = modelsDirectory(options);
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new GanfitError("model", `${directory} cannot be listed: ${error.message}.`);
  });
  const names = files
    .filter((file) => file.endsWith(MODEL_EXTENSION))
    .map((file) => file.slice(0, -MODEL_EXTENSION.length))
    .filter((name) => isModelName(name) && name !== DEFAULT_MODEL)
    .sort();
  const models = [describe(DEFAULT_MODEL, options.defaultHead ?? EMBEDDED, true)];
  for (const name of names) models.push(describe(name, modelPath(name, options), false));
  return Promise.all(models);
}

/**
 * Checks that a model can be kept under a name, for callers who want to know before a long conversion.
 *
 * @throws GanfitError `usage` where the name is no good or taken (and `force` is not set)
 */
export async function requireFreeName(name: string, options: AddOptions = {}): Promise<void> {
  checkName(name);
  if (!options.force && (await exists(modelPath(name, options)))) throw taken(name);
}

/**
 * Keeps a model under a name. The file appears whole or not at all.
 *
 * @returns the path of its file
 * @throws GanfitError `usage` where the name is no good or taken (and `force` is not set); `model` where
 *   the model is not valid; `output` where the file cannot be written
 */
export async function addModel(
  name: string,
  model: MorphableModel,
  options: AddOptions = {},
): Promise<string> {
  checkName(name);
  const path = modelPath(name, options);
  const bytes = writeCompactModel({ ...model, name });
  const temporary = join(modelsDirectory(options), `${randomUUID()}.part`);
  try {
    await mkdir(modelsDirectory(options), { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.force) await rename(temporary, path);
    else await renameNew(temporary, path, name);
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    throw new GanfitError("output", `${path} cannot be written: ${(cause as Error).message}.`, {
      cause,
    });
  } finally {
    // Where its folder cannot be made there is nothing to remove, which some systems call an error.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  return path;
}

/**
 * Loads a model by the name it has in the store, otherwise from a file or folder in any format that
 * {@link openModel} knows.
 *
 * @throws GanfitError `model` where there is neither, or it cannot be read
 */
export async function loadModel(
  nameOrPath: string,
  options: LoadOptions = {},
): Promise<MorphableModel> {
  if (nameOrPath === DEFAULT_MODEL) {
    return readFile(options.defaultHead ?? EMBEDDED, options);
  }
  if (isModelName(nameOrPath)) {
    const path = modelPath(nameOrPath, options);
    if (await exists(path)) return readFile(path, options);
  }
  if (await exists(nameOrPath)) return openModel(nameOrPath, options);
  const known = (await listModels(options)).map((model) => model.name).join(", ");
  throw new GanfitError(
    "model",
    `${nameOrPath} is neither a file nor a model that has been added (there are: ${known}).`,
  );
}

/**
 * Removes a model that was added.
 *
 * @throws GanfitError `usage` where there is none of that name, or it is the embedded one
 */
export async function removeModel(name: string, options: StoreOptions = {}): Promise<void> {
  checkName(name);
  const path = modelPath(name, options);
  if (!(await exists(path))) throw new GanfitError("usage", `No model named ${name} was added.`);
  await rm(path);
}

function modelsDirectory(options: StoreOptions): string {
  return join(options.home ?? dataHome(), "models");
}

function modelPath(name: string, options: StoreOptions): string {
  return join(modelsDirectory(options), `${name}${MODEL_EXTENSION}`);
}

function readFile(path: string, options: CompactReadOptions): Promise<MorphableModel> {
  return withFile(path, (source) => readCompactModel(source, options));
}

async function describe(name: string, path: string, embedded: boolean): Promise<StoredModel> {
  try {
    const summary = await withFile(path, inspectCompactModel);
    return { name, path, embedded, summary, error: null };
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    return { name, path, embedded, summary: null, error: error.message };
  }
}

function checkName(name: string): void {
  if (name === DEFAULT_MODEL) {
    throw new GanfitError("usage", `${DEFAULT_MODEL} is the head that comes with ganfit.`);
  }
  if (!isModelName(name)) {
    throw new GanfitError(
      "usage",
      `${JSON.stringify(name)} is no name for a model: use up to 64 lower-case letters, digits, dots, ` +
        `underscores and hyphens, with a letter or digit first and last.`,
    );
  }
}

function taken(name: string): GanfitError {
  return new GanfitError(
    "usage",
    `A model named ${name} is there already: choose another name, or replace it (--force on the command line).`,
  );
}

/** Gives a file its name unless something has it; a link does both in one step. */
async function renameNew(from: string, to: string, name: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || (await exists(to))) throw taken(name);
    // File systems without links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    await rename(from, to);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
