/** Which predictions of which systems are scored against which of REALY's subjects. */
import { basename, join, resolve } from "node:path";
import { GanfitError } from "@ganfit/core";
import { namesIfAny, namesIn } from "../files/folders.node.js";
import type { Plan, Problem, ScoreTask, SystemFolder } from "../score.js";
import { readMetricalScale } from "./metrical-scale.node.js";
import { type PredictionName, parsePredictionName, type RealyView } from "./prediction-names.js";
import { REALY_REGIONS } from "./realy-regions.js";
import type { RealySettings } from "./score-realy.node.js";
import { readTopology } from "./topology.node.js";

/** Its folder holds `<id>.obj`, or `<id>_<k>.obj` for photographs from the side. */
export interface RealySystem extends SystemFolder {
  /** Name of a topology in the data's folder, or a path to its `.obj` with the `.txt` beside it. */
  readonly topology?: string;
  /** File with 0 or 1 for each vertex: the part of the prediction that is compared. */
  readonly mask?: string;
}

export interface RealyPlanOptions {
  /** REALY's `data` folder. */
  readonly data: string;
  readonly systems: readonly RealySystem[];
  /** Of systems that name none. */
  readonly topology?: string;
  /** Default `frontal`. Predictions of the other view may lie in the same folder. */
  readonly view?: RealyView;
}

const KEYPOINTS = "REALY_HIFI3D_keypoints";
const SCANS = "REALY_scan_region";
const SCALES = "metrical_scale.txt";

/**
 * @returns a task for each prediction of the view, in REALY's order; a problem for each subject of the data
 *   without one, and for each prediction whose subject is incomplete
 * @throws GanfitError `data` where a folder, the scales or a topology is missing or wrong; `usage` where a
 *   system has no topology
 */
export async function planRealy({
  data,
  systems,
  topology,
  view = "frontal",
}: RealyPlanOptions): Promise<Plan<RealySettings>> {
  const truth = await readTruth(data);
  const tasks: ScoreTask<RealySettings>[] = [];
  const problems: Problem[] = [];
  for (const system of systems) {
    const shape = await checkTopology(data, system, topology);
    const { names, unclear } = await predictionsIn(system.folder, view);
    const tell = (subject: string, problem: string) =>
      problems.push({ system: system.name, subject, problem });
    for (const file of unclear) {
      tell(
        file,
        `${join(system.folder, file)} is not named after a subject (<id>.obj or <id>_<k>.obj).`,
      );
    }
    for (const name of names) {
      const lacks = whatLacks(truth, name.id);
      if (lacks !== null) tell(name.subject, lacks);
      else tasks.push(taskOf(name, system, shape, truth));
    }
    const predicted = new Set(names.map(({ id }) => id));
    for (const id of truth.ids) {
      if (predicted.has(id)) continue;
      const wanted = view === "frontal" ? `${id}.obj` : `${id}_<k>.obj`;
      tell(String(id), `${system.folder} holds no prediction ${wanted}.`);
    }
  }
  return { tasks, problems };
}

interface Truth {
  readonly data: string;
  /** Of all subjects that the data has anything of, ascending. */
  readonly ids: readonly number[];
  readonly keypoints: ReadonlySet<string>;
  /** Regions by id. */
  readonly scans: ReadonlyMap<string, ReadonlySet<string>>;
  /** Millimetres in a unit, of subjects 1, 2, ... */
  readonly scales: Float64Array;
}

async function readTruth(data: string): Promise<Truth> {
  const keypoints = (await namesIn(join(data, KEYPOINTS), "keypoints of REALY's scans")).filter(
    (name) => /^\d+\.obj$/.test(name),
  );
  const folders = (await namesIn(join(data, SCANS), "regions of REALY's scans")).filter((name) =>
    /^\d+$/.test(name),
  );
  const scans = new Map<string, Set<string>>();
  // A file of that name is no folder: its subject lacks its regions, and no other does.
  for (const folder of folders)
    scans.set(folder, new Set(await namesIfAny(join(data, SCANS, folder))));
  const ids = new Set([
    ...keypoints.map((name) => Number.parseInt(name, 10)),
    ...folders.map(Number),
  ]);
  if (ids.size === 0) throw new GanfitError("data", `${data} holds no subjects of REALY.`);
  return {
    data,
    ids: [...ids].sort((a, b) => a - b),
    keypoints: new Set(keypoints),
    scans,
    scales: await readMetricalScale(join(data, SCALES)),
  };
}

/** What the data lacks of a subject, in a sentence; null where it is complete. */
function whatLacks({ data, keypoints, scans, scales }: Truth, id: number): string | null {
  if (!keypoints.has(`${id}.obj`)) {
    return `The keypoints ${join(data, KEYPOINTS, `${id}.obj`)} are missing.`;
  }
  for (const region of REALY_REGIONS) {
    if (!scans.get(String(id))?.has(`${region}.obj`)) {
      return `The scan region ${join(data, SCANS, String(id), `${region}.obj`)} is missing.`;
    }
  }
  if (id < 1 || id > scales.length) {
    return `${join(data, SCALES)} has ${scales.length} numbers, none for subject ${id}.`;
  }
  return null;
}

/** Paths of a topology that has been found sound. */
interface Shape {
  readonly mesh: string;
  readonly rows: string;
}

async function checkTopology(data: string, system: RealySystem, common?: string): Promise<Shape> {
  const wanted = system.topology ?? common;
  if (wanted === undefined || wanted === "") {
    throw new GanfitError(
      "usage",
      `System ${system.name} has no topology: name one of the data's, such as HIFI3D, or a path.`,
    );
  }
  const bare = wanted.replace(/\.obj$/i, "");
  const stem = basename(bare) === bare ? join(data, bare) : resolve(bare);
  const shape = { mesh: `${stem}.obj`, rows: `${stem}.txt` };
  await readTopology(shape.mesh, shape.rows);
  return shape;
}

/** Predictions of the view in REALY's order, and meshes whose names say nothing. */
async function predictionsIn(
  folder: string,
  view: RealyView,
): Promise<{ names: PredictionName[]; unclear: string[] }> {
  const names: PredictionName[] = [];
  const unclear: string[] = [];
  for (const file of await namesIn(folder, "a system's predictions")) {
    if (!/\.obj$/i.test(file)) continue;
    const name = parsePredictionName(file);
    if (name === null) unclear.push(file);
    else if (name.view === view) names.push(name);
  }
  names.sort((a, b) => a.order - b.order);
  return { names, unclear };
}

function taskOf(
  { id, subject, file }: PredictionName,
  system: RealySystem,
  shape: Shape,
  { data, scales }: Truth,
): ScoreTask<RealySettings> {
  const files = [
    join(system.folder, file),
    shape.mesh,
    shape.rows,
    join(data, KEYPOINTS, `${id}.obj`),
    ...REALY_REGIONS.map((region) => join(data, SCANS, String(id), `${region}.obj`)),
  ];
  const mask = system.mask === undefined ? null : files.push(system.mask) - 1;
  return {
    protocol: "realy",
    system: system.name,
    subject,
    files,
    settings: {
      roles: {
        prediction: 0,
        topologyMesh: 1,
        topologyRows: 2,
        keypoints: 3,
        regions: { nose: 4, mouth: 5, forehead: 6, cheek: 7 },
        mask,
      },
      millimetres: scales[id - 1]!,
    },
  };
}
