/** Verification on Labeled Faces in the Wild as a report. */
import { similarityOf } from "@ganfit/core";
import { cosineChart } from "../identity/cosine-chart.js";
import { rocCurve, thinnedCurve } from "../identity/roc.js";
import type { Judge } from "../photos/judge.js";
import { PictureNames } from "../photos/picture-names.js";
import { judgeSentence } from "../photos/report-photos.js";
import type { Texture } from "../photos/textures.js";
import type { BenchmarkReport, Chart, SubjectRow, Table } from "../report/report.js";
import { PICTURES } from "../report/report-folders.js";
import { figureCell } from "../report/table-cells.js";
import type { Problem } from "../score.js";
import { mean, median, populationDeviation } from "../statistics/statistics.js";
import { LFW_PICTURES, type LfwFeatures, type LfwPicture } from "./lfw-features.js";
import {
  FALSE_ACCEPT_RATE,
  meanCosine,
  type PairScore,
  scorePairs,
  type Verification,
  verify,
  wrongBy,
} from "./lfw-scores.js";
import { type LfwPair, photoName } from "./pairs.js";

export interface LfwOutcome {
  readonly system: string;
  /** Those that are compared: both photos are there. */
  readonly pairs: readonly LfwPair[];
  /** By the photo's name. */
  readonly features: ReadonlyMap<string, LfwFeatures>;
  readonly problems: readonly Problem[];
  readonly texture: Texture;
  readonly judge: Pick<Judge, "name" | "sha256" | "fittedWith">;
  /** Sentences on how heads were fitted. */
  readonly fitter: readonly string[];
  /** Which pairs of the list are compared, in a sentence. */
  readonly choice: string;
  /** Of how many pairs there are pictures, the worst. */
  readonly pictures: number;
}

const NAMES: Readonly<Record<LfwPicture, string>> = {
  photo: "photo - photo",
  frontal: "head from the front - photo",
  own: "head on its photo - photo",
};

export function reportLfw(outcome: LfwOutcome): BenchmarkReport {
  const { pairs, features } = outcome;
  const scores = new Map(
    LFW_PICTURES.map((picture) => [picture, scorePairs(picture, pairs, features)] as const),
  );
  const verified = new Map([...scores].map(([picture, list]) => [picture, verify(list)] as const));
  return {
    title: "Identity on LFW",
    protocol: protocolOf(outcome),
    tables: [verificationTable(verified), ownPhotoTable(outcome)],
    charts: [
      ...[...verified].map(([picture, { same, different }]) =>
        cosineChart({ name: `cosines-${picture}`, title: NAMES[picture] }, same, different),
      ),
      rocChart(verified),
    ],
    subjects: withPictures(
      subjectRows(outcome.system, scores, verified.get("frontal")!.thresholds),
      outcome,
    ),
    problems: outcome.problems,
  };
}

function protocolOf({ judge, fitter, texture, choice, features }: LfwOutcome): string[] {
  const seconds = [...features.values()].flatMap((each) => each.seconds ?? []);
  return [
    "Labeled Faces in the Wild (Huang et al. 2007), unrestricted pairs: of every photo the face nearest to its middle is " +
      "meant.",
    choice,
    ...fitter,
    texture === "photo"
      ? "Heads wear the photo's own skin, completed by the generator's: on its own photo such a head is nearly the photo " +
        "itself, so that the last comparison says little."
      : "Heads wear the generator's texture alone.",
    judgeSentence(judge),
    "Photo - photo is what the judge can do at best. Head from the front: without expression, in a fixed soft light, before " +
      "white. Head on its photo: under the photo's camera and light, in place of the face where nothing is in front of it. " +
      "The face is looked for anew in every picture.",
    "Of every pair both are compared, the first photo's head with the second photo and the second's with the first, as two " +
      "comparisons. Where a picture has no face that could be judged, or the photo none that could be fitted, the pair is " +
      "refused: less alike than any other.",
    seconds.length > 0
      ? `${seconds.length} heads were fitted, in ${median(seconds).toFixed(1)} seconds each (median).`
      : "No head could be fitted.",
  ];
}

