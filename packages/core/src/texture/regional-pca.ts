/**
 * A linear model of textures by regions. One basis for whole faces, learnt from a hundred people, cannot carry
 * another person's identity; bases for parts of the face can, because every brow then combines with every nose
 * and mouth. So a texture is
 *
 *     mean + sum_k z_k global_k + sum_r w_r sum_k z_rk basis_rk
 *
 * first a few components of the whole map (skin tone), then components of what those leave, for 4 x 4 regions
 * that fill the face and whose outer ones reach to the borders. The windows w_r overlap from centre to centre
 * and sum to 1, so neighbours that differ never show a border. Components are those of probabilistic principal
 * component analysis (Tipping and Bishop 1999): z ~ N(0, I) on the training data, and the variance that the
 * noise alone would give a component is taken out of it.
 *
 * Faces are nearly symmetric, so a region and its mirror image share their numbers: a component of such a pair shows the
 * same on both sides, or the opposite. Every map counts with its mirror image, which makes the components of a pair exactly
 * so; two brows that are alike then cost one brow's numbers. With the same 512 numbers the likeness of new people is 0.86 instead of 0.81
 * (docs/texture.md).
 */

import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";
import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import { mirrored, type TextureMap } from "./texture-map.js";

/** Regions along each side. */
export const REGION_GRID = 4;

/** Of a region and its mirror image. */
const PAIRS = REGION_GRID ** 2 / 2;

export interface RegionalModelOptions {
  /** Components of the whole map; 16. */
  readonly globalComponents?: number;
  /** Components of every pair of regions, or of each, by rows, outer and inner; 496 in all, which makes 512. */
  readonly pairComponents?: number | readonly number[];
  /** `size x size` in [0, 1]: how much each texel counts, as does its mirror image; all alike where absent. */
  readonly weight?: Float32Array;
}

