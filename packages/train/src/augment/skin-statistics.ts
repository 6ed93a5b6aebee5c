/**
 * How the skin of the people of a dataset differs, measured in optical density (density.ts).
 *
 * Between people: the principal components of their skin tones. The first is light to dark, nearly all of it;
 * what is left is yellow against pink.
 *
 * Pigments, in the spirit of Tsumura et al. (1999, 2003): within a face, density varies by melanin (freckles, tan),
 * by blood, and by shading, which adds the same to all three channels. So every face's deviations from its own
 * tone are projected along (1, 1, 1), which drops the shading, and independent component analysis of the plane that is
 * left gives the two pigments' directions there. What the projection dropped of them comes from between the
 * faces: the step along (1, 1, 1) that best explains, with the pigments, how dark the people are.
 */

import { type FaceRegions, GanfitError, type PartialTexture } from "@ganfit/core";
import { EigenvalueDecomposition, inverse, Matrix, solve } from "ml-matrix";
import { type Density, densityOf, densityOfColour, dot } from "./density.js";
import { bareSkin } from "./skin-field.js";

/** A direction of density and how the people lie along it. */
export interface SkinAxis {
  /** Unit length; darker is positive. */
  readonly direction: Density;
  /** What a tone's offset from the mean is multiplied by for its score: 1 for one step in the direction. */
  readonly measure: Density;
  /** Standard deviation of the people's scores, {@link skinScore}. */
  readonly spread: number;
  /** Least and largest score. */
  readonly range: readonly [least: number, largest: number];
}

export interface SkinStatistics {
  /** Mean density of the people's skin tones. */
  readonly mean: Density;
  /** Principal components of the tones, the largest first. */
  readonly components: readonly SkinAxis[];
  readonly melanin: SkinAxis;
  readonly haemoglobin: SkinAxis;
}

/** Along the shading, then the plane across it: red against blue, green against both. */
const SHADING: Density = [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)];
const PLANE: readonly [Density, Density] = [
  [-Math.SQRT1_2, 0, Math.SQRT1_2],
  [-1 / Math.sqrt(6), 2 / Math.sqrt(6), -1 / Math.sqrt(6)],
];

/** Texels of each face that are looked at, at most. */
const SAMPLES = 1500;

/** Texels count as this many standard deviations at most: moles and edges are no pigment's distribution. */
const OUTLIER = 4;

/** Fewer texels say nothing about pigments: red against blue and green against both stand in for them. */
const FEWEST = 100;

/** Angles that independent components are sought at, over a quarter turn. */
const ANGLES = 180;

/**
 * @param maps one or more of each person, all of one size
 * @param regions of the maps' size
 * @throws GanfitError `usage` for fewer than four maps, which have no three directions
 */
export function skinStatistics(
  maps: readonly PartialTexture[],
  regions: FaceRegions,
): SkinStatistics {
  if (maps.length < 4) {
    throw new GanfitError("usage", `Skin tones of ${maps.length} maps have no statistics.`);
  }
  const skins = maps.map((map) => bareSkin(map, regions));
  const tones = skins.map(({ tone }) => densityOfColour(tone));
  const mean = [0, 1, 2].map(
    (c) => tones.reduce((sum, tone) => sum + tone[c]!, 0) / tones.length,
  ) as unknown as Density;
  const offsets = tones.map((tone) => subtract(tone, mean));
  const axis = ({ direction, measure }: Direction): SkinAxis => {
    const scores = offsets.map((offset) => dot(offset, measure));
    const spread = Math.sqrt(scores.reduce((sum, score) => sum + score * score, 0) / scores.length);
    return { direction, measure, spread, range: [Math.min(...scores), Math.max(...scores)] };
  };
  const within = maps.flatMap((map, i) => chromaOf(map, skins[i]!.weights, tones[i]!));
  const { melanin, haemoglobin } = pigments(within, offsets);
  return {
    mean,
    components: principalDirections(offsets).map(axis),
    melanin: axis(melanin),
    haemoglobin: axis(haemoglobin),
  };
}

/** Where a skin tone lies on an axis, from the people's mean. */
export function skinScore(
  tone: readonly [number, number, number],
  { mean }: SkinStatistics,
  { measure }: SkinAxis,
): number {
  return dot(subtract(densityOfColour(tone), mean), measure);
}

/** Deviations of a face's bare skin from its tone, in the plane across the shading. */
function chromaOf(
  { colour }: PartialTexture,
  weights: Float32Array,
  tone: Density,
): [number, number][] {
  const chosen: number[] = [];
  for (let i = 0; i < weights.length; i++) if (weights[i]! > 0.5) chosen.push(i);
  const step = Math.max(1, Math.ceil(chosen.length / SAMPLES));
  return chosen
    .filter((_, k) => k % step === 0)
    .map((i) => {
      const [r, g, b] = [0, 1, 2].map((c) => densityOf(colour[3 * i + c]!) - tone[c]!);
      return inPlane([r!, g!, b!]);
    });
}

function inPlane(density: Density): [number, number] {
  return [dot(density, PLANE[0]), dot(density, PLANE[1])];
}

type Plane = readonly [number, number];
type Direction = Pick<SkinAxis, "direction" | "measure">;

