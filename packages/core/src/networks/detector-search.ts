/**
 * Finding faces of any size and in-plane angle with a detector that knows large ones that are
 * roughly upright: it looks at overlapping squares of the picture, from larger than the picture down
 * to small ones, each in four orientations.
 */
import type { Image } from "../image/image.js";
import { applySimilarity, type Similarity } from "../image/similarity.js";
import { warpSimilarity } from "../image/warp.js";
import { DETECTOR_SIDE, type Detection, type FaceDetector } from "./detector.js";
import { overlapOf, type Region } from "./region.js";

/** Sides of the outermost squares, over the longer side of the picture. */
const OUTER = [1.75, 1];
/** Neighbouring squares overlap by half, so that a face of half their size is whole in one. */
const STEP = DETECTOR_SIDE / 2;
/** Levels of no more squares than this are looked at in all orientations, whatever is found. */
const FEW_SQUARES = 15;
/** Quarter turns besides upright. */
const TURNED = [1, 2, 3];
/** The smallest face found for certain in a square, over the square's side. */
const SMALLEST_IN_SQUARE = 0.25;
/** Detections of one stage that overlap more are one face seen twice. */
const SAME_LOOK = 0.75;

/** A place worth a closer look. */
export interface Candidate {
  /** The box around eyes, nose and mouth, level with the eyes, in the picture. */
  readonly region: Region;
  /** The detector's, in [0, 1]. */
  readonly score: number;
}

export interface SearchOptions {
  /** Width in pixels of the smallest faces to look for. */
  readonly minimumSize: number;
  /** Faces smaller than this part of the largest found are not looked for; 0 looks for all. */
  readonly relativeSize: number;
  /** Least score of the detector. */
  readonly minimumScore: number;
  /** Most squares to look at. */
  readonly maximumLooks: number;
}

/**
 * Looks for faces, large ones first, until none is left that was asked for or `maximumLooks` is
 * spent. Large faces are looked for in all orientations; small ones upright (within about 60
 * degrees), and in all orientations only while there is no other face.
 *
 * @param examine is given the candidates of each stage of the search, best first, and returns the
 *   size in pixels of the largest face known so far, 0 for none.
 */
export async function searchFaces(
  detector: FaceDetector,
  image: Image,
  options: SearchOptions,
  examine: (candidates: Candidate[]) => Promise<number>,
): Promise<void> {
  const pyramid = new Pyramid(image);
  const levels = levelsOf(image, options.minimumSize);
  let looks = 0;
  const affordable = (level: Level, turns: readonly number[]) =>
    looks + turns.length * level.corners.length <= options.maximumLooks;
  const look = async (level: Level, turns: readonly number[]) => {
    looks += turns.length * level.corners.length;
    return lookAt(detector, pyramid.at(level), level, turns, options.minimumScore);
  };

  const coarse = levels.filter(({ corners }) => corners.length <= FEW_SQUARES);
  const fine = levels.slice(coarse.length);
  const large: Candidate[] = [];
  for (const level of coarse) large.push(...(await look(level, [0, ...TURNED])));
  let largest = await examine(bestOf(large));
  for (const level of fine) {
    const { side } = level;
    // The level before has found all faces of half this level's squares.
    if (side * 2 * SMALLEST_IN_SQUARE <= largest * options.relativeSize) break;
    if (!affordable(level, [0])) break;
    largest = await examine(bestOf(await look(level, [0])));
  }
  for (const level of fine) {
    if (largest > 0 || !affordable(level, TURNED)) break;
    largest = await examine(bestOf(await look(level, TURNED)));
  }
}

/** The best of those that overlap closely, best first. */
function bestOf(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const one of [...candidates].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => overlapOf(one.region, other.region) <= SAME_LOOK)) kept.push(one);
  }
  return kept;
}

/** The picture scaled so that the detector's input is as large as a square. */
interface Level {
  /** Side of the squares in the picture, pixels. */
  readonly side: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Top left corners of the squares, x and y, in pixels of the level. */
  readonly corners: readonly (readonly [number, number])[];
}

