/**
 * What adaptive augmentation does to each image of a batch, as the numbers that {@link augmentInGraph} takes. The
 * augmentations and their strengths are those of Karras et al. 2020 as far as they suit maps that are registered to the
 * texel: mirroring, brightness, contrast, a little hue, saturation, noise and cutout. Geometry other than mirroring would
 * tear features from their places, and a flip of luma does not look like skin; both are left out.
 */

import { GanfitError, randomNormals, randomUniform } from "@ganfit/core";

/** Batch, always 3 channels, height, width. */
export type ImageShape = readonly [n: number, channels: 3, height: number, width: number];

/** One array for each of {@link adaShapes}. */
export interface AdaParameters {
  /** `n x 1 x 1 x 1`: 1 mirrors. */
  readonly mirror: Float32Array;
  /** `n x 3 x 3`: out of R G B, row by row. */
  readonly colour: Float32Array;
  /** `n x 3 x 1`: added after that. */
  readonly offset: Float32Array;
  /** `n x 1 x h x 1` and `n x 1 x 1 x w`: where both are 1 the image is cut out. */
  readonly rows: Float32Array;
  readonly columns: Float32Array;
  /** `n x 3 x h x w`, added before the cut. */
  readonly noise: Float32Array;
}

/** Standard deviation of the brightness, images in [-1, 1]. */
const BRIGHTNESS = 0.2;
/** Standard deviations of the logarithms to base 2. */
const CONTRAST = 0.5;
const SATURATION = 1;
/** Largest turn of the hue, radians: the paper's half turn makes no faces. */
const HUE = Math.PI / 18;
/** Standard deviation of the noise's own standard deviation, images in [-1, 1]. */
const NOISE = 0.1;
/** Side of the square that is cut out, parts of the image's. */
const CUTOUT = 0.5;

/** Normals that noise is cut from; making new ones for every texel would take longer than all the rest. */
const BANK = 1 << 18;
/** Numbers that are taken from one place of it. */
const BLOCK = 1 << 11;
let bank: Float32Array | undefined;

/** Shapes of the parameters for a batch. */
export function adaShapes([n, , height, width]: ImageShape): Record<keyof AdaParameters, number[]> {
  return {
    mirror: [n, 1, 1, 1],
    colour: [n, 3, 3],
    offset: [n, 3, 1],
    rows: [n, 1, height, 1],
    columns: [n, 1, 1, width],
    noise: [n, 3, height, width],
  };
}

/**
 * @param p probability of each augmentation of each image, in [0, 1]
 * @throws GanfitError `usage` for another p
 */
export function sampleAda(p: number, shape: ImageShape, seed: number): AdaParameters {
  if (!(p >= 0 && p <= 1)) {
    throw new GanfitError("usage", `Augmentations cannot have the probability ${p}.`);
  }
  const [n, , height, width] = shape;
  const sizes = adaShapes(shape);
  const made = (key: keyof AdaParameters) =>
    new Float32Array(sizes[key].reduce((product, side) => product * side, 1));
  const parameters: AdaParameters = {
    mirror: made("mirror"),
    colour: made("colour"),
    offset: made("offset"),
    rows: made("rows"),
    columns: made("columns"),
    noise: made("noise"),
  };
  const random = randomUniform(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (let i = 0; i < n; i++) {
    // Always the same number of draws, so that p changes what is applied and nothing else.
    const applied = Array.from({ length: 7 }, () => random() < p);
    const [flip, bright, contrast, hue, saturate, noisy, cut] = applied;
    // As in the paper, where mirroring is on it happens half of the time.
    const side = random() < 0.5;
    const brightness = BRIGHTNESS * gauss();
    const gain = 2 ** (CONTRAST * gauss());
    const angle = HUE * (2 * random() - 1);
    const vividness = 2 ** (SATURATION * gauss());
    const sigma = Math.abs(NOISE * gauss());
    const noiseSeed = Math.floor(random() * 2 ** 32);
    const [x, y] = [random(), random()];
    if (flip && side) parameters.mirror[i] = 1;
    parameters.colour.set(
      colourMatrix(hue ? angle : 0, saturate ? vividness : 1, contrast ? gain : 1),
      9 * i,
    );
    if (bright) parameters.offset.fill(brightness, 3 * i, 3 * i + 3);
    if (noisy) {
      const area = 3 * height * width;
      addNoise(parameters.noise.subarray(i * area, (i + 1) * area), sigma, noiseSeed);
    }
    if (cut) {
      cutAt(parameters.rows.subarray(i * height, (i + 1) * height), y);
      cutAt(parameters.columns.subarray(i * width, (i + 1) * width), x);
    }
  }
  return parameters;
}

/** Hue turns around grey, saturation scales away from it, contrast scales all: they commute but for rounding. */
function colourMatrix(angle: number, saturation: number, contrast: number): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle) / Math.sqrt(3)];
  return [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) => {
      // Rodrigues: across the grey axis cos I + sin [axis]x, along it 1.
      const turn = row === column ? 0 : (column - row + 3) % 3 === 1 ? -sin : sin;
      const across = cos * ((row === column ? 1 : 0) - 1 / 3) + turn;
      return contrast * (1 / 3 + saturation * across);
    }),
  );
}

function addNoise(out: Float32Array, sigma: number, seed: number): void {
  bank ??= Float32Array.from(randomNormals(BANK, 1));
  const random = randomUniform(seed);
  for (let start = 0; start < out.length; start += BLOCK) {
    const end = Math.min(out.length, start + BLOCK);
    const from = Math.floor(random() * (BANK - BLOCK));
    for (let i = start; i < end; i++) out[i] = sigma * bank[from + i - start]!;
  }
}

/** @param centre in [0, 1): of the square, which may reach beyond the border */
function cutAt(line: Float32Array, centre: number): void {
  const { length } = line;
  const from = Math.round((centre - CUTOUT / 2) * length);
  line.fill(1, Math.max(0, from), Math.min(length, from + Math.round(CUTOUT * length)));
}