function pigments(within: readonly Plane[], offsets: readonly Density[]) {
  const [a, b] = independentDirections(within);
  // Blood takes most of the green; melanin more of the blue than of the green, and least of the red.
  const [blood, tan] = greenness(a) > greenness(b) ? [a, b] : [b, a];
  const basis = new Matrix([
    [tan[0], blood[0]],
    [tan[1], blood[1]],
  ]);
  const amounts = offsets.map((offset) => {
    const [p, q] = inPlane(offset);
    return solve(basis, Matrix.columnVector([p, q])).to1DArray();
  });
  const darkness = Matrix.columnVector(offsets.map((offset) => dot(offset, SHADING)));
  const [ofTan, ofBlood] = solve(new Matrix(amounts), darkness, true).to1DArray();
  // A tone's amounts of both are those that give its place in the plane.
  const amount = inverse(basis).to2DArray() as [[number, number], [number, number]];
  return {
    melanin: lifted(tan, ofTan!, amount[0]),
    haemoglobin: lifted(blood, ofBlood!, amount[1]),
  };
}

/** Share of a direction that is green against red and blue, in [-1, 1]; the sign of a direction is set before. */
function greenness([p, q]: Plane): number {
  return q / Math.hypot(p, q);
}

/** A direction of the plane with its step along the shading; a pigment takes light from every channel. */
function lifted([p, q]: Plane, along: number, amount: Plane): Direction {
  const across = [0, 1, 2].map((c) => p * PLANE[0][c]! + q * PLANE[1][c]!);
  const least = -Math.min(...across);
  const step = Math.max(along * SHADING[0], least);
  const [r, g, b] = across.map((value) => value + step) as [number, number, number];
  const length = Math.hypot(r, g, b);
  const measure = [0, 1, 2].map(
    (c) => length * (amount[0] * PLANE[0][c]! + amount[1] * PLANE[1][c]!),
  ) as unknown as Density;
  return { direction: [r / length, g / length, b / length], measure };
}

/**
 * Two directions along which independent, non-Gaussian amounts would give these points: whitened, then turned
 * to where the squared kurtoses are largest together.
 */
function independentDirections(points: readonly Plane[]): [Plane, Plane] {
  const count = points.length;
  if (count < FEWEST) {
    return [
      [1, 0],
      [0, 1],
    ];
  }
  const [p, q] = [0, 1].map((k) => points.reduce((sum, point) => sum + point[k]!, 0) / count);
  let [pp, pq, qq] = [0, 0, 0];
  for (const point of points) {
    const [x, y] = [point[0] - p!, point[1] - q!];
    pp += (x * x) / count;
    pq += (x * y) / count;
    qq += (y * y) / count;
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    new Matrix([
      [pp, pq],
      [pq, qq],
    ]),
    { assumeSymmetric: true },
  );
  const axes = [0, 1].map((k) => {
    const sigma = Math.sqrt(Math.max(realEigenvalues[k]!, 1e-12));
    return { sigma, x: eigenvectorMatrix.get(0, k), y: eigenvectorMatrix.get(1, k) };
  });
  const white = axes.map(({ sigma, x, y }) =>
    Float64Array.from(points, (point) => {
      const value = ((point[0] - p!) * x + (point[1] - q!) * y) / sigma;
      return Math.min(OUTLIER, Math.max(-OUTLIER, value));
    }),
  );
  let best = { contrast: Number.NEGATIVE_INFINITY, cos: 1, sin: 0 };
  for (let k = 0; k < ANGLES; k++) {
    const angle = (k * Math.PI) / 2 / ANGLES;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const contrast = kurtosis(white, cos, sin) ** 2 + kurtosis(white, -sin, cos) ** 2;
    if (contrast > best.contrast) best = { contrast, cos, sin };
  }
  const column = (a: number, b: number): Plane => {
    const x = a * axes[0]!.sigma * axes[0]!.x + b * axes[1]!.sigma * axes[1]!.x;
    const y = a * axes[0]!.sigma * axes[0]!.y + b * axes[1]!.sigma * axes[1]!.y;
    // More of a pigment takes more blue or green than red.
    const sign = x + y < 0 ? -1 : 1;
    return [sign * x, sign * y];
  };
  return [column(best.cos, best.sin), column(-best.sin, best.cos)];
}

function kurtosis(white: readonly Float64Array[], cos: number, sin: number): number {
  const [a, b] = white as [Float64Array, Float64Array];
  let [second, fourth] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const square = (cos * a[i]! + sin * b[i]!) ** 2;
    second += square;
    fourth += square * square;
  }
  return second > 0 ? (fourth * a.length) / (second * second) - 3 : 0;
}

function principalDirections(offsets: readonly Density[]): Direction[] {
  const covariance = Matrix.zeros(3, 3);
  for (const offset of offsets) {
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        covariance.set(a, b, covariance.get(a, b) + offset[a]! * offset[b]!);
      }
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  return [0, 1, 2]
    .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
    .map((k) => {
      const [r, g, b] = eigenvectorMatrix.getColumn(k) as [number, number, number];
      // Darker, or where neither is, bluer light taken, is positive.
      const sign = r + g + b + 0.01 * (b - r) < 0 ? -1 : 1;
      const direction: Density = [sign * r, sign * g, sign * b];
      return { direction, measure: direction };
    });
}

function subtract(a: Density, b: Density): Density {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
