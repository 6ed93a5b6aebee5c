/** A folder like REALY's data, of known heads. */
import { encodePng, randomUniform } from "@ganfit/core";
import { objText } from "../files/obj.js";
import { keepVertices } from "../geometry/clean-mesh.js";
import { movePoints } from "../geometry/similarity3.js";
import { type PointsOnMesh, SHOWN_PARTS } from "../heads/parts-mesh.js";
import { exportTopology } from "../realy/head-export.js";
import { REALY_REGIONS, type RealyRegion } from "../realy/realy-regions.js";
import { parseKeypointRows } from "../realy/topology.js";
import { seedFor } from "../seeds.js";
import { type Cast, type Subject, sitterOf, withCast } from "./cast.node.js";
import { TRUTH_FILE } from "./is-stand-in.node.js";
import { headOf, type KnownHead, meanHead, pointsOn, type Skin, skinOf } from "./known-heads.js";
import { makeScan, type Scan } from "./make-scan.js";
import { type PhotoStyle, photograph } from "./photograph.js";
import { scanRegions } from "./scan-regions.js";
import { spread } from "./scan-surface.js";
import { makeFolder, type WriteFile } from "./standin-folder.node.js";
import type { StandInOptions } from "./standin-options.js";
import { writeReconstructions } from "./system-files.node.js";
import { reconstructionTruth, scanTruth, truthText } from "./truth.js";

/** Of the scans unless asked for otherwise, millimetres. */
const NOISE = 0.1;
const DEGREES = 15;
/** In the scans' unit. */
const SHIFT = 3;
/** Millimetres in a unit of a subject's scan, smallest and largest, about as REALY's are. */
const UNITS = [7.3, 9.5] as const;
/** Behind the point: of units of millimetres. */
const DIGITS = 7;
/** Photographs from the side. */
const SIDES = 4;

const FRONTAL: PhotoStyle = {
  yaw: [-5, 5],
  pitch: [-5, 5],
  roll: [-4, 4],
  distance: [900, 1600],
  scale: [1.6, 1.9],
  expressions: 0,
  contrast: [0.1, 0.35],
};
const SIDE: PhotoStyle = { ...FRONTAL, pitch: [-15, 15], roll: [-8, 8] };
/** Degrees between photographs from the side and the front. */
const TURNS = [20, 50] as const;

/**
 * Makes a stand-in for REALY's data: `REALY_HIFI3D_keypoints`, `REALY_scan_region`, `metrical_scale.txt`, the topology
 * `GANFIT`, `REALY_image`, `systems` whose errors are known, `truth.json`.
 *
 * @param folder absent or empty
 * @throws GanfitError `usage` where an option makes no sense, `output` where the folder holds something or cannot be
 *   written; the signal's reason. Then nothing is left behind.
 */
export async function makeRealyStandIn(folder: string, options: StandInOptions): Promise<void> {
  const { noise = NOISE, signal } = options;
  const subjects: unknown[] = [];
  const units: number[] = [];
  await makeFolder(
    folder,
    async (write) => {
      await withCast(options, async (cast) => {
        const parts = await writeTopology(write, cast);
        return async (subject) => {
          const known = await writeSubject(write, cast, parts, subject, noise);
          units.push(known.millimetresPerUnit);
          subjects.push(known);
        };
      });
      const scales = units.map((unit) => `${unit.toExponential(18)}\n`);
      await write("metrical_scale.txt", scales.join(""));
      await write(TRUTH_FILE, truthText("realy", options, noise, subjects));
    },
    signal,
  );
}

/** What REALY's own topology and regions are for our heads. */
interface Parts {
  /** What reconstructions have: the parts of `exportTopology`. */
  readonly exported: Skin;
  readonly mean: KnownHead;
  readonly keypoints: PointsOnMesh;
  /** Of each vertex of the scans. */
  readonly regions: readonly (RealyRegion | null)[];
}

