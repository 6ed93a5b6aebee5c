/** What of MICC Florence is to be scored. */
import { join } from "node:path";
import { GanfitError } from "@ganfit/core";
import { firstFile, needFolder } from "../files/folders.node.js";
import { LANDMARK_ENDINGS } from "../files/parse-landmarks.js";
import { MESH_ENDINGS } from "../files/parse-mesh.js";
import { pointAt } from "../geometry/points.js";
import type { Plan, Problem, ScoreTask, SystemFolder } from "../score.js";
import { DEEP3D_DEFAULTS } from "./deep3d-distance.js";
import type { LandmarkedMesh } from "./landmarked-mesh.js";
import { findScans, type MiccScanFile } from "./micc-files.node.js";
import {
  ganfitRadius,
  MICC_SETTINGS,
  type MiccProtocol,
  type MiccSetting,
  type MiccSettings,
  type MiccUnits,
  scanFolder,
} from "./micc-settings.js";
import { readTemplate } from "./read-micc.node.js";

export interface MiccPlanOptions {
  readonly protocol: MiccProtocol;
  /** Folder with `subject_NN/Model/frontalK/obj/<stem>.ljson`; scans without landmarks do not count. */
  readonly landmarks: string;
  /** Folder with the raw scans; `deep3d` needs it. */
  readonly data?: string | undefined;
  /** Folder with the scans in the template's topology; `ganfit` needs it. */
  readonly registered?: string | undefined;
  readonly template: string;
  /** The template's vertices that are the 68 landmarks: `.pkl`, `.json` or `.txt`. */
  readonly templateIds: string;
  /** Folders with `subject_NN/<setting>.obj`, `.ply`, `.stl` or `.glb`. */
  readonly systems: readonly SystemFolder[];
  /** Default 1 each. */
  readonly millimetresPerUnit?: Partial<MiccUnits> | undefined;
  /** Only for `deep3d`: millimetres above the brows from which on the scan is cut; by default it is not. */
  readonly forehead?: number | undefined;
}

const IDS = ["landmark_ids.pkl", "landmark_ids.json", "landmark_ids.txt"];

/**
 * Every system, subject and setting. A subject needs its reconstruction, and a mesh for each of its scans that has
 * landmarks; what lacks one is a problem.
 *
 * @throws GanfitError `usage` where an option is missing or out of range, `data` where a folder is absent
 */
