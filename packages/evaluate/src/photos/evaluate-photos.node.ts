/** How good heads are on any photos: how alike photo and head are, and whether others know the person. */
import { join } from "node:path";
import { requireFolder } from "@ganfit/core";
import { z } from "zod";
import type { BenchmarkReport } from "../report/report.js";
import { PICTURES, WORK } from "../report/report-folders.js";
import type { Judge } from "./judge.js";
import { KeptWork } from "./kept-work.node.js";
import { measurePhoto } from "./measure-photo.js";
import type { Person, PersonPhotoFile } from "./people.js";
import { peopleIn } from "./people.node.js";
import { photoFeatures } from "./photo-features.node.js";
import { FIGURES_SCHEMA, keptFigures, type PhotoFigures } from "./photo-figures.js";
import type { KnownPhoto, MeasuredFile } from "./photo-results.js";
import type { PhotoTools } from "./photo-tools.js";
import { MEASURES, type Measure, type PhotosOptions } from "./photos-options.js";
import { PictureNames } from "./picture-names.js";
import { isAboutPicture } from "./picture-problems.js";
import { decodePhoto, type PhotoBytes, readPhotoBytes } from "./read-photo.node.js";
import { reportPhotos } from "./report-photos.js";
import type { Texture } from "./textures.js";
import { writePicture } from "./write-picture.node.js";

/** A photo that is to be fitted. */
interface Job {
  readonly person: string;
  readonly place: number;
  readonly file: PersonPhotoFile;
  readonly other: PersonPhotoFile | null;
  /** Whether all is measured, or only the shape. */
  readonly probe: boolean;
}

/**
 * Fits a head to each photo, measures it, and writes a strip of pictures of each into `<out>/pictures`. What was
 * measured is kept in `<out>/work`: a run that was interrupted goes on where it was.
 *
 * @throws GanfitError `data` where there are no photos, `output`, `model`, `network`; the signal's reason. A photo
 *   that cannot be read, or has no face, is a problem in the report
 */
export async function evaluatePhotos(
  options: PhotosOptions,
  tools: PhotoTools,
): Promise<BenchmarkReport> {
  const {
    photos,
    out,
    textures = ["photo"],
    measures = MEASURES,
    probes = "all",
    pictureSize = 256,
  } = options;
  const { fitter, judge } = tools;
  await requireFolder(out);
  const everybody = typeof photos === "string" ? await peopleIn(photos, out) : photos;
  const people = everybody.slice(0, options.limit);
  const jobs = people.flatMap((person) => jobsOf(person, probes, new Set(measures)));
  const work = new KeptWork(join(out, WORK));
  const run: Run = { ...tools, out, work, textures, pictureSize, names: new PictureNames() };
  const identity = measures.includes("identity");
  const measured: MeasuredFile[] = [];
  for (const [i, job] of jobs.entries()) {
    tools.signal?.throwIfAborted();
    const result = await measureJob(job, identity ? judge : null, run);
    measured.push(result);
    const { kept, problem } = result;
    const told = problem === null ? {} : { problem };
    tools.onProgress?.({ done: i + 1, total: jobs.length, name: job.file.name, kept, ...told });
  }
  const known: KnownPhoto[] = [];
  const strangers = identity ? (options.bystanders ?? []) : [];
  for (const { name, photos: files } of identity ? [...people, ...strangers] : []) {
    for (const [place, file] of files.entries()) {
      tools.signal?.throwIfAborted();
      // A person's only photo is known in any case; so are all where each is fitted and compared with the others.
      const compared = probes === "all" || place > 0 || files.length === 1;
      const features = await photoFeatures(file, run);
      const about = { person: name, photo: file.name, compared };
      known.push(
        typeof features === "string"
          ? { ...about, features: null, problem: features }
          : { ...about, features, problem: null },
      );
    }
  }
  return reportPhotos({
    measured,
    known,
    textures,
    measures,
    probes,
    judge,
    fitter: fitter.description,
  });
}

function jobsOf(
  { name, photos }: Person,
  probes: "all" | "first",
  measures: ReadonlySet<Measure>,
): Job[] {
  return photos.flatMap((file, place) => {
    const probe = probes === "all" || place === 0;
    // Shapes are compared two by two: further photos add nothing to the first's.
    const wanted = probe || (measures.has("shape") && place === 1);
    const next = photos[(place + 1) % photos.length]!;
    const other = probe && measures.has("other") && next !== file ? next : null;
    return wanted ? [{ person: name, place, file, other, probe }] : [];
  });
}

interface Run extends PhotoTools {
  readonly out: string;
  readonly work: KeptWork;
  readonly textures: readonly Texture[];
  readonly pictureSize: number;
  readonly names: PictureNames;
}

const FAILURE = z.object({ problem: z.string() });

/** Measures a photo, or finds what was kept of it; and writes its pictures. */
async function measureJob(job: Job, judge: Judge | null, run: Run): Promise<MeasuredFile> {
  const { work, fitter, pictureSize, signal } = run;
  const textures = job.probe ? run.textures : [];
  const { person, place, file, probe } = job;
  const about = { person, place, photo: file.name, probe };
  const failed = (problem: string, kept: boolean): MeasuredFile => ({
    ...about,
    kept,
    problem,
    figures: null,
    pictures: new Map(),
  });
  let photo: PhotoBytes;
  let other: PhotoBytes | null;
  try {
    photo = await readPhotoBytes(file.path, file.name);
    other = job.other && (await readPhotoBytes(job.other.path, job.other.name));
  } catch (error) {
    if (!isAboutPicture(error)) throw error;
    return failed(error.message, false);
  }
  const key = await work.key({
    what: "photo",
    photo: photo.sha256,
    other: other?.sha256 ?? null,
    fitter: fitter.key,
    judge: (probe && judge?.sha256) || null,
    textures,
    pictureSize,
  });
  let outcome: PhotoFigures | z.infer<typeof FAILURE> | null =
    (await work.read(key, FIGURES_SCHEMA, textures)) ?? (await work.read(key, FAILURE));
  const kept = outcome !== null;
  if (!outcome) {
    try {
      const otherPhoto = other && (() => decodePhoto(other));
      const measuring = { fitter, judge: probe ? judge : null, textures, pictureSize, signal };
      const { figures, strips } = await measurePhoto(
        await decodePhoto(photo),
        otherPhoto,
        measuring,
      );
      await work.keep(key, keptFigures(figures), strips);
      outcome = figures;
    } catch (error) {
      if (signal?.aborted || !isAboutPicture(error)) throw error;
      outcome = { problem: error.message };
      await work.keep(key, outcome, new Map());
    }
  }
  if ("problem" in outcome) return failed(outcome.problem, kept);
  const pictures = await writeStrips(file.name, outcome, key, run);
  return { ...about, kept, problem: null, figures: outcome, pictures };
}

/** @returns paths relative to the report's folder, by texture */
async function writeStrips(
  photo: string,
  { textures }: PhotoFigures,
  key: string,
  { out, work, names }: Run,
): Promise<ReadonlyMap<Texture, string>> {
  const files = new Map<Texture, string>();
  for (const { texture } of textures) {
    const suffix = textures.length > 1 ? ` ${texture}` : "";
    const file = `${PICTURES}/${names.fileFor(`${photo.replace(/\.[^./]*$/, "")}${suffix}`)}`;
    await writePicture(out, file, await work.picture(key, texture));
    files.set(texture, file);
  }
  return files;
}
