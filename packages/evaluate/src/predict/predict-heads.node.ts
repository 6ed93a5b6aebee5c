/** A neutral head for each subject of a benchmark, fitted to its photos, to be scored by the benchmark afterwards. */
import {
  evaluateModel,
  type FitRunOptions,
  findFace,
  fitPerson,
  GanfitError,
  type LoadedFitModels,
  type PersonPhoto,
  randomUniform,
  readImageBytes,
  readVideoFrames,
} from "@ganfit/core";
import { isFile } from "../files/folders.node.js";
import { isAboutPicture } from "../photos/picture-problems.js";
import { decodePhoto } from "../photos/read-photo.node.js";
import { seedFor } from "../seeds.js";
import type { PhotoSet } from "./photo-sets.node.js";
import type { PredictionWriter } from "./prediction-writers.node.js";

export interface PredictOptions {
  readonly models: LoadedFitModels;
  /** How each fit is done. */
  readonly fit: FitRunOptions;
  /** So many photos of a subject are used, drawn by chance where there are more; MICC's protocol says 5. */
  readonly frames: number;
  /** Of that draw, which differs from subject to subject and not with the order in which they come. */
  readonly seed: number;
  /** Takes the heads; a subject whose file is there is left out. */
  readonly writer: PredictionWriter;
  /** A subject without a head, and why. */
  readonly onProblem: (subject: string, problem: string) => void;
  readonly onSubject?: (subject: string, index: number, count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @returns how many heads were written
 * @throws GanfitError `output`, `model`, `network`; the signal's reason. What is wrong with a photo is a problem
 */
export async function predictHeads(
  sets: readonly PhotoSet[],
  { writer, onProblem, onSubject, signal, ...options }: PredictOptions,
): Promise<number> {
  let written = 0;
  for (const [i, set] of sets.entries()) {
    signal?.throwIfAborted();
    if (await isFile(writer.file(set.subject))) continue;
    onSubject?.(set.subject, i, sets.length);
    try {
      await writer.write(set.subject, await predictHead(set, { ...options, signal }));
      written++;
    } catch (error) {
      if (signal?.aborted || !isAboutPicture(error)) throw error;
      onProblem(set.subject, error.message);
    }
  }
  return written;
}

async function predictHead(
  set: PhotoSet,
  {
    models,
    fit,
    frames,
    seed,
    signal,
  }: Pick<PredictOptions, "models" | "fit" | "frames" | "seed" | "signal">,
): Promise<Float32Array> {
  const photos = await choosePhotos(set, { models, frames, seed, signal });
  const { fits } = await fitPerson(photos, models, { ...fit, name: set.subject, signal });
  const { identity } = fits.find((each) => each !== null)!.head;
  const neutral = new Float32Array(models.shape.expression.names.length);
  return evaluateModel(models.shape, identity, neutral);
}

/** By chance, among those that show a face; the largest face of each. */
async function choosePhotos(
  { subject, photos, video }: PhotoSet,
  { models, frames, seed, signal }: Pick<PredictOptions, "models" | "frames" | "seed" | "signal">,
): Promise<PersonPhoto[]> {
  const sources =
    video === undefined
      ? photos.map((path) => ({ name: path, read: () => readImageBytes(path) }))
      : (await readVideoFrames(video, { signal })).map(({ seconds, bytes }) => ({
          name: `${video} at ${seconds.toFixed(2)} s`,
          read: async () => bytes,
        }));
  const chosen: PersonPhoto[] = [];
  let reason: GanfitError | null = null;
  for (const { name, read } of shuffled(sources, seedFor(seed, subject))) {
    if (chosen.length === frames) break;
    signal?.throwIfAborted();
    try {
      chosen.push(await readPhoto(await read(), name, models));
    } catch (error) {
      if (signal?.aborted || !isAboutPicture(error)) throw error;
      reason = error;
    }
  }
  if (chosen.length > 0) return chosen;
  throw reason ?? new GanfitError("image", `${subject} has no photos.`);
}

async function readPhoto(
  bytes: Uint8Array,
  name: string,
  { faces }: LoadedFitModels,
): Promise<PersonPhoto> {
  const photo = await decodePhoto({ name, bytes });
  return { ...photo, found: await findFace(photo.image, faces, { index: 0, name }) };
}

/** Fisher and Yates. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const next = randomUniform(seed);
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
