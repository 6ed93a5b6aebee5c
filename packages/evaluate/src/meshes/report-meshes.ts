/** Systems side by side on the same meshes. */
import { bySystem, figureOf, pooledOf, subjectRows, systemTable } from "../report/compare.js";
import type { BenchmarkReport, Chart, Table } from "../report/report.js";
import type { KeptScore, Problem } from "../score.js";
import { cumulativeShares, evenSteps } from "../statistics/distribution.js";
import { mean, percentile } from "../statistics/statistics.js";
import type { MeshAlignment } from "./meshes-settings.js";

export interface MeshesReportOptions {
  readonly align?: MeshAlignment;
  readonly radius?: number;
  readonly millimetresPerUnit?: number;
}

/** Systems are compared on the subjects that all of them have; one that has none at all is left out of this. */
export function reportMeshes(
  scores: readonly KeptScore[],
  problems: readonly Problem[],
  options: MeshesReportOptions,
): BenchmarkReport {
  const systems = bySystem(scores);
  const common = commonSubjects(systems);
  const paired = scores.filter(({ subject }) => common.has(subject));
  const subjects = new Set([...scores, ...problems].map(({ subject }) => subject)).size;
  const several = systems.size > 1;
  const note = several
    ? `Means over the ${common.size} of ${subjects} subjects that all systems have.`
    : `Means over ${common.size} of ${subjects} subjects.`;
  const own = [...systems.values()].some((each) => each.length > common.size);
  return {
    title: "Meshes",
    protocol: protocolOf(options),
    tables: [
      distanceTable("Distances", paired, several ? bestCounts(paired) : null, note),
      ...(own ? [distanceTable("On all its subjects", scores, null, OWN_NOTE)] : []),
    ],
    charts: paired.length > 0 ? [curve(paired)] : [],
    subjects: subjectRows(scores, "mean"),
    problems,
  };
}

const OWN_NOTE =
  "Each system on all subjects that it has: not the same ones, so not to be compared.";

function commonSubjects(systems: ReadonlyMap<string, readonly KeptScore[]>): Set<string> {
  const sets = [...systems.values()].map((own) => new Set(own.map(({ subject }) => subject)));
  const [first = new Set<string>()] = sets;
  return new Set([...first].filter((subject) => sets.every((set) => set.has(subject))));
}

/** On how many subjects each system has the smallest mean distance, ties counting for all. */
function bestCounts(scores: readonly KeptScore[]): ReadonlyMap<string, number> {
  const least = new Map<string, number>();
  for (const { subject, figures } of scores) {
    least.set(subject, Math.min(figures.mean!, least.get(subject) ?? Number.POSITIVE_INFINITY));
  }
  const counts = new Map<string, number>();
  for (const { system, subject, figures } of scores) {
    const best = figures.mean === least.get(subject);
    counts.set(system, (counts.get(system) ?? 0) + Number(best));
  }
  return counts;
}

const FIGURES = [
  ["truth to mesh: mean (mm)", "mean"],
  ["median (mm)", "median"],
  ["root mean square (mm)", "rms"],
  ["95th percentile (mm)", "p95"],
  ["largest (mm)", "max"],
  ["mesh to truth: mean (mm)", "meshToTruth"],
] as const;

function distanceTable(
  title: string,
  scores: readonly KeptScore[],
  best: ReadonlyMap<string, number> | null,
  note: string,
): Table {
  return systemTable(scores, {
    title,
    columns: [
      ...FIGURES.map(([name, figure]) => ({
        name,
        digits: 3,
        figure: (own: readonly KeptScore[]) => mean(figureOf(own, figure)),
      })),
      {
        name: "subjects",
        digits: 0,
        better: "neither" as const,
        figure: (own: readonly KeptScore[]) => own.length,
      },
      ...(best === null
        ? []
        : [
            {
              name: "best on",
              digits: 0,
              better: "more" as const,
              figure: (own: readonly KeptScore[]) => best.get(own[0]!.system) ?? 0,
            },
          ]),
    ],
    note,
  });
}

/** To where the worst system has 99 of 100 points. */
function curve(scores: readonly KeptScore[]): Chart {
  const pooled = [...bySystem(scores)].map(([name, own]) => ({ name, distances: pooledOf(own) }));
  const end = Math.max(...pooled.map(({ distances }) => percentile(distances, 99)));
  const x = evenSteps(0, end > 1 ? Math.ceil(end) : end || 1, 100);
  return {
    name: "meshes-cumulative",
    title: "Cumulative distance, truth to mesh",
    x: "distance (mm)",
    y: "points (%)",
    kind: "line",
    series: pooled.map(({ name, distances }) => ({
      name,
      x,
      y: cumulativeShares(distances, x).map((share) => 100 * share),
    })),
  };
}

const MOTIONS: Readonly<Record<MeshAlignment, string>> = {
  similarity: "turned, moved and scaled",
  rigid: "turned and moved",
  none: "not moved at all",
};

function protocolOf({
  align = "similarity",
  radius,
  millimetresPerUnit = 1,
}: MeshesReportOptions): string[] {
  const fit =
    align === "none"
      ? `Reconstructions are ${MOTIONS.none}.`
      : `Reconstructions are ${MOTIONS[align]}: by their landmarks first, then to the minimum of the summed squared distances of the truth's vertices to their surface.`;
  const where =
    radius === undefined
      ? "All vertices are measured."
      : `Vertices within ${radius} mm of the truth's nose tip are measured.`;
  return [
    `Distances from vertices to the closest point of the other surface, in millimetres; a unit of the files is ${millimetresPerUnit} mm.`,
    fit,
    where,
    "A subject's distances are averaged over its vertices, figures of a system over its subjects; the curve pools all vertices.",
  ];
}
