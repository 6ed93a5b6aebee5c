/**
 * How well faces and landmarks are found in the portraits of ../shared:
 *
 *     npx tsx packages/core/bench/photos.ts detect|landmarks|degraded [--every N]
 *
 * One JSON line for each set of pictures. Faces per picture are known to be one, but in montages.
 */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readImage } from "../src/image/decode.node.js";
import type { Image } from "../src/image/image.js";
import { applySimilarity, composeSimilarity, invertSimilarity } from "../src/image/similarity.js";
import { warpSimilarity } from "../src/image/warp.js";
import { type Face, type FaceNetworks, findFaces } from "../src/networks/faces.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { mouthCorners, pupils } from "../src/networks/ibug68.js";
import { cropOf } from "../src/networks/region.js";
import { type Photo, type PhotoSet, photosOf, TEMPLATE_POINTS } from "../test/photos.node.js";

const SETS: readonly PhotoSet[] = [
  "london-neutral",
  "london-smiling",
  "canada",
  "composite",
  "official-portraits",
  "one-person",
];

export interface DetectionFigures {
  readonly set: string;
  readonly pictures: number;
  /** Pictures in which exactly one face was found. */
  readonly one: number;
  readonly none: readonly string[];
  readonly several: readonly string[];
  readonly leastConfidence: number;
  readonly milliseconds: number;
}

export async function detection(
  set: string,
  photos: readonly Photo[],
  networks: FaceNetworks,
): Promise<DetectionFigures> {
  const none: string[] = [];
  const several: string[] = [];
  let least = 1;
  let time = 0;
  for (const { name, path } of photos) {
    const image = await readImage(path);
    const start = performance.now();
    const faces = await findFaces(image, networks);
    time += performance.now() - start;
    if (faces.length === 0) none.push(name);
    if (faces.length > 1) several.push(name);
    least = Math.min(least, faces[0]?.confidence ?? 0);
  }
  return {
    set,
    pictures: photos.length,
    one: photos.length - none.length - several.length,
    none,
    several,
    leastConfidence: round(least, 3),
    milliseconds: Math.round(time / photos.length),
  };
}

export interface LandmarkFigures {
  readonly set: string;
  readonly pictures: number;
  /** Percent of the interocular distance: over all pictures, of all pupils and mouth corners. */
  readonly mean: number;
  readonly pupils: number;
  readonly mouthCorners: number;
  /** The pictures with the largest means. */
  readonly worst: readonly (readonly [name: string, percent: number])[];
}

/** Against the hand-placed points. */
export async function landmarkErrors(
  set: string,
  photos: readonly Photo[],
  networks: FaceNetworks,
): Promise<LandmarkFigures> {
  const errors: { name: string; eyes: number; mouth: number }[] = [];
  for (const { name, path, template } of photos) {
    if (!template) continue;
    const [face] = await findFaces(await readImage(path), networks);
    const points = keypointsOf(face);
    const { rightPupil, leftPupil, rightMouthCorner, leftMouthCorner } = TEMPLATE_POINTS;
    const truth = [rightPupil, leftPupil, rightMouthCorner, leftMouthCorner].map(
      (index) => template[index]!,
    );
    const unit = distance(truth[0]!, truth[1]!) / 100;
    const error = truth.map((point, i) => (points ? distance(point, points[i]!) / unit : Infinity));
    errors.push({ name, eyes: (error[0]! + error[1]!) / 2, mouth: (error[2]! + error[3]!) / 2 });
  }
  const mean = (value: (error: (typeof errors)[number]) => number) =>
    round(errors.reduce((sum, error) => sum + value(error), 0) / errors.length, 2);
  const both = ({ eyes, mouth }: (typeof errors)[number]) => (eyes + mouth) / 2;
  const worst = [...errors].sort((a, b) => both(b) - both(a)).slice(0, 3);
  return {
    set,
    pictures: errors.length,
    mean: mean(both),
    pupils: mean(({ eyes }) => eyes),
    mouthCorners: mean(({ mouth }) => mouth),
    worst: worst.map((error) => [error.name, round(both(error), 2)]),
  };
}

