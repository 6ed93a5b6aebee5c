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
 */

import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";
import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import type { TextureMap } from "./texture-map.js";

/** Regions along each side. */
export const REGION_GRID = 4;

export interface RegionalModelOptions {
  /** Components of the whole map; 32. */
  readonly globalComponents?: number;
  /** Components of each region; 30, which with the global ones makes 512. */
  readonly regionalComponents?: number;
  /** `size x size` in [0, 1]: how much each texel counts; all alike where absent. */
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

export interface RegionalModel {
  /** Texels along each side. */
  readonly size: number;
  /** `size x size x 3`. */
  readonly mean: Float32Array;
  readonly global: Component;
  /** Sixteen, by rows. */
  readonly regions: readonly Component[];
  /** `size x size`: how much each texel counted. */
  readonly weight: Float32Array;
}

/** Where the outline of the face ends in the layout `ganfit-uv-1`, parts of the side. */
const FACE_BOX = { left: 0.1, right: 0.9, top: 0.282, bottom: 0.836 } as const;

/** Texels count at least this much, so that what is hardly seen still follows. */
const LEAST_WEIGHT = 0.02;

/**
 * @param maps complete textures of one size, with mirror images if the model is to be symmetric
 * @throws GanfitError `usage` where the sizes differ or there are fewer than two maps
 */
export function trainRegionalModel(
  maps: readonly TextureMap[],
  options: RegionalModelOptions = {},
): RegionalModel {
  const { globalComponents = 32, regionalComponents = 30 } = options;
  const size = maps[0]?.size ?? 0;
  if (maps.length < 2 || maps.some((map) => map.size !== size)) {
    throw new GanfitError("usage", "A texture model needs two or more textures of one size.");
  }
  const weight = (options.weight ?? new Float32Array(size * size).fill(1)).map((value) =>
    Math.max(value, LEAST_WEIGHT),
  );
  const mean = new Float32Array(3 * size * size);
  for (const { colour } of maps) {
    for (let i = 0; i < mean.length; i++) mean[i]! += colour[i]! / maps.length;
  }
  const residuals = maps.map(({ colour }) => colour.map((value, i) => value - mean[i]!));
  const whole = { left: 0, top: 0, width: size, height: size };
  const global = componentsOf(residuals, size, whole, weight, globalComponents);
  for (const residual of residuals) {
    const z = latentOf(residual, size, global, { weight, orthogonal: true });
    addComponents(residual, size, global, z, -1);
  }
  const windows = regionWindows(size);
  const regions = windows.map(({ patch, window }) => {
    const inWindow = weight.slice();
    for (let y = 0; y < patch.height; y++) {
      for (let x = 0; x < patch.width; x++) {
        inWindow[(patch.top + y) * size + patch.left + x]! *= window[y * patch.width + x]!;
      }
    }
    return componentsOf(residuals, size, patch, inWindow, regionalComponents);
  });
  return { size, mean, global, regions, weight };
}

/** Numbers of a latent of the model. */
export function latentSize({ global, regions }: RegionalModel): number {
  return regions.reduce((sum, { count }) => sum + count, global.count);
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

/**
 * The texture of a latent.
 *
 * @param latent global components, then region by region
 * @returns not clamped to [0, 1]
 */
export function generateTexture(model: RegionalModel, latent: ArrayLike<number>): TextureMap {
  const { size, global, regions } = model;
  if (latent.length !== latentSize(model)) {
    throw new GanfitError(
      "usage",
      `The texture model takes ${latentSize(model)} numbers, but ${latent.length} came.`,
    );
  }
  const z = Float64Array.from(latent);
  const colour = model.mean.slice();
  addComponents(colour, size, global, z.subarray(0, global.count), 1);
  const windows = regionWindows(size);
  let at = global.count;
  regions.forEach((region, r) => {
    addComponents(colour, size, region, z.subarray(at, at + region.count), 1, windows[r]!.window);
    at += region.count;
  });
  return { size, colour };
}

/**
 * The likeliest latent of a texture: first the global components, then each region's by what those leave.
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
  const { weight } = model;
  const known = confidence ? weight.map((value, i) => value * confidence[i]!) : weight;
  const orthogonal = !confidence;
  const residual = colour.map((value, i) => value - model.mean[i]!);
  const latent = new Float32Array(latentSize(model));
  const z = latentOf(residual, size, model.global, { weight: known, orthogonal });
  latent.set(z);
  addComponents(residual, size, model.global, z, -1);
  const windows = regionWindows(size);
  let at = model.global.count;
  model.regions.forEach((region, r) => {
    const { window } = windows[r]!;
    latent.set(latentOf(residual, size, region, { weight: known, orthogonal, window }), at);
    at += region.count;
  });
  return latent;
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
  /** Whether the weights are those of the training, under which the components are orthogonal. */
  readonly orthogonal: boolean;
  /** Over the component's patch. */
  readonly window?: Float32Array;
}

/** Posterior mean of z for `residual = basis z + noise`, every texel with its weight. */
function latentOf(
  residual: Float32Array,
  size: number,
  { patch, basis, count, noise }: Component,
  { weight, orthogonal, window }: Evidence,
): Float64Array {
  const values = patchOf(residual, size, patch);
  const shares = rootWeights(weight, size, patch, window).map((value) => value * value);
  const area = values.length;
  const right = Matrix.zeros(count, 1);
  const gram = Matrix.eye(count).mul(noise);
  const weighted = new Float32Array(area);
  for (let k = 0; k < count; k++) {
    const own = basis.subarray(k * area, (k + 1) * area);
    for (let i = 0; i < area; i++) weighted[i] = own[i]! * shares[Math.floor(i / 3)]!;
    right.set(k, 0, dot(weighted, values));
    for (let l = orthogonal ? k : 0; l <= k; l++) {
      const product = dot(weighted, basis.subarray(l * area, (l + 1) * area));
      gram.set(k, l, gram.get(k, l) + product);
      if (l < k) gram.set(l, k, gram.get(l, k) + product);
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
  const rows = maps.map((map) => {
    const values = patchOf(map, size, patch);
    for (let i = 0; i < values.length; i++) values[i]! *= roots[Math.floor(i / 3)]!;
    return values;
  });
  const n = rows.length;
  const area = rows[0]!.length;
  // The covariance between texels is far larger than that between maps, which has the same eigenvalues.
  const gram = Matrix.zeros(n, n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      const product = dot(rows[a]!, rows[b]!) / n;
      gram.set(a, b, product);
      gram.set(b, a, product);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues
    .map((_, i) => i)
    .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  // Centred maps have one direction less than there are maps.
  const count = Math.min(most, n - 1);
  const rest = order.slice(count).reduce((sum, i) => sum + Math.max(0, realEigenvalues[i]!), 0);
  // The rest is spread over as many directions as the maps leave.
  const noise = Math.max(rest / Math.max(1, n - 1 - count), 1e-12);
  const basis = new Float32Array(most * area);
  for (let k = 0; k < count; k++) {
    const eigenvalue = realEigenvalues[order[k]!]!;
    const length = Math.sqrt(Math.max(0, eigenvalue - noise));
    if (!(eigenvalue > 0) || length === 0) continue;
    const own = basis.subarray(k * area, (k + 1) * area);
    for (let a = 0; a < n; a++) {
      const share = (eigenvectorMatrix.get(a, order[k]!) * length) / Math.sqrt(n * eigenvalue);
      const row = rows[a]!;
      for (let i = 0; i < area; i++) own[i]! += share * row[i]!;
    }
    for (let i = 0; i < area; i++) {
      const root = roots[Math.floor(i / 3)]!;
      own[i] = root > 0 ? own[i]! / root : 0;
    }
  }
  return { patch, basis, count: most, noise };
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