/** Texels of a map that a region's window covers: a rectangle. */
export interface Patch {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Component {
  /** What it covers. */
  readonly patch: Patch;
  /**
   * `K x height x width x 3`: change of colour for one standard deviation, without the window. Orthogonal
   * under the texels' weights.
   */
  readonly basis: Float32Array;
  readonly count: number;
  /** Variance of what the components leave, of a texel's channel. */
  readonly noise: number;
}

/** Components of a region of the left half, and of its mirror image. */
export interface PairComponent extends Component {
  /** `K`: 1 where the right side shows the same, -1 where it shows the opposite. */
  readonly parity: Int8Array;
}

export interface RegionalModel {
  /** Texels along each side. */
  readonly size: number;
  /** `size x size x 3`. */
  readonly mean: Float32Array;
  readonly global: Component;
  /** Eight, by rows: the outer and the inner pair of each. */
  readonly pairs: readonly PairComponent[];
  /** `size x size`: how much each texel counted. */
  readonly weight: Float32Array;
}

/** Where the outline of the face ends in the layout `ganfit-uv-1`, parts of the side. */
const FACE_BOX = { left: 0.1, right: 0.9, top: 0.282, bottom: 0.836 } as const;

/** More where people are told apart: eyes and brows (second row), nose, mouth; outer and inner pair of each row. */
const PAIR_COMPONENTS: readonly number[] = [36, 50, 66, 86, 50, 86, 42, 80];

/** Texels count at least this much, so that what is hardly seen still follows. */
const LEAST_WEIGHT = 0.02;

/**
 * @param maps complete textures of one size
 * @throws GanfitError `usage` where the sizes differ, there are fewer than two maps, or components for other than 8 pairs
 */
export function trainRegionalModel(
  maps: readonly TextureMap[],
  options: RegionalModelOptions = {},
): RegionalModel {
  const { globalComponents = 16, pairComponents = PAIR_COMPONENTS } = options;
  const size = maps[0]?.size ?? 0;
  if (maps.length < 2 || maps.some((map) => map.size !== size)) {
    throw new GanfitError("usage", "A texture model needs two or more textures of one size.");
  }
  if (typeof pairComponents !== "number" && pairComponents.length !== PAIRS) {
    throw new GanfitError(
      "usage",
      `A texture model has ${PAIRS} pairs of regions, not ${pairComponents.length}.`,
    );
  }
  const given = options.weight ?? new Float32Array(size * size).fill(1);
  const turned = mirrored(given, size, 1);
  const weight = given.map((value, i) => Math.max((value + turned[i]!) / 2, LEAST_WEIGHT));
  const all = maps.flatMap(({ colour }) => [colour, mirrored(colour, size, 3)]);
  const mean = new Float32Array(3 * size * size);
  for (const colour of all) {
    for (let i = 0; i < mean.length; i++) mean[i]! += colour[i]! / all.length;
  }
  const residuals = all.map((colour) => colour.map((value, i) => value - mean[i]!));
  const whole = { left: 0, top: 0, width: size, height: size };
  const global = componentsOf(residuals, size, whole, weight, globalComponents);
  for (const residual of residuals) {
    const z = latentOf([wholeSide(residual, size, global, { weight })], global, true);
    addComponents(residual, size, global, z, -1);
  }
  // What the global components leave of a map's mirror image is the mirror image of what they leave of the map, but for
  // components of one variance; so the mirror images are made anew.
  const own = residuals.filter((_, i) => i % 2 === 0);
  const countOf = (pair: number) =>
    typeof pairComponents === "number" ? pairComponents : pairComponents[pair]!;
  const pairs = leftWindows(size).map(({ patch, window }, pair) => {
    const inWindow = windowed(weight, size, patch, window);
    return pairComponentsOf(own, size, patch, inWindow, countOf(pair));
  });
  return { size, mean, global, pairs, weight };
}

/** Numbers of a latent of the model. */
export function latentSize({ global, pairs }: RegionalModel): number {
  return pairs.reduce((sum, { count }) => sum + count, global.count);
}

/** The window of each region over its patch: smooth, and all together 1 everywhere. */
export function regionWindows(size: number): { patch: Patch; window: Float32Array }[] {
  const columns = axisWindows(size, FACE_BOX.left, FACE_BOX.right);
  const rows = axisWindows(size, FACE_BOX.top, FACE_BOX.bottom);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      patch: {
        left: column.start,
        top: row.start,
        width: column.values.length,
        height: row.values.length,
      },
      window: Float32Array.from(
        { length: column.values.length * row.values.length },
        (_, i) =>
          column.values[i % column.values.length]! *
          row.values[Math.floor(i / column.values.length)]!,
      ),
    })),
  );
}

/**
 * Windows along one axis: each 1 at its cell's centre and 0 from the next centres on. The centres lie on
 * borders between texels, so that every second window ends where the next but one begins.
 */
function axisWindows(size: number, from: number, to: number) {
  const centres = Array.from({ length: REGION_GRID }, (_, k) =>
    Math.round(size * (from + ((k + 0.5) * (to - from)) / REGION_GRID)),
  );
  return centres.map((centre, k) => {
    const start = centres[k - 1] ?? 0;
    const end = centres[k + 1] ?? size;
    const values = Float32Array.from({ length: end - start }, (_, i) => {
      const at = start + i + 0.5;
      if (at < centre) return k === 0 ? 1 : smoothStep(start, centre, at);
      return k === REGION_GRID - 1 ? 1 : 1 - smoothStep(centre, end, at);
    });
    return { start, values };
  });
}

/** Of each pair the left region, by rows: outer, inner. */
export function leftWindows(size: number): { patch: Patch; window: Float32Array }[] {
  return regionWindows(size).filter((_, i) => i % REGION_GRID < REGION_GRID / 2);
}

/** Where the mirror image of a patch lies. */
export function mirroredPatch({ left, top, width, height }: Patch, size: number): Patch {
  return { left: size - left - width, top, width, height };
}

/**
 * The texture of a latent.
 *
 * @param latent global components, then pair by pair
 * @returns not clamped to [0, 1]
 */