async function writeTopology(write: WriteFile, { skin, surface, mean }: Cast): Promise<Parts> {
  const topology = exportTopology(skin.model);
  await write("GANFIT.obj", topology.objText);
  await write("GANFIT.txt", topology.keypointText);
  const { triangles, weights } = parseKeypointRows(topology.keypointText, "GANFIT.txt");
  const exported = skinOf(skin.model, SHOWN_PARTS);
  return {
    exported,
    mean: meanHead(exported),
    keypoints: { triangles, barycentric: weights },
    regions: scanRegions(spread(surface, mean.mesh.positions), mean.landmarks),
  };
}

/** @returns what truth.json says of the subject */
async function writeSubject(
  write: WriteFile,
  cast: Cast,
  { exported, mean, keypoints, regions }: Parts,
  subject: Subject,
  noise: number,
) {
  const { number, seed } = subject;
  const name = String(number);
  const unit = UNITS[0] + (UNITS[1] - UNITS[0]) * randomUniform(seedFor(seed, "unit"))();
  const scan = makeScan(cast.surface, subject.head, {
    seed: seedFor(seed, "scan"),
    noise,
    motion: { degrees: DEGREES, shift: SHIFT, scale: [1 / unit, 1 / unit] },
    strands: 0,
  });
  await writeRegions(write, name, scan, regions);
  const head = headOf(exported, subject.head.identity);
  const points = movePoints(pointsOn(head.mesh, keypoints), scan.motion);
  const cloud = { positions: points, triangles: new Uint32Array(0) };
  await write(`REALY_HIFI3D_keypoints/${name}.obj`, objText(cloud, DIGITS));
  await writePhotos(write, cast, subject);
  const own = seedFor(seed, "reconstruction");
  const made = await writeReconstructions(write, { head, mean }, name, { seed: own });
  const displacement = onSkinAlone(made.displacement, exported, cast.skin);
  return {
    name,
    identity: Array.from(head.identity),
    millimetresPerUnit: unit,
    scan: scanTruth(scan),
    reconstructions: {
      ...reconstructionTruth(head, made),
      regions: regionMeans(spread(cast.surface, displacement, 1), scan, regions),
    },
  };
}

/** Numbers of a larger part's vertices, of the skin's. */
function onSkinAlone(values: Float64Array, larger: Skin, skin: Skin): Float64Array {
  const index = new Map(Array.from(larger.vertices, (vertex, i) => [vertex, i]));
  return Float64Array.from(skin.vertices, (vertex) => values[index.get(vertex)!]!);
}

async function writeRegions(
  write: WriteFile,
  id: string,
  { mesh, source }: Scan,
  regions: readonly (RealyRegion | null)[],
): Promise<void> {
  for (const region of REALY_REGIONS) {
    const part = keepVertices(mesh, (vertex) => regions[source[vertex]!] === region);
    await write(`REALY_scan_region/${id}/${region}.obj`, objText(part, DIGITS));
  }
}

/** Mean absolute displacement of each region's scan vertices, millimetres. */
function regionMeans(
  displacement: Float64Array,
  { source }: Scan,
  regions: readonly (RealyRegion | null)[],
) {
  const mean = (region: RealyRegion) => {
    const own = [...source].filter((vertex) => regions[vertex] === region);
    return own.reduce((sum, vertex) => sum + Math.abs(displacement[vertex]!), 0) / own.length;
  };
  return Object.fromEntries(REALY_REGIONS.map((region) => [region, mean(region)]));
}

async function writePhotos(write: WriteFile, cast: Cast, subject: Subject): Promise<void> {
  if (!cast.skins) return;
  const sitter = await sitterOf(cast, cast.skins, subject);
  const { number, seed } = subject;
  const front = photograph(sitter, FRONTAL, seedFor(seed, "frontal"));
  await write(`REALY_image/frontal/${number}.png`, await encodePng(front));
  for (let k = 1; k <= SIDES; k++) {
    const [least, most] = TURNS;
    const yaw = k % 2 === 1 ? ([least, most] as const) : ([-most, -least] as const);
    const photo = photograph(sitter, { ...SIDE, yaw }, seedFor(seed, "side", k));
    await write(`REALY_image/side/${number}_${k}.png`, await encodePng(photo));
  }
}
