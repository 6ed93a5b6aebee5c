// How adults' faces vary, learnt from photographs: `tsx tools/head/statistics.ts [PHOTOS]` measures the
// portraits in ../shared/data/photos (never those held out) and writes tools/head/statistics.json, from
// which build.ts makes the model's mean and modes without any photograph.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CholeskyDecomposition, Matrix, solve } from "ml-matrix";
import { writeWhole } from "../../packages/core/src/image/encode.node.js";
import { MEDIAPIPE_MIRROR } from "../../packages/core/src/models/landmarks/embed-mirror.js";
import type { SurfacePoints } from "../../packages/core/src/models/morphable-model.js";
import { surfacePositions } from "../../packages/core/src/models/surface-points.js";
import { type BaseHead, buildBaseHead } from "./base-head.js";
import { baseHeadModel } from "./base-head-model.js";
import { type LatentGaussian, learnGaussian, learnGroupScales, posteriorOf } from "./em.js";
import { faceWeights } from "./face-weights.js";
import { headLandmarks } from "./landmarks.js";
import { combine, surfaceModes } from "./pca.js";
import { measurePhotos, type PhotoLandmarks } from "./photo-landmarks.js";
import { fitPose, jacobianOfPose, type Pose, projectPoints } from "./pose.js";
import {
  NOSTRIL_DEPTH,
  NOSTRIL_WIDTH,
  type PriorDirection,
  priorDirections,
  SIZE_DIRECTION,
} from "./prior.js";
import { formatStatistics, STATISTICS_FILE, type Statistics } from "./statistics-file.js";

/** MediaPipe's irises follow the gaze, so only the points of the face count. */
const POINTS = 468;

/**
 * Standard deviations of the network's points from one person to the next, millimetres: of each by itself,
 * and of an error that neighbours share (they slide together), with the distance over which it fades.
 * Together 1.3 mm; the network differs from hand-placed points by 1.6 mm (2.6 % of 63 mm), part of which
 * is the same on everybody and taken care of by `commonError`.
 */
const NOISE = { own: 1, shared: 0.8, reach: 20 } as const;

/** How far a landmark may lie on all people from where it was found on the base head, millimetres. */
const EMBEDDING_ERROR = 2;

/** Camera to face in a studio, millimetres: what a photograph does not tell. */
const DISTANCE = 1500;

/** The prior covariance counts for as many people as this. */
const PRIOR_PEOPLE = 30;

/**
 * The least scale of a group of the prior. Frontal landmarks ask for less than this in the plane of the
 * picture, where the people's own scatter overrules the prior; but depth and relief between landmarks,
 * which they do not see, would become as flat. Chosen so that the nose's protrusion varies by 1.7 mm and
 * other measures (measures.ts) as among people.
 */
const LEAST_SCALE = { symmetry: 0.55, asymmetry: 0.3 } as const;

/** The population's mean may lie this many of the prior's standard deviations from the artists'. */
const MEAN_FREEDOM = 0.5;

export interface LearntHead {
  readonly estimate: LatentGaussian;
  readonly directions: readonly PriorDirection[];
  /** Root mean square of what the model leaves of the landmarks, millimetres. */
  readonly residual: number;
  /** Scale of each group of directions that the photographs asked for. */
  readonly scales: ReadonlyMap<string, number>;
}