export function generateTexture(model: RegionalModel, latent: ArrayLike<number>): TextureMap {
  const { size, global, pairs } = model;
  if (latent.length !== latentSize(model)) {
    throw new GanfitError(
      "usage",
      `The texture model takes ${latentSize(model)} numbers, but ${latent.length} came.`,
    );
  }
  const z = Float64Array.from(latent);
  const colour = model.mean.slice();
  addComponents(colour, size, global, z.subarray(0, global.count), 1);
  const windows = leftWindows(size);
  let at = global.count;
  pairs.forEach((pair, p) => {
    addPair(colour, size, pair, z.subarray(at, at + pair.count), windows[p]!.window);
    at += pair.count;
  });
  return { size, colour };
}

/**
 * The likeliest latent of a texture: first the global components, then each pair's by what those leave.
 *
 * @param confidence `size x size` in [0, 1]: what of the texture is known; all where absent
 */
export function encodeTexture(
  model: RegionalModel,
  { size, colour }: TextureMap,
  confidence?: Float32Array,
): Float32Array {
  if (size !== model.size) {
    throw new GanfitError("usage", `The texture model is of ${model.size} texels, not ${size}.`);
  }
  const weight = confidence ? model.weight.map((value, i) => value * confidence[i]!) : model.weight;
  const orthogonal = !confidence;
  const residual = colour.map((value, i) => value - model.mean[i]!);
  const latent = new Float32Array(latentSize(model));
  const z = latentOf(
    [wholeSide(residual, size, model.global, { weight })],
    model.global,
    orthogonal,
  );
  latent.set(z);
  addComponents(residual, size, model.global, z, -1);
  const turned = mirrored(residual, size, 3);
  const turnedWeight = mirrored(weight, size, 1);
  const windows = leftWindows(size);
  let at = model.global.count;
  model.pairs.forEach((pair, p) => {
    const { window } = windows[p]!;
    const sides = [
      wholeSide(residual, size, pair, { weight, window }),
      { ...wholeSide(turned, size, pair, { weight: turnedWeight, window }), signs: pair.parity },
    ];
    latent.set(latentOf(sides, pair, orthogonal), at);
    at += pair.count;
  });
  return latent;
}

/** Adds a pair's sum to a map: on the left as it is, on the right mirrored, each component with its parity. */
function addPair(
  map: Float32Array,
  size: number,
  pair: PairComponent,
  z: ArrayLike<number>,
  window: Float32Array,
): void {
  addComponents(map, size, pair, z, 1, window);
  const { patch, parity } = pair;
  const area = 3 * patch.width * patch.height;
  const right = new Float32Array(area);
  const flat = { left: 0, top: 0, width: patch.width, height: patch.height };
  const signed = Array.from({ length: pair.count }, (_, k) => z[k]! * parity[k]!);
  addComponents(right, patch.width, { ...pair, patch: flat }, signed, 1, window);
  const place = mirroredPatch(patch, size);
  for (let y = 0; y < patch.height; y++) {
    for (let x = 0; x < patch.width; x++) {
      const to = 3 * ((place.top + y) * size + place.left + patch.width - 1 - x);
      const from = 3 * (y * patch.width + x);
      for (let c = 0; c < 3; c++) map[to + c]! += right[from + c]!;
    }
  }
}

/** Adds `factor` times the components' sum to a map. */
function addComponents(
  map: Float32Array,
  size: number,
  { patch, basis, count }: Component,
  z: ArrayLike<number>,
  factor: number,
  window?: Float32Array,
): void {
  const row = 3 * patch.width;
  const area = row * patch.height;
  for (let k = 0; k < count; k++) {
    const amount = factor * z[k]!;
    if (amount === 0) continue;
    for (let y = 0; y < patch.height; y++) {
      const to = 3 * ((patch.top + y) * size + patch.left);
      const from = k * area + y * row;
      for (let x = 0; x < row; x++) {
        const share = window ? window[y * patch.width + Math.floor(x / 3)]! : 1;
        map[to + x]! += amount * share * basis[from + x]!;
      }
    }
  }
}