export interface DegradedFigures {
  readonly set: string;
  readonly pictures: number;
  /** Faces that were to be found, and those whose pupils and mouth corners were. */
  readonly faces: number;
  readonly found: number;
  /** Faces found where none is. */
  readonly extra: number;
  /** Mean distance from the points found in the picture as it was, percent of the interocular. */
  readonly mean: number;
  readonly missing: readonly string[];
}

/** A place for a face in a degraded picture. */
interface Placing {
  readonly photo: Photo;
  /** Width that the face shall have, pixels. */
  readonly width: number;
  /** Radians, clockwise. */
  readonly rotation: number;
  /** Where its middle shall be, pixels. */
  readonly x: number;
  readonly y: number;
}

interface Scene {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly placings: readonly Placing[];
}

/** Scenes of photos turned, shrunk and put side by side, by name of the set. */
export function scenes(photos: readonly Photo[]): Record<string, Scene[]> {
  const one = (photo: Photo, width: number, height: number, placing: Partial<Placing>): Scene => ({
    name: photo.name,
    width,
    height,
    placings: [{ photo, width: 200, rotation: 0, x: width / 2, y: height / 2, ...placing }],
  });
  const turned = Array.from({ length: 24 }, (_, i) => {
    const degrees = 15 * i;
    const photo = photos[i % photos.length]!;
    const scene = one(photo, 600, 500, { rotation: (degrees * Math.PI) / 180 });
    return { ...scene, name: `${scene.name} at ${degrees} degrees` };
  });
  const montage = (first: number): Scene => ({
    name: `montage from ${photos[first]!.name}`,
    width: 1200,
    height: 800,
    placings: Array.from({ length: 6 }, (_, i) => ({
      photo: photos[(first + i) % photos.length]!,
      width: 90 + 30 * i,
      rotation: (i - 2.5) * 0.25,
      x: 200 + 400 * (i % 3),
      y: 200 + 400 * Math.floor(i / 3),
    })),
  });
  return {
    "turned by 15 degrees each": turned,
    "40 pixels wide in 1000 x 800": photos.map((photo, i) =>
      one(photo, 1000, 800, { width: 40, x: 100 + ((i * 317) % 800), y: 100 + ((i * 211) % 600) }),
    ),
    "40 pixels wide and upside down": photos
      .slice(0, 4)
      .map((photo) => one(photo, 640, 480, { width: 40, rotation: Math.PI, x: 400, y: 150 })),
    "filling the picture": photos.map((photo) => one(photo, 320, 320, { width: 300 })),
    "an eighth cut off by the border": photos.map((photo) =>
      one(photo, 400, 400, { width: 200, x: 75 }),
    ),
    "montages of six": [montage(0), montage(5)],
  };
}

export async function degraded(
  set: string,
  list: readonly Scene[],
  networks: FaceNetworks,
): Promise<DegradedFigures> {
  let [found, extra, faces, sum] = [0, 0, 0, 0];
  const missing: string[] = [];
  for (const scene of list) {
    const { image, truths } = await rendered(scene, networks);
    const results = await findFaces(image, networks, { relativeSize: 0 });
    faces += truths.length;
    extra += Math.max(0, results.length - truths.length);
    for (const truth of truths) {
      const unit = distance(truth[0]!, truth[1]!) / 100;
      const errors = results.map((face) => {
        const points = keypointsOf(face)!;
        return truth.reduce((total, point, i) => total + distance(point, points[i]!) / unit / 4, 0);
      });
      const best = Math.min(Infinity, ...errors);
      // Nearer than a tenth of the distance between the eyes: this face and no other.
      if (best < 10) {
        found++;
        sum += best;
      } else missing.push(scene.name);
    }
  }
  const mean = round(sum / found, 2);
  return { set, pictures: list.length, faces, found, extra, mean, missing };
}

