/** Figures of photos' heads as a report. */
import { cosineChart } from "../identity/cosine-chart.js";
import { isRecognised } from "../identity/gallery.js";
import type { BenchmarkReport, Chart, SubjectRow } from "../report/report.js";
import type { Problem } from "../score.js";
import { short } from "./head-fitter.js";
import type { Judge } from "./judge.js";
import {
  type KnownPhoto,
  type MeasuredFile,
  type PhotoResult,
  resultsIn,
} from "./photo-results.js";
import {
  otherPhotoTable,
  photoTable,
  type ResultsByTexture,
  reidentificationTable,
  shapeTable,
} from "./photo-tables.js";
import type { Measure, PhotosOptions } from "./photos-options.js";
import type { Texture } from "./textures.js";

export interface PhotosOutcome {
  readonly measured: readonly MeasuredFile[];
  /** None where nobody was asked whom heads are like. */
  readonly known: readonly KnownPhoto[];
  readonly textures: readonly Texture[];
  readonly measures: readonly Measure[];
  readonly probes: NonNullable<PhotosOptions["probes"]>;
  readonly judge: Pick<Judge, "name" | "sha256" | "fittedWith">;
  /** Sentences on how heads were fitted. */
  readonly fitter: readonly string[];
}

export function reportPhotos(outcome: PhotosOutcome): BenchmarkReport {
  const { measured, known, textures, measures } = outcome;
  const results: ResultsByTexture = new Map(
    textures.map((texture) => [texture, resultsIn(texture, measured, known)]),
  );
  const shapes = measured.flatMap(({ person, place, figures }) =>
    figures ? [{ person, place, points: figures.shape }] : [],
  );
  const tables = [
    photoTable(results),
    otherPhotoTable(results),
    reidentificationTable(results),
    measures.includes("shape") ? shapeTable(shapes) : null,
  ];
  return {
    title: "Photographs",
    protocol: protocolOf(outcome),
    tables: tables.filter((table) => table !== null),
    charts: [...results].flatMap(([texture, list]) => cosineCharts(texture, list)),
    subjects: withoutEmpty([...results].flatMap(([texture, list]) => subjectRows(texture, list))),
    problems: problemsOf(outcome, results),
  };
}

function protocolOf({ measured, textures, measures, probes, judge, fitter }: PhotosOutcome) {
  const people = new Set(measured.map(({ person }) => person));
  const asked = measures.includes("identity");
  return [
    `${measured.length} photos of ${people.size} people. Photos that share a folder of their own are one person's.`,
    ...fitter,
    `Textures: ${textures.map((texture) => MEANINGS[texture]).join("; ")}.`,
    probes === "first"
      ? "The first photo of each person is fitted and compared with the others."
      : "Every photo is fitted and compared with the person's others; its head is laid over the next one.",
    ...(asked ? [judgeSentence(judge)] : []),
  ];
}

const MEANINGS: Readonly<Record<Texture, string>> = {
  photo: "photo, the photo's own skin, completed by the generator's",
  generated: "generated, the generator's alone",
};

/** Who judges, and what that is worth. */
export function judgeSentence({
  name,
  sha256,
  fittedWith,
}: Pick<Judge, "name" | "sha256" | "fittedWith">): string {
  return fittedWith
    ? `Likeness is judged by ${name} (${short(sha256)}), THE NETWORK IT WAS FITTED WITH: heads were pulled towards its ` +
        "features, so that its figures flatter them. Give a judge that the fit never used."
    : `Likeness is judged by ${name} (${short(sha256)}), which no fit has used.`;
}

/** How the judge's cosines lie; none where nothing was compared. */
function cosineCharts(texture: Texture, results: readonly PhotoResult[]): Chart[] {
  const comparisons = results.flatMap(({ comparison }) => comparison ?? []);
  if (comparisons.length === 0) return [];
  return [
    cosineChart(
      { name: `cosines-${texture}`, title: `Heads and photos, ${texture} texture` },
      comparisons.flatMap(({ genuine }) => genuine),
      comparisons.flatMap(({ impostors }) => impostors),
    ),
  ];
}

/** Least like the photo first; before them those that the judge sees no face in. */
function subjectRows(texture: Texture, results: readonly PhotoResult[]): SubjectRow[] {
  const order = ({ likeness, figures }: PhotoResult) => [
    likeness ?? -Infinity,
    figures?.own.psnr || 0,
  ];
  return results
    .filter(({ figures }) => figures !== null)
    .sort((a, b) => {
      const [[first, second], [third, fourth]] = [order(a), order(b)] as [number[], number[]];
      return first === third ? second! - fourth! : first! - third!;
    })
    .map((result) => {
      const picture = result.file.pictures.get(texture);
      return {
        system: texture,
        subject: result.file.photo,
        figures: rowFigures(result),
        pictures: picture === undefined ? [] : [{ title: titleOf(result), file: picture }],
      };
    });
}

/** NaN where there is no figure. */
function rowFigures({ file, figures, likeness, real, comparison }: PhotoResult) {
  const { own, other } = figures!;
  return {
    likeness: likeness ?? Number.NaN,
    "likeness to other photos": comparison ? Math.max(...comparison.genuine) : Number.NaN,
    "nearest other person": comparison?.nearest ?? Number.NaN,
    "two photos": real ?? Number.NaN,
    "PSNR, dB": own.psnr,
    SSIM: own.ssim,
    covered: own.covered,
    "other PSNR, dB": other?.psnr ?? Number.NaN,
    "other SSIM": other?.ssim ?? Number.NaN,
    "landmarks, %": 100 * file.figures!.landmarkError,
    seconds: file.figures!.seconds,
  };
}

/** Without figures that no row has. */
function withoutEmpty(rows: readonly SubjectRow[]): SubjectRow[] {
  const there = new Set(
    rows.flatMap(({ figures }) =>
      Object.entries(figures).flatMap(([name, value]) => (Number.isNaN(value) ? [] : [name])),
    ),
  );
  return rows.map((row) => {
    const figures = Object.entries(row.figures).filter(([name]) => there.has(name));
    return { ...row, figures: Object.fromEntries(figures) };
  });
}

function titleOf({ file, comparison }: PhotoResult): string {
  const wrong = comparison && !isRecognised(comparison);
  return `${file.photo}${wrong ? `, taken for ${comparison.nearestPerson}` : ""}`;
}

function problemsOf({ measured, known }: PhotosOutcome, results: ResultsByTexture): Problem[] {
  const unfitted = measured.flatMap(({ photo, problem }) =>
    problem === null ? [] : [{ system: "fit", subject: photo, problem }],
  );
  const unknown = known.flatMap(({ photo, problem }) =>
    problem === null ? [] : [{ system: "judge", subject: photo, problem }],
  );
  const within = [...results].flatMap(([texture, list]) =>
    list.flatMap(({ file, figures }) =>
      (figures?.problems ?? []).map((problem) => ({
        system: texture,
        subject: file.photo,
        problem,
      })),
    ),
  );
  return [...unfitted, ...unknown, ...within];
}