interface Evidence {
  /** `size x size` */
  readonly weight: Float32Array;
  /** Over the component's patch. */
  readonly window?: Float32Array;
}

/** What is seen of components at one place. */
interface Side {
  /** Over the patch, `height x width x 3`. */
  readonly values: Float32Array;
  /** `height x width`: how much each texel counts. */
  readonly shares: Float32Array;
  /** `K`: of the components here; 1 where absent. */
  readonly signs?: Int8Array;
}

function wholeSide(
  residual: Float32Array,
  size: number,
  { patch }: Component,
  { weight, window }: Evidence,
): Side {
  const values = patchOf(residual, size, patch);
  const shares = rootWeights(weight, size, patch, window).map((value) => value * value);
  return { values, shares };
}

/**
 * Posterior mean of z for `values = basis z + noise` on every side, every texel with its weight.
 *
 * @param orthogonal whether the weights are those of the training, under which the components are orthogonal
 */
function latentOf(
  sides: readonly Side[],
  { basis, count, noise }: Component,
  orthogonal: boolean,
): Float64Array {
  const right = Matrix.zeros(count, 1);
  const gram = Matrix.eye(count).mul(noise);
  for (const { values, shares, signs } of sides) {
    const area = values.length;
    const weighted = new Float32Array(area);
    const sign = (k: number) => signs?.[k] ?? 1;
    for (let k = 0; k < count; k++) {
      const own = basis.subarray(k * area, (k + 1) * area);
      for (let i = 0, texel = 0; texel < shares.length; texel++) {
        const share = shares[texel]!;
        for (let c = 0; c < 3; c++, i++) weighted[i] = own[i]! * share;
      }
      right.set(k, 0, right.get(k, 0) + sign(k) * dot(weighted, values));
      for (let l = orthogonal ? k : 0; l <= k; l++) {
        const both = sign(k) * sign(l) * dot(weighted, basis.subarray(l * area, (l + 1) * area));
        gram.set(k, l, gram.get(k, l) + both);
        if (l < k) gram.set(l, k, gram.get(l, k) + both);
      }
    }
  }
  return Float64Array.from(new CholeskyDecomposition(gram).solve(right).to1DArray());
}

function componentsOf(
  maps: readonly Float32Array[],
  size: number,
  patch: Patch,
  weight: Float32Array,
  most: number,
): Component {
  const roots = rootWeights(weight, size, patch);
  const rows = maps.map((map) => weightedPatch(map, size, patch, roots));
  const directions = directionsOf(rows, 1);
  // Centred maps have one direction less than there are maps.
  const { chosen, noise } = strongest(directions, most, rows.length - 1);
  return { patch, basis: basisOf(chosen, most, roots, noise), count: most, noise };
}

/**
 * Components of a region and its mirror image together. Mirror images among the data make what both sides have in
 * common and what they differ by independent: each has directions of its own.
 */
function pairComponentsOf(
  maps: readonly Float32Array[],
  size: number,
  patch: Patch,
  weight: Float32Array,
  most: number,
): PairComponent {
  const roots = rootWeights(weight, size, patch);
  const left = maps.map((map) => weightedPatch(map, size, patch, roots));
  const right = maps.map((map) => weightedPatch(mirrored(map, size, 3), size, patch, roots));
  const half = (sign: number) =>
    left.map((row, n) => row.map((value, i) => (value + sign * right[n]![i]!) / 2));
  // Each is seen twice, on either side.
  const directions = [
    ...directionsOf(half(1), 2).map((direction) => ({ ...direction, parity: 1 })),
    ...directionsOf(half(-1), 2).map((direction) => ({ ...direction, parity: -1 })),
  ];
  const { chosen, noise } = strongest(directions, most, 2 * maps.length - 1);
  const parity = new Int8Array(most).fill(1);
  chosen.forEach((direction, k) => {
    parity[k] = direction.parity;
  });
  return { patch, basis: basisOf(chosen, most, roots, noise), count: most, noise, parity };
}

