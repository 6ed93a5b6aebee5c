import { join } from "node:path";
import {
  encodePng,
  type FitReport,
  type FitResult,
  fitPerson,
  fitReport,
  type LoadedFitModels,
  type NetworkOptions,
  type Outlier,
  sha256,
  writeFolder,
} from "@ganfit/core";
import type { versions } from "../version.node.js";
import { numbered } from "./folders.js";
import type { FitCommandOptions } from "./options.js";
import { type FittedPhoto, makeFiles } from "./outputs.node.js";
import { focalLengthOf, type PhotoInput } from "./photo-input.node.js";
import type { FitReporter } from "./progress.node.js";
import { makeNormals, makeSkin, NORMALS_FILE, TEXTURE_FILE } from "./skin.node.js";

/** What is the same for every photo of a command. */
export interface FitSession {
  readonly models: LoadedFitModels;
  readonly network: NetworkOptions;
  readonly options: FitCommandOptions;
  readonly versions: Awaited<ReturnType<typeof versions>>;
  readonly reporter: FitReporter;
  readonly signal: AbortSignal;
}

/** What was given besides the photos that a head is fitted to. */
export interface PersonContext {
  /** What progress is told of. */
  readonly name: string;
  /** Photos that were left out before. */
  readonly problems: NonNullable<FitReport["person"]>["photos"];
  /** The video that the photos are frames of: these are written beside the results. */
  readonly video?: { readonly name: string };
}

export interface FittedHead {
  /** Of the first photo that was fitted. */
  readonly report: FitReport;
  /** What was written. */
  readonly paths: string[];
  /** Photos of somebody else, by index. */
  readonly outliers: readonly Outlier[];
}

export const OTHER_PERSON = "other-person";

/**
 * Fits one head to photos and writes its files into a folder.
 *
 * @param person where they are photos of one person, null for a single photo
 */
export async function fitHead(
  photos: readonly PhotoInput[],
  folder: string,
  session: FitSession,
  person: PersonContext | null,
): Promise<FittedHead> {
  const { models, network, options, reporter, signal } = session;
  const name = person?.name ?? photos[0]!.name;
  const focal = await Promise.all(photos.map((photo) => focalLengthOf(photo, options.focalLength)));
  signal.throwIfAborted();
  const { steps, seed, lighting, quality, face } = options;
  const given = Object.fromEntries(
    Object.entries({ steps, seed, lighting, quality }).filter(([, value]) => value !== undefined),
  );
  const fitOptions = { ...network, ...given };
  const { fits, outliers } = await fitPerson(
    photos.map(({ image, path, found }, i) => ({
      image,
      found,
      name: path,
      face,
      focalLength: focal[i]!.pixels,
    })),
    models,
    { ...fitOptions, signal, onProgress: (progress) => reporter.fit(name, progress) },
  );
  reporter.stage(`${name}: writing`);
  const kept = photos.flatMap((photo, i) => {
    const result = fits[i];
    return result ? [{ photo, result, focal: focal[i]! }] : [];
  });
  const skin = await makeSkin(kept, models.generator, options);
  const normals = options.detail ? await makeNormals(kept[0]!.result.head, skin) : null;
  const texture = await encodePng(skin);
  const relief = normals && (await encodePng(normals));
  const record = person && recordOf(photos, fits, outliers, person);
  const fitted: FittedPhoto[] = [];
  for (const { photo, result, focal } of kept) {
    const { bytes, image, scale } = photo;
    const { width, height } = image;
    const head = { ...result.head, skin, ...(normals && { normals }) };
    const report = fitReport(result, {
      photo: { name: photo.name, width, height, scale, sha256: await sha256(bytes) },
      options: { ...fitOptions, face, focalLength: focal.pixels },
      focalLengthFrom: focal.from,
      texture: {
        source: options.texture,
        detail: options.detail ?? false,
        size: skin.width,
        file: TEXTURE_FILE,
        sha256: await sha256(texture),
      },
      ...(relief && { normals: { file: NORMALS_FILE, sha256: await sha256(relief) } }),
      ...(record && { person: record }),
      models,
      hashes: models.hashes,
      versions: session.versions,
    });
    fitted.push({ photo, result: { ...result, head }, report });
  }
  const files = await makeFiles(
    fitted,
    { texture, normals: relief, frames: person?.video !== undefined },
    options,
    signal,
  );
  await writeFolder(folder, files, signal);
  const paths = [...files.keys()].map((file) => join(folder, file));
  return { report: fitted[0]!.report, paths, outliers };
}

/** What became of each photo, as fit.json has it. */
function recordOf(
  photos: readonly PhotoInput[],
  fits: readonly (FitResult | null)[],
  outliers: readonly Outlier[],
  { problems, video }: PersonContext,
): NonNullable<FitReport["person"]> {
  let next = 0;
  const told = photos.map(({ name, seconds }, i) => {
    const outlier = outliers.find(({ photo }) => photo === i);
    return {
      name,
      report: fits[i] ? numbered("fit.json", next++) : null,
      ...(outlier && {
        problem: {
          code: OTHER_PERSON,
          message: otherPerson(outlier),
          similarity: Number(outlier.similarity.toPrecision(4)),
        },
      }),
      ...(seconds === undefined ? {} : { seconds: Number(seconds.toFixed(3)) }),
    };
  });
  return { photos: [...told, ...problems], ...(video && { video }) };
}

/** What is wrong with a photo of somebody else. */
export function otherPerson({ similarity }: Outlier): string {
  return `it shows somebody else than the other photos (cosine of the features ${similarity.toFixed(2)}) and is left out`;
}