function verificationTable(verified: ReadonlyMap<LfwPicture, Verification>): Table {
  const folds = [...verified.values()][0]!.thresholds.size;
  return {
    title: "Verification",
    columns: [
      { name: "comparison", better: "neither" },
      { name: "same", digits: 0, better: "neither" },
      { name: "different", digits: 0, better: "neither" },
      { name: "refused, same", digits: 0, better: "less" },
      { name: "refused, different", digits: 0, better: "neither" },
      { name: "AUC", digits: 4, better: "more" },
      { name: `TAR at FAR ${FALSE_ACCEPT_RATE}`, digits: 4, better: "more" },
      { name: `accuracy, ${folds} folds`, digits: 4, better: "more" },
      { name: "standard error", digits: 4, better: "neither" },
      { name: "cosine, same", digits: 3, better: "more" },
      { name: "cosine, different", digits: 3, better: "less" },
    ],
    rows: [...verified].map(([picture, { same, different, refused, ...figures }]) => [
      NAMES[picture],
      same.length,
      different.length,
      refused.same,
      refused.different,
      figureCell(figures.auc),
      figureCell(figures.trueAccept.rate),
      figureCell(figures.accuracy?.accuracy ?? Number.NaN),
      figureCell(figures.accuracy?.standardError ?? Number.NaN),
      figureCell(meanCosine(same)),
      figureCell(meanCosine(different)),
    ]),
    note:
      "AUC: ties count half. TAR: pairs are accepted that are more alike than the most alike pair of two people that must " +
      `be refused, so that at most floor(${FALSE_ACCEPT_RATE} n) of n are accepted wrongly; nothing is interpolated. ` +
      "Accuracy: for every fold with the threshold that is best on all others; mean and standard error of the mean. One " +
      "fold has none. Mean cosines are those of comparisons that were not refused.",
  };
}

/** Heads and the very photos that they were fitted to. */
function ownPhotoTable({ features }: LfwOutcome): Table {
  const rows = (["frontal", "own"] as const).map((picture) => {
    const cosines = [...features.values()].flatMap((each) => {
      const head = each[picture];
      return head && each.photo ? [similarityOf(head, each.photo)] : [];
    });
    const [middle, deviation] = [mean(cosines), populationDeviation(cosines)];
    const name = NAMES[picture].replace(/ - photo$/, "");
    return [name, cosines.length, figureCell(middle), figureCell(deviation)];
  });
  return {
    title: "Head and the photo that it was fitted to",
    columns: [
      { name: "head", better: "neither" },
      { name: "photos", digits: 0, better: "neither" },
      { name: "cosine, mean", digits: 3, better: "more" },
      { name: "deviation", digits: 3, better: "neither" },
    ],
    rows,
  };
}

function rocChart(verified: ReadonlyMap<LfwPicture, Verification>): Chart {
  return {
    name: "roc",
    title: "Receiver operating characteristic",
    x: "false accepts",
    y: "true accepts",
    kind: "line",
    series: [...verified].map(([picture, { same, different }]) => ({
      name: NAMES[picture],
      ...thinnedCurve(rocCurve(same, different)),
    })),
  };
}

interface PairRow extends SubjectRow {
  readonly pair: LfwPair;
}

/** Worst first: those that the heads from the front tell most wrongly. */
function subjectRows(
  system: string,
  scores: ReadonlyMap<LfwPicture, readonly PairScore[]>,
  thresholds: ReadonlyMap<number, number>,
): PairRow[] {
  const [photos, frontal, own] = LFW_PICTURES.map((picture) => scores.get(picture)!);
  return frontal!
    .map((score, i) => {
      const figures = {
        "wrong by": wrongBy(score, thresholds.get(score.pair.fold)!),
        "same person": score.pair.same ? 1 : 0,
        "photo - photo": cosineOrNone(photos![i]!.similarities[0]!),
        "front 1 - photo 2": cosineOrNone(score.similarities[0]!),
        "front 2 - photo 1": cosineOrNone(score.similarities[1]!),
        "own 1 - photo 2": cosineOrNone(own![i]!.similarities[0]!),
        "own 2 - photo 1": cosineOrNone(own![i]!.similarities[1]!),
      };
      return {
        system,
        subject: subjectOf(score.pair),
        pair: score.pair,
        figures,
        pictures: [],
      };
    })
    .sort((a, b) => b.figures["wrong by"]! - a.figures["wrong by"]!);
}

/** NaN where the comparison was refused. */
function cosineOrNone(similarity: number): number {
  return Number.isFinite(similarity) ? similarity : Number.NaN;
}

/** The first rows with the pictures of both photos, whose titles are the photos' names. */
function withPictures(rows: readonly PairRow[], { pictures }: LfwOutcome): SubjectRow[] {
  const names = new PictureNames();
  const files = new Map<string, string>();
  return rows.map(({ pair, ...row }, i) => {
    if (i >= pictures) return row;
    const photos = [pair.first, pair.second].map((photo) => {
      const title = photoName(photo);
      const file = files.get(title) ?? `${PICTURES}/${names.fileFor(title)}`;
      files.set(title, file);
      return { title, file };
    });
    return { ...row, pictures: photos };
  });
}

/** Unique in the list but for pairs that it names twice. */
function subjectOf({ fold, place, same, first, second }: LfwPair): string {
  const kind = same ? "same" : "different";
  return `${fold + 1}/${kind}/${place + 1} ${photoName(first)} ${photoName(second)}`;
}