/** A direction in which maps differ, and how much. */
interface Direction {
  readonly variance: number;
  /** Of length 1 (over all the places that show it). */
  vector(): Float32Array;
}

/** @param times at how many places each row is seen */
function directionsOf(rows: readonly Float32Array[], times: number): Direction[] {
  const n = rows.length;
  const area = rows[0]!.length;
  // The covariance between texels is far larger than that between maps, which has the same eigenvalues.
  const gram = Matrix.zeros(n, n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      const product = (times * dot(rows[a]!, rows[b]!)) / n;
      gram.set(a, b, product);
      gram.set(b, a, product);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, {
    assumeSymmetric: true,
  });
  return realEigenvalues.map((variance, k) => ({
    variance: Math.max(0, variance),
    vector() {
      const sum = new Float32Array(area);
      if (!(variance > 0)) return sum;
      for (let a = 0; a < n; a++) {
        const share = eigenvectorMatrix.get(a, k) / Math.sqrt(n * variance);
        const row = rows[a]!;
        for (let i = 0; i < area; i++) sum[i]! += share * row[i]!;
      }
      return sum;
    },
  }));
}

/** @param rank in how many directions the maps can differ at all */
function strongest<D extends Direction>(directions: readonly D[], most: number, rank: number) {
  const order = [...directions].sort((a, b) => b.variance - a.variance);
  const chosen = order.slice(0, Math.min(most, rank));
  const rest = order.slice(chosen.length).reduce((sum, { variance }) => sum + variance, 0);
  // The rest is spread over as many directions as the maps leave.
  const noise = Math.max(rest / Math.max(1, rank - chosen.length), 1e-12);
  return { chosen, noise };
}

/** `most x area`: each direction for one standard deviation, without the weights. */
function basisOf(
  chosen: readonly Direction[],
  most: number,
  roots: Float32Array,
  noise: number,
): Float32Array {
  const area = 3 * roots.length;
  const basis = new Float32Array(most * area);
  chosen.forEach(({ variance, vector }, k) => {
    const length = Math.sqrt(Math.max(0, variance - noise));
    if (length === 0) return;
    const unit = vector();
    const own = basis.subarray(k * area, (k + 1) * area);
    for (let i = 0; i < area; i++) {
      const root = roots[Math.floor(i / 3)]!;
      own[i] = root > 0 ? (length * unit[i]!) / root : 0;
    }
  });
  return basis;
}

function weightedPatch(
  map: Float32Array,
  size: number,
  patch: Patch,
  roots: Float32Array,
): Float32Array {
  const values = patchOf(map, size, patch);
  for (let i = 0; i < values.length; i++) values[i]! *= roots[Math.floor(i / 3)]!;
  return values;
}

/** Weights within a patch, times its window. */
function windowed(
  weight: Float32Array,
  size: number,
  { left, top, width, height }: Patch,
  window: Float32Array,
): Float32Array {
  const out = weight.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[(top + y) * size + left + x]! *= window[y * width + x]!;
    }
  }
  return out;
}

function patchOf(map: Float32Array, size: number, { left, top, width, height }: Patch) {
  const out = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((top + y) * size + left);
    out.set(map.subarray(from, from + 3 * width), 3 * y * width);
  }
  return out;
}

function rootWeights(
  weight: Float32Array,
  size: number,
  { left, top, width, height }: Patch,
  window?: Float32Array,
): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const texel = (top + Math.floor(i / width)) * size + left + (i % width);
    return Math.sqrt(weight[texel]! * (window ? window[i]! : 1));
  });
}

/** Four sums at a time do not wait for each other; this is where training spends its time. */
function dot(a: Float32Array, b: Float32Array): number {
  const whole = a.length - (a.length % 4);
  let [p, q, r, s] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    p += a[i]! * b[i]!;
    q += a[i + 1]! * b[i + 1]!;
    r += a[i + 2]! * b[i + 2]!;
    s += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < a.length; i++) p += a[i]! * b[i]!;
  return p + q + r + s;
}
