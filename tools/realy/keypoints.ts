/**
 * Finds where REALY's 17 keypoints beyond iBUG's 68 lie in the common texture layout:
 *
 *     npx tsx tools/realy/keypoints.ts [PICTURE.png]
 *
 * REALY publishes its 85 keypoints on meshes of other head models (../shared/data/realy). Each of these meshes is
 * registered to the default head, its keypoints are carried over, and the mean of the places becomes the table
 * packages/evaluate/src/realy/extra-keypoints.ts. Deep3D's mesh is a part of BFM09's and adds nothing.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadModel, type MorphableModel, writeImage } from "../../packages/core/src/index.node.js";
import { readMesh } from "../../packages/evaluate/src/files/read-mesh.node.js";
import { KEYPOINT_COUNT } from "../../packages/evaluate/src/realy/realy-regions.js";
import { keypointsOf } from "../../packages/evaluate/src/realy/topology.js";
import { readTopology } from "../../packages/evaluate/src/realy/topology.node.js";
import { type DefaultSkin, defaultSkin, uvAt } from "./default-skin.js";
import { type KeypointPicture, keypointSheet } from "./keypoint-sheet.js";
import { registerMesh } from "./register-mesh.js";

const DATA = fileURLToPath(new URL("../../../shared/data/realy/", import.meta.url));
const OUTPUT = fileURLToPath(
  new URL("../../packages/evaluate/src/realy/extra-keypoints.ts", import.meta.url),
);
const TOPOLOGIES = ["BFM09", "FLAME", "HIFI3D"] as const;
const FIRST = 68;

/** Left and right partners among the extra points, all symmetric but the one under the lip. */
const MIRROR = [69, 68, 71, 70, 73, 72, 75, 74, 77, 76, 80, 79, 78, 82, 81, 84, 83] as const;

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2]);

async function main(picture: string | undefined): Promise<void> {
  const model = await loadModel("default");
  const skin = defaultSkin(model);
  const pictures: KeypointPicture[] = [];
  const placed: Float64Array[] = [];
  for (const name of TOPOLOGIES) {
    const mesh = await readMesh(`${DATA}${name}.obj`);
    const topology = await readTopology(`${DATA}${name}.obj`, `${DATA}${name}.txt`);
    const keypoints = keypointsOf(topology, mesh.positions);
    const { aligned, carry } = registerMesh(mesh, keypoints, skin);
    placed.push(carry(keypoints.subarray(3 * FIRST)));
    pictures.push({ title: name, ...aligned });
  }
  const places = symmetric(meanPlaces(placed, skin));
  await writeFile(OUTPUT, tableText(places, disagreements(placed, skin, places)));
  if (picture)
    await writeImage(picture, keypointSheet([...pictures, ownHead(model, skin, places)]));
}

/** Mean over topologies on the head, then in the texture; `17 x 2`. */
function meanPlaces(placed: readonly Float64Array[], skin: DefaultSkin): number[][] {
  return Array.from({ length: KEYPOINT_COUNT - FIRST }, (_, i) => {
    const mean = [0, 1, 2].map(
      (k) => placed.reduce((sum, points) => sum + points[3 * i + k]!, 0) / placed.length,
    ) as [number, number, number];
    return uvAt(skin, skin.surface.closest(...mean)!);
  });
}

/** The layout is symmetric about u = 1/2. */
function symmetric(places: readonly number[][]): number[][] {
  return places.map(([u, v], i) => {
    const [mirrorU, mirrorV] = places[MIRROR[i]! - FIRST]!;
    return [(u! + 1 - mirrorU!) / 2, (v! + mirrorV!) / 2];
  });
}

/** Prints how far each topology's point lies from the table's on the default head; all of them, in millimetres. */
function disagreements(
  placed: readonly Float64Array[],
  skin: DefaultSkin,
  places: number[][],
): number[] {
  return places.flatMap(([u, v], i) => {
    const [x, y, z] = skin.pointAt(u!, v!);
    const off = placed.map((points) =>
      Math.hypot(points[3 * i]! - x, points[3 * i + 1]! - y, points[3 * i + 2]! - z),
    );
    const texts = TOPOLOGIES.map((name, t) => `${name} ${off[t]!.toFixed(1)}`).join(", ");
    console.log(
      `${FIRST + i}: u ${u!.toFixed(4)} v ${v!.toFixed(4)}; mm from the table's place: ${texts}`,
    );
    return off;
  });
}

function ownHead(
  model: MorphableModel,
  skin: DefaultSkin,
  places: readonly number[][],
): KeypointPicture {
  return {
    title: "default head",
    positions: model.mean,
    triangles: skin.triangles,
    keypoints: Float64Array.from([
      ...skin.ibug68,
      ...places.flatMap(([u, v]) => [...skin.pointAt(u!, v!)]),
    ]),
  };
}

function tableText(places: readonly number[][], off: readonly number[]): string {
  const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
  const rows = places.map(
    ([u, v], i) => `  [${Number(u!.toFixed(4))}, ${Number(v!.toFixed(4))}], // ${FIRST + i}\n`,
  );
  return (
    "// Made by `npx tsx tools/realy/keypoints.ts`; do not edit.\n\n" +
    "/**\n * Places (u, v) in the common texture layout of REALY's keypoints 68 to 84: the mean over the published\n" +
    ` * ${TOPOLOGIES.join(", ")}, whose points lie ${mean.toFixed(1)} mm from it on the default head, ` +
    `${Math.max(...off).toFixed(1)} mm at most.\n */\n` +
    "export const EXTRA_KEYPOINTS: readonly (readonly [u: number, v: number])[] = [\n" +
    `${rows.join("")}];\n`
  );
}