export function learnStatistics(
  head: BaseHead,
  landmarks: SurfacePoints,
  photos: readonly PhotoLandmarks[],
): LearntHead {
  const all = priorDirections(head);
  const directions = all.filter(({ seen }) => seen);
  const points: SurfacePoints = {
    triangles: landmarks.triangles.subarray(0, POINTS),
    barycentric: landmarks.barycentric.subarray(0, 3 * POINTS),
  };
  const on = (field: Float32Array) => surfacePositions(field, head.triangles, points);
  const meanPoints = on(head.mean);
  const movedPoints = directions.map(({ displacement }) => on(displacement));
  const deviations = Float64Array.from(directions, ({ deviation }) => deviation);
  const names = [...new Set(directions.map(({ group }) => group))];
  const groups = directions.map(({ group }) => names.indexOf(group));
  const blocks = directions.map(({ antisymmetric }) => (antisymmetric ? 1 : 0));
  const meanDeviation = deviations.map((deviation, k) =>
    directions[k]!.antisymmetric ? 0 : MEAN_FREEDOM * deviation,
  );

  let estimate: LatentGaussian = {
    mean: new Float64Array(directions.length),
    covariance: Matrix.diag(Array.from(deviations, (deviation) => deviation ** 2)),
  };
  let means = Matrix.zeros(photos.length, directions.length);
  let bias: Float64Array = new Float64Array(2 * POINTS);
  let scales: Float64Array = new Float64Array(names.length).fill(1);
  let residual = 0;
  const whiten = whitening(meanPoints);
  for (let round = 0; round < ROUNDS; round++) {
    // Observations around the base head's landmarks, in millimetres of the picture's plane, with poses
    // linearised at each person's present estimate.
    const design = Matrix.zeros(2 * POINTS, directions.length);
    movedPoints.forEach((moved, k) => {
      for (let l = 0; l < POINTS; l++) {
        design.set(2 * l, k, moved[3 * l]!);
        design.set(2 * l + 1, k, moved[3 * l + 1]!);
      }
    });
    const observations = Matrix.zeros(photos.length, 2 * POINTS);
    let square = 0;
    photos.forEach(({ points: measured }, i) => {
      const shape = landmarkShape(meanPoints, movedPoints, means.getRow(i));
      const biased = withBias(shape, bias);
      const pose = fitPose(biased, measured, DISTANCE);
      const seen = projectPoints(biased, pose);
      for (let l = 0; l < POINTS; l++) {
        const left = toModel(
          pose,
          measured[3 * l]! - seen[2 * l]!,
          measured[3 * l + 1]! - seen[2 * l + 1]!,
        );
        square += left[0] ** 2 + left[1] ** 2;
        for (let k = 0; k < 2; k++) {
          observations.set(i, 2 * l + k, shape[3 * l + k]! - meanPoints[3 * l + k]! + left[k]!);
        }
      }
    });
    residual = Math.sqrt(square / (2 * POINTS * photos.length));
    const poseMotions = jacobianOfPose(meanPoints, DISTANCE);
    const project = withoutPose(whiten(poseMotions));
    const whiteDesign = project(whiten(design));
    const offset = Matrix.rowVector(bias);
    const unbiased = observations.clone().subRowVector(offset.to1DArray());
    const white = project(whiten(unbiased.transpose())).transpose();
    if (round < ROUNDS - 1) {
      scales = learnGroupScales(white, whiteDesign, deviations, groups, meanDeviation, 15);
    }
    const scaled = deviations.map((deviation, k) => {
      const least = directions[k]!.antisymmetric ? LEAST_SCALE.asymmetry : LEAST_SCALE.symmetry;
      return deviation * Math.max(scales[groups[k]!]!, least);
    });
    const prior = {
      covariance: Matrix.diag(Array.from(scaled, (deviation) => deviation ** 2)),
      people: PRIOR_PEOPLE,
      meanDeviation,
      blocks,
    };
    estimate = learnGaussian(white, whiteDesign, prior, { iterations: 15 });
    const posterior = posteriorOf(white, whiteDesign, estimate);
    means = posterior.means;
    bias = commonError(observations, design, means, bias.length);
  }
  return {
    estimate: withPrior(estimate, all, directions, unseenMeans(head, directions, estimate)),
    directions: all,
    residual,
    scales: new Map(names.map((name, g) => [name, scales[g]!])),
  };
}

const ROUNDS = 4;

/**
 * Between the pupils of adults (Dodgson, Variation and extrema of human interpupillary distance, 2004), and
 * so between the middles of their eyeballs when they look far away.
 */
const PUPILS = 63.4;

/** Millimetres by which nostrils are deeper and wider than the base mesh's dents. */
const NOSTRILS = { depth: 8, width: 4 } as const;