/** Where a photo's own face lies, found once. */
const known = new Map<string, Promise<{ image: Image; face: Face }>>();

async function rendered({ width, height, placings }: Scene, networks: FaceNetworks) {
  const picture: Image = { width, height, data: new Uint8Array(3 * width * height).fill(120) };
  const truths: (readonly (readonly [number, number])[])[] = [];
  for (const { photo, rotation, x, y, width: wanted } of placings) {
    if (!known.has(photo.path)) known.set(photo.path, measured(photo, networks));
    const { image, face } = await known.get(photo.path)!;
    const { box } = face;
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    // The face's surroundings come along, as far as the next face's place.
    const side = placings.length > 1 ? 390 : Math.max(width, height) * 2;
    const size = (side * box.width) / wanted;
    const patchToPhoto = cropOf({ ...middle, size, rotation: -rotation }, side);
    const patch = warpSimilarity(image, patchToPhoto, side, side, { border: [120, 120, 120] });
    const left = Math.round(x - side / 2);
    const top = Math.round(y - side / 2);
    paste(picture, patch, left, top);
    const patchToPicture = { scale: 1, rotation: 0, tx: left, ty: top };
    const toPicture = composeSimilarity(patchToPicture, invertSimilarity(patchToPhoto));
    truths.push(
      keypointsOf(face)!.map((point) => {
        const [px, py] = applySimilarity(toPicture, point);
        return [px!, py!] as const;
      }),
    );
  }
  return { image: picture, truths };
}

async function measured(photo: Photo, networks: FaceNetworks) {
  const image = await readImage(photo.path);
  const [face] = await findFaces(image, networks);
  if (!face) throw new Error(`no face in ${photo.name}`);
  return { image, face };
}

function paste(target: Image, patch: Image, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < Math.min(patch.height, target.height - top); y++) {
    const start = Math.max(0, -left);
    const end = Math.min(patch.width, target.width - left);
    const row = patch.data.subarray(3 * (y * patch.width + start), 3 * (y * patch.width + end));
    target.data.set(row, 3 * ((y + top) * target.width + left + start));
  }
}

/** Right and left pupil, right and left mouth corner. */
function keypointsOf(face: Face | undefined) {
  if (!face) return undefined;
  const eyes = pupils(face.landmarks);
  const mouth = mouthCorners(face.landmarks);
  return [eyes.right, eyes.left, mouth.right, mouth.left];
}

function distance(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { every: { type: "string", default: "1" } },
  });
  const [what] = positionals;
  const networks = await loadFaceNetworks();
  const print = (figures: unknown) => console.log(JSON.stringify(figures));
  const sampled = (set: PhotoSet) => photosOf(set).filter((_, i) => i % Number(values.every) === 0);
  const heldOut = (set: PhotoSet) => photosOf(set).filter((photo) => photo.heldOut);
  if (photosOf("london-neutral").length === 0) throw new Error("../shared/data/photos is absent");
  if (what === "detect") {
    for (const set of SETS) {
      const held = heldOut(set);
      if (held.length > 0) print(await detection(`${set}, held out`, held, networks));
      print(await detection(set, sampled(set), networks));
    }
  } else if (what === "landmarks") {
    for (const set of ["london-neutral", "canada"] as const) {
      print(await landmarkErrors(`${set}, held out`, heldOut(set), networks));
      print(await landmarkErrors(set, sampled(set), networks));
    }
  } else if (what === "degraded") {
    const photos = [...heldOut("london-neutral"), ...heldOut("canada")];
    for (const [set, list] of Object.entries(scenes(photos))) {
      print(await degraded(set, list, networks));
    }
  } else {
    throw new Error("say detect, landmarks or degraded");
  }
  await networks.dispose();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
