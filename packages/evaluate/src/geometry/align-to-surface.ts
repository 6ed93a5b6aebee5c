/** The similarity or rigid motion of a mesh that brings its surface closest to given points. */
import { GanfitError } from "@ganfit/core";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { ClosestPointSearch } from "./closest-points.js";
import type { Mesh } from "./mesh.js";
import { composeSimilarities, IDENTITY, rotationOf, undoSimilarity } from "./similarity-algebra.js";
import type { Similarity3 } from "./similarity3.js";

export interface SurfaceAlignment {
  /** Of the mesh. */
  readonly motion: Similarity3;
  /** `n`; of each point to the moved surface, in the points' unit. */
  readonly distances: Float64Array;
  /** Steps that were tried. */
  readonly steps: number;
}

export interface SurfaceAlignmentOptions {
  /** False for a rigid motion. */
  readonly scale: boolean;
  /** A step that lowers the sum of squares by less than this part of it is the last. Default 1e-10. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly mostSteps?: number;
}

/** What a step is computed from. */
export interface SurfaceResiduals {
  /** `n`, unsigned. */
  readonly distances: Float64Array;
  /** `n x 3`; closest points of the moved surface. */
  readonly closest: Float64Array;
  /** `n x 3`; the same ones on the mesh at rest. */
  readonly atRest: Float64Array;
  /** `n x 3`; unit vectors from the closest points to the points, zero where the distance is. */
  readonly directions: Float64Array;
}

/**
 * Finds a local minimum of `sum_i distance(p_i, T(mesh))^2` over motions T, from the mesh as it is: what point-to-surface
 * ICP (Besl and McKay 1992) converges to, by Levenberg-Marquardt on the distances themselves (Fitzgibbon 2003, "Robust
 * registration of 2D and 3D point sets"), which needs tens of steps where ICP needs thousands: a point may slide along
 * the surface at no cost.
 *
 * A distance under `s R x + t` is `s` times one to the mesh at rest, so that the search is built once.
 *
 * @param points `n x 3`, n at least 1
 * @throws GanfitError `data` where sizes are so far apart that no step can be computed
 */
export function alignToSurface(
  points: Float64Array,
  mesh: Mesh,
  { scale, tolerance = 1e-10, mostSteps = 500 }: SurfaceAlignmentOptions,
): SurfaceAlignment {
  const search = new ClosestPointSearch(mesh);
  const frame = frameOf(points);
  const negligible = (points.length / 3) * (1e-10 * frame.length) ** 2;
  let motion = IDENTITY;
  let now = surfaceResiduals(points, search, motion);
  let cost = sumOfSquares(now.distances);
  let damping = 1e-4;
  let steps = 0;
  let equations = normalEquations(now, frame, scale);
  while (cost > negligible && steps < mostSteps) {
    steps++;
    const step = dampedStep(equations, damping);
    if (step.predicted <= tolerance * cost && damping <= CAUTIOUS) break;
    const tried = composeSimilarities(motionOf(step.parameters, frame, scale), motion);
    const next = surfaceResiduals(points, search, tried, now.atRest);
    const nextCost = sumOfSquares(next.distances);
    // Written so that a NaN is refused too.
    if (!(nextCost < cost)) {
      damping *= 8;
      if (damping > HOPELESS) break;
      continue;
    }
    const gain = (cost - nextCost) / step.predicted;
    const done = cost - nextCost <= tolerance * cost && damping <= CAUTIOUS;
    [motion, now, cost] = [tried, next, nextCost];
    if (done) break;
    damping = Math.max(1e-9, gain > 0.75 ? damping / 8 : gain < 0.25 ? 2 * damping : damping);
    equations = normalEquations(now, frame, scale);
  }
  return { motion, distances: now.distances, steps };
}

/** Above this damping a small step says nothing about how near the minimum is. */
const CAUTIOUS = 1;
/** At this damping a step is a millionth of the gradient's: no descent is left but rounding. */
const HOPELESS = 1e6;

/** Origin and unit of the parameters, so that turning, growing and moving weigh the same. */
export interface ParameterFrame {
  readonly centre: readonly [number, number, number];
  /** Root mean square distance of the points from the centre. */
  readonly length: number;
}

export function frameOf(points: Float64Array): ParameterFrame {
  const n = points.length / 3;
  const centre: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < points.length; i++) centre[i % 3]! += points[i]! / n;
  let squares = 0;
  for (let i = 0; i < points.length; i++) squares += (points[i]! - centre[i % 3]!) ** 2;
  return { centre, length: Math.sqrt(squares / n) || 1 };
}

/**
 * Distances of points to the moved mesh.
 *
 * @param near `n x 3`; points of the mesh at rest that are thought near, such as those of the last step: only speed
 */
