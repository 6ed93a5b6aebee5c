import { stat } from "node:fs/promises";
import { GanfitError } from "../../errors.js";
import { type CompactReadOptions, isCompactModel, readCompactModel } from "../compact/compact.js";
import { withFile } from "../compact/compact-file.node.js";
import type { MorphableModel } from "../morphable-model.js";
import { checkModel } from "../validate-model.js";
import { looksLikeBfmHdf5, readBfmHdf5 } from "./bfm-hdf5.js";
import { looksLikeBfm2009, readBfm2009 } from "./bfm2009.js";
import { looksLikeFlameNpz, readFlameNpz } from "./flame-npz.js";
import { looksLikeFlamePickle, readFlamePickle } from "./flame-pickle.js";
import { findIctFaceKit, openIctFaceKit } from "./ict-facekit.node.js";
import { looksLikeLsfm, readLsfm } from "./lsfm.js";
import { isEosModel, readEosModel } from "./surrey.js";
import { isEosFolder, openEosFolder, readWhole } from "./surrey.node.js";

/** A format of one file that is read whole. */
interface FileFormat {
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly read: (bytes: Uint8Array) => MorphableModel | Promise<MorphableModel>;
}

/** In the order in which they are tried; each tells its files by their content. */
const FORMATS: readonly FileFormat[] = [
  { matches: looksLikeBfm2009, read: (bytes) => readBfm2009(bytes) },
  { matches: looksLikeLsfm, read: (bytes) => readLsfm(bytes) },
  { matches: looksLikeBfmHdf5, read: (bytes) => readBfmHdf5(bytes) },
  { matches: looksLikeFlameNpz, read: (bytes) => readFlameNpz(bytes) },
  { matches: looksLikeFlamePickle, read: (bytes) => readFlamePickle(bytes) },
  { matches: (bytes) => isEosModel(bytes, bytes.length), read: (bytes) => readEosModel(bytes) },
];

/** What {@link openModel} understands, for messages and help. */
export const KNOWN_FORMATS =
  "ganfit's compact models, the folder of ICT-FaceKit, Basel Face Models (2009 .mat, 2017 and 2019 .h5), " +
  "FLAME (.npz, .pkl), LSFM (.mat), and eos models such as the Surrey Face Model (.bin, or the folder " +
  "with its other files)";

/** Bytes that every known format has at least. */
const HEAD_BYTES = 64;

/**
 * Reads a shape model from a file or folder in any known format, told by content, not by name.
 *
 * @param options for compact models, which alone can be read in part
 * @throws GanfitError `model` where nothing is there, the format is unknown or the file is damaged;
 *   `usage` where a part of a model of another format is wanted
 */
export async function openModel(
  path: string,
  options: CompactReadOptions = {},
): Promise<MorphableModel> {
  try {
    return await openAny(path, options);
  } catch (error) {
    // The readers of single files do not know what their file is called.
    if (!(error instanceof GanfitError) || error.code !== "model") throw error;
    if (error.message.includes(path)) throw error;
    throw new GanfitError("model", `${path}: ${error.message}`, { cause: error });
  }
}

async function openAny(path: string, options: CompactReadOptions): Promise<MorphableModel> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "does not exist" : `cannot be read: ${cause.message}`;
    throw new GanfitError("model", `${path} ${reason}.`, { cause });
  });
  if (stats.isDirectory()) return openFolder(path, options);
  const compact = await withFile(path, async (source) => {
    const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
    return isCompactModel(head) ? readCompactModel(source, options) : null;
  });
  if (compact) return compact;
  const bytes = await readWhole(path);
  const format = FORMATS.find(({ matches }) => matches(bytes));
  if (!format) {
    throw new GanfitError(
      "model",
      `${path} is in no known format for shape models. Understood are ${KNOWN_FORMATS}.`,
    );
  }
  return whole(await format.read(bytes), path, options);
}

async function openFolder(path: string, options: CompactReadOptions): Promise<MorphableModel> {
  if ((await findIctFaceKit(path)) !== null) {
    return whole(await openIctFaceKit(path), path, options);
  }
  if (await isEosFolder(path)) return whole(await openEosFolder(path), path, options);
  throw new GanfitError(
    "model",
    `The folder ${path} holds no shape model of several files; name the model's file if it is one. ` +
      `Understood are ${KNOWN_FORMATS}.`,
  );
}

function whole(model: MorphableModel, path: string, options: CompactReadOptions): MorphableModel {
  if (options.identityModes !== undefined) {
    throw new GanfitError(
      "usage",
      `${path} is no compact model, and only those can be read with fewer identity modes: add it first.`,
    );
  }
  checkModel(model);
  return model;
}