export async function planMicc(options: MiccPlanOptions): Promise<Plan<MiccSettings>> {
  const meshes = checkOptions(options);
  await needFolder(meshes, options.protocol === "ganfit" ? "the registered scans" : "the scans");
  const unit = options.millimetresPerUnit?.template ?? 1;
  const template = await readTemplate(options.template, options.templateIds, unit);
  if (options.protocol === "ganfit") checkTemplateSize(template, options.template);
  const subjects = new Map<string, ScanMesh[]>();
  for (const scan of await findScans(options.landmarks)) {
    const own = subjects.get(scan.subject) ?? [];
    const place = join(meshes, scanFolder(scan.subject, scan.scan));
    own.push({ ...scan, mesh: await firstFile([join(place, `${scan.stem}.obj`)]) });
    subjects.set(scan.subject, own);
  }
  const found = await Promise.all(
    options.systems.map(async (system) => {
      await needFolder(system.folder, "a system's reconstructions");
      return planSystem(system, subjects, options);
    }),
  );
  return {
    tasks: found.flatMap(({ tasks }) => tasks),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** Millimetres between the outer corners of the eyes, of any head; most have 80 to 100. */
const EYES = { least: 40, most: 250 };

/** The radius around the nose tip and the iterations' tolerance are millimetres. */
function checkTemplateSize({ landmarks }: LandmarkedMesh, path: string): void {
  const [right, left] = [pointAt(landmarks, 36), pointAt(landmarks, 45)];
  const width = Math.hypot(...right.map((value, k) => value - left[k]!));
  if (width >= EYES.least && width <= EYES.most) return;
  throw new GanfitError(
    "usage",
    `The outer corners of the eyes are ${width.toPrecision(2)} mm apart on ${path}: give the millimetres in a unit of the template, of which the authors' has 100.`,
  );
}

interface ScanMesh extends MiccScanFile {
  /** Null where there is none. */
  readonly mesh: string | null;
}

interface CompleteScan extends ScanMesh {
  readonly mesh: string;
}

function areComplete(scans: readonly ScanMesh[]): scans is readonly CompleteScan[] {
  return scans.every(({ mesh }) => mesh !== null);
}

/** @returns the folder of the meshes that are compared with */
function checkOptions({ protocol, data, registered, forehead, ...rest }: MiccPlanOptions): string {
  for (const [what, value] of Object.entries(rest.millimetresPerUnit ?? {})) {
    if (!(value > 0) || value === Number.POSITIVE_INFINITY) {
      throw new GanfitError("usage", `The ${what}' millimetres per unit must be above 0.`);
    }
  }
  if (forehead !== undefined && (protocol !== "deep3d" || !Number.isFinite(forehead))) {
    throw new GanfitError(
      "usage",
      "The forehead's cut is a number of millimetres and belongs to the protocol deep3d.",
    );
  }
  if (protocol === "ganfit") {
    if (registered !== undefined) return registered;
    throw new GanfitError("usage", "The protocol ganfit needs the folder of registered scans.");
  }
  if (data !== undefined) return data;
  throw new GanfitError("usage", "The protocol deep3d needs the folder of the raw scans.");
}

async function planSystem(
  { name: system, folder }: MiccPlanOptions["systems"][number],
  subjects: ReadonlyMap<string, readonly ScanMesh[]>,
  options: MiccPlanOptions,
): Promise<Plan<MiccSettings>> {
  const tasks: ScoreTask<MiccSettings>[] = [];
  const problems: Problem[] = [];
  const ids = await firstFile(IDS.map((name) => join(folder, name)));
  for (const setting of MICC_SETTINGS) {
    for (const [subject, scans] of subjects) {
      const place = join(folder, subject);
      const reconstruction = await firstWithEnding(join(place, setting), MESH_ENDINGS);
      const landmarks = await firstWithEnding(join(place, setting), LANDMARK_ENDINGS);
      const task = { system, subject: `${subject}/${setting}` };
      if (reconstruction === null) {
        const problem = `${place} has no reconstruction ${setting} with one of the endings ${MESH_ENDINGS.join(", ")}.`;
        problems.push({ ...task, problem });
      } else if (scans.some((scan) => scan.problem !== null)) {
        problems.push({ ...task, problem: scans.find((scan) => scan.problem !== null)!.problem! });
      } else if (!areComplete(scans)) {
        const { scan } = scans.find(({ mesh }) => mesh === null)!;
        const problem = `${subject}/${scan} has landmarks, but no ${
          options.protocol === "ganfit" ? "registered mesh: register the scans" : "scan"
        }.`;
        problems.push({ ...task, problem });
      } else {
        const marks = marksOf(landmarks, ids);
        const found = { reconstruction, marks, scans };
        tasks.push({ ...task, ...taskOf(subject, setting, found, options) });
      }
    }
  }
  return { tasks, problems };
}

interface Marks {
  readonly kind: "landmarks" | "ids";
  readonly path: string;
}

/** A mesh's own landmarks before the ids of the whole system. */
function marksOf(landmarks: string | null, ids: string | null): Marks | null {
  if (landmarks !== null) return { kind: "landmarks", path: landmarks };
  return ids === null ? null : { kind: "ids", path: ids };
}

function taskOf(
  subject: string,
  setting: MiccSetting,
  found: {
    readonly reconstruction: string;
    readonly marks: Marks | null;
    readonly scans: readonly CompleteScan[];
  },
  options: MiccPlanOptions,
): Pick<ScoreTask<MiccSettings>, "protocol" | "files" | "settings"> {
  const files: string[] = [];
  const place = (path: string) => files.push(path) - 1;
  const { protocol, forehead, millimetresPerUnit } = options;
  return {
    protocol: "micc",
    files,
    settings: {
      protocol,
      setting,
      radius: protocol === "ganfit" ? ganfitRadius(subject) : DEEP3D_DEFAULTS.radius,
      forehead: forehead ?? null,
      millimetresPerUnit: { template: 1, systems: 1, scans: 1, ...millimetresPerUnit },
      reconstruction: place(found.reconstruction),
      template: place(options.template),
      templateIds: place(options.templateIds),
      marks: found.marks ? { kind: found.marks.kind, file: place(found.marks.path) } : null,
      scans: found.scans.map(({ scan, mesh, landmarks }) => ({
        name: scan,
        mesh: place(mesh),
        landmarks: place(landmarks),
      })),
    },
  };
}

function firstWithEnding(stem: string, endings: readonly string[]): Promise<string | null> {
  return firstFile(endings.map((ending) => stem + ending));
}