export function surfaceResiduals(
  points: Float64Array,
  search: ClosestPointSearch,
  motion: Similarity3,
  near?: Float64Array,
): SurfaceResiduals {
  const queries = undoSimilarity(points, motion);
  const found = search.find(queries, near && boundsOf(queries, near));
  const { scale, rotation: r, translation: t } = motion;
  const n = points.length / 3;
  const distances = new Float64Array(n);
  const closest = new Float64Array(3 * n);
  const directions = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [found.points[3 * i]!, found.points[3 * i + 1]!, found.points[3 * i + 2]!];
    let squares = 0;
    for (let k = 0; k < 3; k++) {
      const moved = scale * (r[3 * k]! * x + r[3 * k + 1]! * y + r[3 * k + 2]! * z) + t[k]!;
      closest[3 * i + k] = moved;
      const away = points[3 * i + k]! - moved;
      directions[3 * i + k] = away;
      squares += away * away;
    }
    const distance = Math.sqrt(squares);
    distances[i] = distance;
    for (let k = 0; k < 3 && distance > 0; k++) directions[3 * i + k]! /= distance;
  }
  return { distances, closest, atRest: found.points, directions };
}

/** The surface is no farther than any point of it; a little more, because the search rounds. */
function boundsOf(queries: Float64Array, near: Float64Array): Float64Array {
  return Float64Array.from({ length: queries.length / 3 }, (_, i) => {
    const [x, y, z] = [0, 1, 2].map((k) => queries[3 * i + k]! - near[3 * i + k]!);
    return Math.hypot(x!, y!, z!) * (1 + 1e-6);
  });
}

/**
 * Derivatives of one distance by the seven parameters (growth, turn about x, y, z, motion along them), lengths all: the
 * closest point moves with the mesh, and of its motion only the part along the direction to the point counts, because
 * the rest is across (the envelope theorem).
 */
export function distanceDerivatives(
  now: SurfaceResiduals,
  i: number,
  { centre, length }: ParameterFrame,
  into: Float64Array,
): void {
  const { closest, directions } = now;
  const nx = directions[3 * i]!;
  const ny = directions[3 * i + 1]!;
  const nz = directions[3 * i + 2]!;
  const x = (closest[3 * i]! - centre[0]) / length;
  const y = (closest[3 * i + 1]! - centre[1]) / length;
  const z = (closest[3 * i + 2]! - centre[2]) / length;
  into[0] = -(nx * x + ny * y + nz * z);
  into[1] = -(y * nz - z * ny);
  into[2] = -(z * nx - x * nz);
  into[3] = -(x * ny - y * nx);
  into[4] = -nx;
  into[5] = -ny;
  into[6] = -nz;
}

interface NormalEquations {
  /** Transpose of the derivatives times themselves. */
  readonly matrix: Matrix;
  /** Transpose of the derivatives times the distances. */
  readonly gradient: Matrix;
}

function normalEquations(
  now: SurfaceResiduals,
  frame: ParameterFrame,
  scale: boolean,
): NormalEquations {
  const first = scale ? 0 : 1;
  const row = new Float64Array(7);
  const products = new Float64Array(49);
  const slopes = new Float64Array(7);
  for (let i = 0; i < now.distances.length; i++) {
    distanceDerivatives(now, i, frame, row);
    for (let a = first; a < 7; a++) {
      slopes[a]! += row[a]! * now.distances[i]!;
      for (let b = a; b < 7; b++) products[7 * a + b]! += row[a]! * row[b]!;
    }
  }
  const size = 7 - first;
  const matrix = new Matrix(size, size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      const [low, high] = [Math.min(a, b) + first, Math.max(a, b) + first];
      matrix.set(a, b, products[7 * low + high]!);
    }
  }
  return { matrix, gradient: Matrix.columnVector(Array.from(slopes.subarray(first))) };
}

/** Levenberg's step: the damping is relative to the mean eigenvalue, so that directions without slope stay put. */
function dampedStep({ matrix, gradient }: NormalEquations, damping: number) {
  const size = matrix.rows;
  const added = (damping * matrix.trace()) / size;
  const damped = Matrix.add(matrix, Matrix.eye(size, size).mul(added));
  // Sizes so far apart that squares overflow; the solver would say so in words of its own.
  if (![...damped.to1DArray(), ...gradient.to1DArray()].every(Number.isFinite)) {
    throw new GanfitError(
      "data",
      "The mesh and the points that it is to be aligned with differ too much in size or place: check the unit of both and of their landmarks.",
    );
  }
  const step = new CholeskyDecomposition(damped).solve(gradient).neg();
  // |r|^2 - |r + J h|^2 = -2 g h - h A h
  const curvature = step.transpose().mmul(matrix).mmul(step).get(0, 0);
  return { parameters: step.to1DArray(), predicted: -2 * step.dot(gradient) - curvature };
}

/** @param parameters seven with scale, six without: lengths on a sphere of the frame's size */
export function motionOf(
  parameters: readonly number[],
  { centre, length }: ParameterFrame,
  scale: boolean,
): Similarity3 {
  const [growth = 0, ...rest] = scale ? parameters : [0, ...parameters];
  const rotation = rotationOf(rest.slice(0, 3).map((angle) => angle / length));
  const factor = Math.exp(growth / length);
  const translation = [0, 1, 2].map((i) => {
    const turned = [0, 1, 2].reduce((sum, j) => sum + rotation[3 * i + j]! * centre[j]!, 0);
    return centre[i]! - factor * turned + rest[3 + i]!;
  }) as [number, number, number];
  return { scale: factor, rotation, translation };
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
