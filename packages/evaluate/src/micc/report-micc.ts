/** MICC Florence: systems by settings. */
import { figureOf, type SystemColumn, subjectRows, systemTable } from "../report/compare.js";
import type { BenchmarkReport } from "../report/report.js";
import type { KeptScore, Problem } from "../score.js";
import { mean, populationDeviation } from "../statistics/statistics.js";
import { DEEP3D_DEFAULTS } from "./deep3d-distance.js";
import { MICC_DEFAULTS } from "./micc-distance.js";
import { LANDMARK_START, MICC_SETTINGS, type MiccProtocol } from "./micc-settings.js";
import { PUBLISHED_MICC } from "./published-micc.js";

export interface MiccReportOptions {
  readonly protocol: MiccProtocol;
  /** Only of `deep3d`: millimetres above the brows from which on the scan was cut. */
  readonly forehead?: number | undefined;
}

export function reportMicc(
  scores: readonly KeptScore[],
  problems: readonly Problem[],
  { protocol, forehead }: MiccReportOptions,
): BenchmarkReport {
  const table = systemTable(scores, {
    title: protocol === "ganfit" ? "Point-to-surface distance, mm" : "Point-to-plane RMSE, mm",
    columns: MICC_SETTINGS.flatMap(columnsOf),
    note: "Mean and population standard deviation over the subjects that could be scored; their number is beside them.",
  });
  return {
    title: `MICC Florence, protocol ${protocol}`,
    protocol: protocol === "ganfit" ? ganfitSentences(scores) : deep3dSentences(forehead),
    tables: protocol === "ganfit" ? [table, PUBLISHED_MICC] : [table],
    charts: [],
    subjects: subjectRows(scores, "score"),
    problems,
  };
}

function columnsOf(setting: string): SystemColumn[] {
  const scoresOf = (scores: readonly KeptScore[]) =>
    figureOf(
      scores.filter(({ subject }) => subject.endsWith(`/${setting}`)),
      "score",
    );
  return [
    { name: `${setting} mean`, digits: 3, figure: (scores) => mean(scoresOf(scores)) },
    {
      name: `${setting} sd`,
      digits: 3,
      better: "neither",
      figure: (scores) => populationDeviation(scoresOf(scores)),
    },
    {
      name: `${setting} subjects`,
      digits: 0,
      better: "neither",
      figure: (scores) => scoresOf(scores).length,
    },
  ];
}

function ganfitSentences(scores: readonly KeptScore[]): string[] {
  const byLandmarks = [
    ...new Set(scores.filter(({ figures }) => LANDMARK_START in figures).map((s) => s.system)),
  ];
  const start = byLandmarks.length
    ? [
        `Unlike in the published protocol, ${byLandmarks.join(", ")} ${byLandmarks.length === 1 ? "was" : "were"} first laid on the scan by 68 landmarks and the points closest after that, since the topology is not the template's.`,
      ]
    : [];
  return [
    "As GANFIT's authors publish it (barisgecer/GANFit, micc_registration.py and micc_evaluation.py): the scan in the template's topology, by menpo3d's non-rigid ICP, against the reconstruction.",
    `One direction: vertices within ${MICC_DEFAULTS.radius} mm of the nose tip (subject 28: 60 mm) go to the other mesh by a similarity with menpo's scale, the ratio of the norms; pairs are first the vertices of equal index, then the closest surface points, until the mean distance falls by no more than ${MICC_DEFAULTS.tolerance} mm.`,
    "The last mean distance counts, and the score is the mean of both directions; of the two frontal scans the nearer counts.",
    ...start,
  ];
}

function deep3dSentences(forehead: number | undefined): string[] {
  return [
    'After Deng et al. 2019, "Accurate 3D Face Reconstruction with Weakly-Supervised Learning", and microsoft/Deep3DFaceReconstruction, issue 23; their program is not public.',
    `The raw scan is cut to ${DEEP3D_DEFAULTS.radius} mm around its nose tip; ${
      forehead === undefined
        ? "the forehead is kept, as the authors' cut of it is not published."
        : `what is more than ${forehead} mm above the brows is cut, a height of our choice, as the authors' is not published.`
    }`,
    `The reconstruction goes to the scan by ICP with a scale of its own, from 68 landmarks; pairs are the scan's vertices and the closest points of the reconstruction, similarities least-squares, until the root mean square distance falls by no more than ${DEEP3D_DEFAULTS.tolerance} mm (our choices).`,
    "The error is the root mean square over the scan's vertices of the distance along the normal of the closest triangle.",
    "Of the two frontal scans the nearer counts, as in GANFIT's protocol; the paper does not say which were used.",
  ];
}