/** Means of what photographs do not tell: size from the distance between the eyes. */
function unseenMeans(
  head: BaseHead,
  directions: readonly PriorDirection[],
  { mean }: LatentGaussian,
): ReadonlyMap<string, number> {
  const shift = combine(
    directions.map(({ displacement }) => displacement),
    mean,
  );
  // The heads are symmetric, so either eye will do.
  const eye = head.parts.find(({ kind }) => kind === "eyes")!;
  const vertices = new Set(head.triangles.subarray(3 * eye.start, 3 * (eye.start + eye.count)));
  let middle = 0;
  for (const v of vertices) middle += (head.mean[3 * v]! + shift[3 * v]!) / vertices.size;
  const distance = 2 * Math.abs(middle);
  return new Map([
    [SIZE_DIRECTION, PUPILS / distance - 1],
    [NOSTRIL_DEPTH, NOSTRILS.depth],
    [NOSTRIL_WIDTH, NOSTRILS.width],
  ]);
}

/** The estimate on `all` directions: those that were not learnt keep their prior, uncorrelated. */
function withPrior(
  { mean, covariance }: LatentGaussian,
  all: readonly PriorDirection[],
  learnt: readonly PriorDirection[],
  unseen: ReadonlyMap<string, number>,
): LatentGaussian {
  const place = all.map((direction) => learnt.indexOf(direction));
  const whole = Matrix.zeros(all.length, all.length);
  all.forEach(({ deviation }, a) => {
    if (place[a]! < 0) whole.set(a, a, deviation ** 2);
    else {
      place.forEach((b, column) => {
        if (b >= 0) whole.set(a, column, covariance.get(place[a]!, b));
      });
    }
  });
  return {
    mean: Float64Array.from(place, (k, a) => (k < 0 ? (unseen.get(all[a]!.name) ?? 0) : mean[k]!)),
    covariance: whole,
  };
}

function landmarkShape(
  mean: Float32Array,
  moved: readonly Float32Array[],
  coefficients: readonly number[],
): Float64Array {
  const shape = Float64Array.from(mean);
  coefficients.forEach((c, k) => {
    for (let i = 0; i < shape.length; i++) shape[i]! += c * moved[k]![i]!;
  });
  return shape;
}

function withBias(shape: Float64Array, bias: Float64Array): Float64Array {
  return shape.map((value, i) =>
    i % 3 < 2 ? value + bias[Math.floor(i / 3) * 2 + (i % 3)]! : value,
  );
}

/** A small difference in the picture as one in the model's frame, millimetres. */
function toModel({ scale, roll }: Pose, dx: number, dy: number): [number, number] {
  const [x, y] = [dx / scale, -dy / scale];
  return [Math.cos(roll) * x + Math.sin(roll) * y, -Math.sin(roll) * x + Math.cos(roll) * y];
}

/**
 * What all people's landmarks have in common that the model does not explain, drawn to 0 as an error of
 * the embedding; mirror images share it.
 */
function commonError(
  observations: Matrix,
  design: Matrix,
  means: Matrix,
  length: number,
): Float64Array {
  const left = Matrix.sub(observations, means.mmul(design.transpose()));
  const average = left.mean("column");
  const people = observations.rows;
  const shrink =
    EMBEDDING_ERROR ** 2 / (EMBEDDING_ERROR ** 2 + (NOISE.own ** 2 + NOISE.shared ** 2) / people);
  const out = new Float64Array(length);
  for (let l = 0; l < POINTS; l++) {
    const mirror = MEDIAPIPE_MIRROR[l]!;
    out[2 * l] = (shrink * (average[2 * l]! - average[2 * mirror]!)) / 2;
    out[2 * l + 1] = (shrink * (average[2 * l + 1]! + average[2 * mirror + 1]!)) / 2;
  }
  return out;
}

