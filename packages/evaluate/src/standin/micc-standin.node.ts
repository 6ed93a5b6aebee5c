/** A folder like MICC Florence's, of known heads. */
import { encodePng } from "@ganfit/core";
import { ljsonText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { MICC_SCANS, MICC_SETTINGS, type MiccSetting, scanFolder } from "../micc/micc-settings.js";
import { seedFor } from "../seeds.js";
import { type Cast, type Subject, sitterOf, withCast } from "./cast.node.js";
import { coarseHead, coarseTopology } from "./coarse-head.js";
import { TRUTH_FILE } from "./is-stand-in.node.js";
import type { KnownHead } from "./known-heads.js";
import { makeScan } from "./make-scan.js";
import { type PhotoStyle, photograph } from "./photograph.js";
import { makeFolder, type WriteFile } from "./standin-folder.node.js";
import { STAND_IN_DEFAULTS, type StandInOptions } from "./standin-options.js";
import { writeReconstructions } from "./system-files.node.js";
import { ANY_MOTION, STAND_IN_SYSTEMS } from "./systems.js";
import { reconstructionTruth, scanTruth, truthText } from "./truth.js";

/** Of the scans unless asked for otherwise, millimetres. */
const NOISE = 0.2;
const MOTION = { degrees: 20, shift: 60 };
const STRANDS = 120;
/** Frames of each video. */
const FRAMES = 5;

const STYLES: Readonly<Record<MiccSetting, PhotoStyle>> = {
  "Indoor-Cooperative": {
    yaw: [-35, 35],
    pitch: [-15, 15],
    roll: [-8, 8],
    distance: [800, 1500],
    scale: [1.6, 1.9],
    expressions: 1,
    contrast: [0.1, 0.3],
  },
  "PTZ-Indoor": {
    yaw: [-45, 45],
    pitch: [-20, 5],
    roll: [-10, 10],
    distance: [3000, 6000],
    scale: [0.9, 1.3],
    expressions: 2,
    contrast: [0.15, 0.35],
  },
  "PTZ-Outdoor": {
    yaw: [-45, 45],
    pitch: [-20, 5],
    roll: [-10, 10],
    distance: [5000, 9000],
    scale: [0.7, 1.1],
    expressions: 2,
    contrast: [0.3, 0.5],
  },
};

/**
 * Makes a stand-in for MICC Florence: `dataset` with raw scans, `landmarks`, `template.obj` and `landmark_ids.json`,
 * `photos`, `systems` whose errors are known, `truth.json`. The last subject has one scan, as subject 30 of the real
 * data has.
 *
 * @param folder absent or empty
 * @throws GanfitError `usage` where an option makes no sense, `output` where the folder holds something or cannot be
 *   written; the signal's reason. Then nothing is left behind.
 */
export async function makeMiccStandIn(folder: string, options: StandInOptions): Promise<void> {
  const { noise = NOISE, signal } = options;
  const subjects: unknown[] = [];
  await makeFolder(
    folder,
    async (write) => {
      await withCast(options, async (cast) => {
        const { vertices = STAND_IN_DEFAULTS.vertices } = options;
        const topology = coarseTopology(cast.skin, cast.mean, vertices);
        const template = coarseHead(cast.mean, topology);
        await writeTemplate(write, template);
        return async (subject) => {
          const name = `subject_${String(subject.number).padStart(2, "0")}`;
          const scans = subject.number === options.subjects ? 1 : MICC_SCANS.length;
          const { identity } = subject.head;
          subjects.push({
            name,
            identity: Array.from(identity),
            scans: await writeScans(write, cast, subject, { name, scans, noise }),
            reconstructions: await writeSettings(write, cast, subject, {
              name,
              heads: { head: coarseHead(subject.head, topology), mean: template },
            }),
          });
        };
      });
      await write(TRUTH_FILE, truthText("micc", options, noise, subjects));
    },
    signal,
  );
}

/** The mean head; its landmarks' vertices also beside the reconstructions, which have its topology. */
async function writeTemplate(write: WriteFile, template: KnownHead): Promise<void> {
  await write("template.obj", objText(template.mesh));
  const ids = `${JSON.stringify(landmarkVertices(template))}\n`;
  await write("landmark_ids.json", ids);
  for (const system of STAND_IN_SYSTEMS) await write(`systems/${system}/landmark_ids.json`, ids);
}

/** The vertex nearest to each landmark. */
function landmarkVertices({ mesh, landmarks }: KnownHead): number[] {
  return Array.from({ length: landmarks.length / 3 }, (_, landmark) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let vertex = 0; vertex < mesh.positions.length / 3; vertex++) {
      const apart = [0, 1, 2].map(
        (k) => mesh.positions[3 * vertex + k]! - landmarks[3 * landmark + k]!,
      );
      const distance = Math.hypot(...apart);
      if (distance < least) [best, least] = [vertex, distance];
    }
    return best;
  });
}

async function writeScans(
  write: WriteFile,
  { surface }: Cast,
  { head, seed }: Subject,
  { name, scans, noise }: { name: string; scans: number; noise: number },
) {
  const truths = [];
  for (const which of MICC_SCANS.slice(0, scans)) {
    const own = seedFor(seed, which);
    const scan = makeScan(surface, head, { seed: own, noise, motion: MOTION, strands: STRANDS });
    // The real ones are named for the time they were taken at.
    const file = `${scanFolder(name, which)}/${110_000_000_000 + own}`;
    await write(`dataset/${file}.obj`, objText(scan.mesh));
    await write(`landmarks/${file}.ljson`, ljsonText(scan.landmarks));
    truths.push({ file: `${file}.obj`, ...scanTruth(scan) });
  }
  return truths;
}

/** @param heads in the template's topology */
async function writeSettings(
  write: WriteFile,
  cast: Cast,
  subject: Subject,
  { name, heads }: { name: string; heads: { head: KnownHead; mean: KnownHead } },
) {
  const truths: Record<string, unknown> = {};
  const sitter = cast.skins && (await sitterOf(cast, cast.skins, subject));
  for (const setting of MICC_SETTINGS) {
    const seed = seedFor(subject.seed, setting);
    // The protocol takes reconstructions in their own size, for it cuts them to 95 mm.
    const motion = { ...ANY_MOTION, scale: [1, 1] as const };
    const made = await writeReconstructions(write, heads, `${name}/${setting}`, { seed, motion });
    truths[setting] = reconstructionTruth(heads.head, made);
    for (let frame = 1; sitter && frame <= FRAMES; frame++) {
      const photo = photograph(sitter, STYLES[setting], seedFor(seed, "frame", frame));
      await write(`photos/${name}/${setting}/frame_${frame}.png`, await encodePng(photo));
    }
  }
  return truths;
}