/** Largest squares first. */
function levelsOf(image: Image, minimumSize: number): Level[] {
  const longer = Math.max(image.width, image.height);
  const sides = OUTER.map((factor) => factor * longer);
  while (sides.at(-1)! * SMALLEST_IN_SQUARE > minimumSize) sides.push(sides.at(-1)! / 2);
  return sides.map((side) => {
    const width = Math.max(1, Math.round((image.width * DETECTOR_SIDE) / side));
    const height = Math.max(1, Math.round((image.height * DETECTOR_SIDE) / side));
    const xs = positions(width);
    const corners = positions(height).flatMap((y) => xs.map((x) => [x, y] as const));
    return { side, width, height, corners };
  });
}

/** Starts of squares that cover a length evenly. */
function positions(length: number): number[] {
  const spare = length - DETECTOR_SIDE;
  if (spare <= 0) return [Math.round(spare / 2)];
  const steps = Math.ceil(spare / STEP);
  return Array.from({ length: steps + 1 }, (_, i) => Math.round((i * spare) / steps));
}

/** The picture at a half, a quarter, ... of its size, so that no level is made from all its pixels. */
class Pyramid {
  private readonly halves: Image[];

  constructor(image: Image) {
    this.halves = [image];
  }

  at({ side, width, height }: Level): Image {
    const scale = side / DETECTOR_SIDE;
    const halvings = Math.max(0, Math.floor(Math.log2(scale)));
    return warpSimilarity(
      this.half(halvings),
      { scale: scale / 2 ** halvings, rotation: 0, tx: 0, ty: 0 },
      width,
      height,
      { border: "replicate" },
    );
  }

  private half(times: number): Image {
    while (this.halves.length <= times) {
      const { width, height } = this.halves.at(-1)!;
      this.halves.push(
        warpSimilarity(
          this.halves.at(-1)!,
          { scale: 2, rotation: 0, tx: 0, ty: 0 },
          // An odd size rounds up, so that pixels stay exactly twice as wide.
          Math.ceil(width / 2),
          Math.ceil(height / 2),
          { border: "replicate" },
        ),
      );
    }
    return this.halves[times]!;
  }
}

async function lookAt(
  detector: FaceDetector,
  image: Image,
  level: Level,
  turns: readonly number[],
  minimumScore: number,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const [left, top] of level.corners) {
    for (const turn of turns) {
      const input = squareOf(image, left, top, turn);
      const toImage = placeOf(level, left, top, turn);
      for (const detection of await detector.detect(input, minimumScore)) {
        candidates.push(candidateOf(detection, toImage));
      }
    }
  }
  return candidates;
}

/** The detector's input: a square, turned anticlockwise by quarters so that a face turned clockwise is upright. */
function squareOf({ width, height, data }: Image, left: number, top: number, turn: number) {
  const side = DETECTOR_SIDE;
  const plane = side * side;
  const input = new Float32Array(3 * plane).fill(-1);
  // Steps through the input for a step right and a step down in the picture.
  const [right, down, first] = [
    [1, side, 0],
    [-side, 1, plane - side],
    [-1, -side, plane - 1],
    [side, -1, side - 1],
  ][turn] as [number, number, number];
  for (let y = Math.max(0, -top); y < Math.min(side, height - top); y++) {
    const start = Math.max(0, -left);
    let from = 3 * ((y + top) * width + start + left);
    let to = first + y * down + start * right;
    for (let x = start; x < Math.min(side, width - left); x++, to += right) {
      input[to] = data[from++]! / 127.5 - 1;
      input[to + plane] = data[from++]! / 127.5 - 1;
      input[to + 2 * plane] = data[from++]! / 127.5 - 1;
    }
  }
  return input;
}

/** From the input that `squareOf` makes to the picture. */
function placeOf({ side }: Level, left: number, top: number, turn: number): Similarity {
  const scale = side / DETECTOR_SIDE;
  const [x, y] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ][turn] as [number, number];
  return {
    scale,
    rotation: (turn * Math.PI) / 2,
    tx: scale * (left + x * DETECTOR_SIDE),
    ty: scale * (top + y * DETECTOR_SIDE),
  };
}

function candidateOf({ box, keypoints, score }: Detection, toImage: Similarity): Candidate {
  const [x, y] = applySimilarity(toImage, [box.x, box.y]);
  const [rightX, rightY, leftX, leftY] = applySimilarity(toImage, keypoints);
  const rotation = Math.atan2(leftY! - rightY!, leftX! - rightX!);
  const size = toImage.scale * Math.max(box.width, box.height);
  return { region: { x: x!, y: y!, size, rotation }, score };
}