/** Multiplies `2 POINTS x n` by the inverse of the Cholesky factor of the noise's covariance. */
function whitening(points: Float32Array): (matrix: Matrix) => Matrix {
  const covariance = Matrix.zeros(POINTS, POINTS);
  for (let a = 0; a < POINTS; a++) {
    for (let b = 0; b < POINTS; b++) {
      const square = [0, 1, 2].reduce(
        (sum, k) => sum + (points[3 * a + k]! - points[3 * b + k]!) ** 2,
        0,
      );
      const shared = NOISE.shared ** 2 * Math.exp(-square / (2 * NOISE.reach ** 2));
      covariance.set(a, b, shared + (a === b ? NOISE.own ** 2 : 0));
    }
  }
  const lower = new CholeskyDecomposition(covariance).lowerTriangularMatrix;
  return (matrix) => {
    const out = matrix.clone();
    // Forward substitution for x and y by themselves: their errors are independent.
    for (let axis = 0; axis < 2; axis++) {
      for (let i = 0; i < POINTS; i++) {
        const row = out.getRow(2 * i + axis);
        for (let j = 0; j < i; j++) {
          const factor = lower.get(i, j);
          if (Math.abs(factor) < 1e-9) continue;
          for (let c = 0; c < row.length; c++) row[c]! -= factor * out.get(2 * j + axis, c);
        }
        const diagonal = lower.get(i, i);
        out.setRow(
          2 * i + axis,
          row.map((value) => value / diagonal),
        );
      }
    }
    return out;
  };
}

/** Takes out of `M x n` what a change of pose would explain: the likelihood with a flat prior on pose. */
function withoutPose(motions: Matrix): (matrix: Matrix) => Matrix {
  const gram = motions.transpose().mmul(motions);
  return (matrix) =>
    Matrix.sub(matrix, motions.mmul(solve(gram, motions.transpose().mmul(matrix))));
}

/** Modes and mean of what was learnt, as written to statistics.json. */
export function summarise(
  head: BaseHead,
  landmarks: SurfacePoints,
  learnt: LearntHead,
  people: number,
): Statistics {
  const { estimate, directions } = learnt;
  const weights = faceWeights(head, landmarks);
  const named = (antisymmetric: boolean) => {
    const chosen = [...directions.keys()].filter(
      (k) => directions[k]!.antisymmetric === antisymmetric,
    );
    const { deviations, coefficients } = surfaceModes(
      chosen.map((k) => directions[k]!.displacement),
      estimate.covariance.selection(chosen, chosen),
      weights,
    );
    return {
      directions: chosen.map((k) => directions[k]!.name),
      modes: [...deviations].map((deviation, m) => ({
        deviation,
        name: `${antisymmetric ? "asymmetry" : "shape"}-${String(m + 1).padStart(3, "0")}`,
        antisymmetric,
        coefficients: coefficients.getRow(m).map(rounded),
      })),
    };
  };
  const symmetric = named(false);
  const antisymmetric = named(true);
  const modes = [...symmetric.modes, ...antisymmetric.modes]
    .sort((x, y) => y.deviation - x.deviation)
    .slice(0, STORED_MODES);
  return {
    people,
    symmetric: symmetric.directions,
    antisymmetric: antisymmetric.directions,
    mean: symmetric.directions.map((name) =>
      rounded(estimate.mean[directions.findIndex((d) => d.name === name)]!),
    ),
    modes: modes.map(({ deviation, ...mode }) => ({ ...mode, deviation: rounded(deviation) })),
  };
}

/** A few more than the model holds. */
const STORED_MODES = 140;

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

async function main(): Promise<void> {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const folder = process.argv[2] ?? join(root, "../shared/data/photos");
  const photos = await measurePhotos(folder, join(root, ".cache/head/photo-landmarks.json"));
  const head = await buildBaseHead();
  const landmarks = (await headLandmarks(baseHeadModel(head))).mediapipe478!;
  const learnt = learnStatistics(head, landmarks, photos);
  const statistics = summarise(head, landmarks, learnt, photos.length);
  await writeWhole(STATISTICS_FILE, new TextEncoder().encode(formatStatistics(statistics)));
  console.log(
    `${photos.length} people, landmarks left unexplained: ${learnt.residual.toFixed(2)} mm`,
  );
  for (const [group, scale] of learnt.scales) console.log(`  ${group}: ${scale.toFixed(2)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
