/**
 * A whole texture from the part that a photograph shows. What is missing on one side of the face is taken
 * from the other side, where that is seen, and all the rest from a mean texture, but only their detail: how
 * the colour changes from texel to texel. The level follows from what is seen, through one screened Poisson
 * equation over the map, so that neither source leaves a border.
 *
 * The differences between neighbours are those of the photo where it can be trusted, otherwise of its mirror
 * image, otherwise of the mean texture, with weights that pass smoothly from one to the next. Trusted texels
 * hold their colour. Far from them (the back of the head) the colour tends to the mean texture's in the
 * person's own skin tone.
 */

import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import { PoissonSolver } from "./poisson.js";
import { mirrored, type PartialTexture, type TextureMap } from "./texture-map.js";

export interface CompleteTextureOptions {
  /**
   * `size x size` in [0, 1]: the bare skin by which the person's skin tone is compared with the mean's, such
   * as `faceRegions().skin`. Everything seen where absent.
   */
  readonly skin?: Float32Array;
  /** How strongly a mirrored texel's level counts, beside its detail, against 1 for one that is seen; 0.02. */
  readonly mirrorLevel?: number;
  /** The distance over which the level of what is seen fades into the mean's, parts of the side; 0.25. */
  readonly reach?: number;
}

/** Confidence of a seen texel from which on its difference to its neighbour is taken alone. */
const SEEN = { from: 0.05, to: 0.6 } as const;

/** From the left and right border inwards, parts of the side: where both sides of the seam are made alike. */
const SEAM = 0.09;

/**
 * @param unwrapped from `unwrapTexture`, with its light taken out or not
 * @param mean a complete texture of the same size, symmetric
 * @throws GanfitError `usage` where the sizes differ
 */
export function completeTexture(
  unwrapped: PartialTexture,
  mean: TextureMap,
  options: CompleteTextureOptions = {},
): TextureMap {
  const { size, colour, confidence } = unwrapped;
  const { skin, mirrorLevel = 0.02, reach = 0.25 } = options;
  const count = size * size;
  if (mean.size !== size || (skin && skin.length !== count)) {
    throw new GanfitError(
      "usage",
      `A texture of ${size} texels cannot be completed by a mean of ${mean.size}.`,
    );
  }
  const base = inSkinTone(unwrapped, mean, skin);
  const mirror = mirrored(colour, size, 3);
  const mirrorConfidence = mirrored(confidence, size, 1);
  const sure = confidence.map((value) => smoothStep(SEEN.from, SEEN.to, value));
  const mirrorSure = mirrorConfidence.map((value) => smoothStep(SEEN.from, SEEN.to, value));

  // Where the photo is trusted its colours hold; elsewhere the mirror image's level helps a little.
  const screen = new Float64Array(count);
  const far = 1 / (reach * size) ** 2;
  const shares = { own: new Float64Array(count), mirror: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const own = confidence[i]! ** 2 * sure[i]!;
    const other = mirrorLevel * (1 - sure[i]!) * mirrorConfidence[i]! ** 2 * mirrorSure[i]!;
    screen[i] = own + other + far;
    shares.own[i] = own / screen[i]!;
    shares.mirror[i] = other / screen[i]!;
  }
  const ones = new Float32Array(count).fill(1);
  const solver = new PoissonSolver({ width: size, height: size, right: ones, down: ones, screen });
  const out = new Float32Array(3 * count);
  const target = new Float64Array(count);
  const gradientRight = new Float64Array(count);
  const gradientDown = new Float64Array(count);
  for (let c = 0; c < 3; c++) {
    const difference = (i: number, j: number) => {
      // A difference is only as sure as both its texels.
      const own = Math.min(sure[i]!, sure[j]!);
      const other = (1 - own) * Math.min(mirrorSure[i]!, mirrorSure[j]!);
      const [a, b] = [3 * i + c, 3 * j + c];
      return (
        own * (colour[b]! - colour[a]!) +
        other * (mirror[b]! - mirror[a]!) +
        (1 - own - other) * (base[b]! - base[a]!)
      );
    };
    for (let i = 0; i < count; i++) {
      if ((i + 1) % size !== 0) gradientRight[i] = difference(i, i + 1);
      if (i + size < count) gradientDown[i] = difference(i, i + size);
      const own = shares.own[i]!;
      const other = shares.mirror[i]!;
      target[i] =
        own * colour[3 * i + c]! +
        other * mirror[3 * i + c]! +
        (1 - own - other) * base[3 * i + c]!;
    }
    const solution = solver.solve({ gradientRight, gradientDown, target }, { tolerance: 1e-5 });
    for (let i = 0; i < count; i++) out[3 * i + c] = Math.min(1, Math.max(0, solution[i]!));
  }
  return { size, colour: closeSeam(out, size) };
}

/**
 * The mean texture scaled per channel so that its bare skin has the person's colour. The medians leave out
 * beards, freckles and what else is not skin.
 */
function inSkinTone(
  { size, colour, confidence }: PartialTexture,
  mean: TextureMap,
  skin: Float32Array | undefined,
): Float32Array {
  const chosen: number[] = [];
  for (let i = 0; i < size * size; i++) {
    if (confidence[i]! * (skin ? skin[i]! : 1) > 0.5) chosen.push(i);
  }
  if (chosen.length === 0) return mean.colour.slice();
  const gains = [0, 1, 2].map((c) => {
    const middle = (values: Float32Array) => {
      const sorted = Float32Array.from(chosen, (i) => values[3 * i + c]!).sort();
      return sorted[sorted.length >> 1]!;
    };
    return middle(colour) / Math.max(middle(mean.colour), 1 / 255);
  });
  return mean.colour.map((value, i) => value * gains[i % 3]!);
}

/** The left and right border are the two sides of the seam at the back of the head. */
function closeSeam(colour: Float32Array, size: number): Float32Array {
  const other = mirrored(colour, size, 3);
  const width = SEAM * size;
  return colour.map((value, i) => {
    const texel = Math.floor(i / 3);
    const column = texel % size;
    const row = Math.floor(texel / size);
    const inwards = Math.min(column, size - 1 - column, row) + 0.5;
    return value + (0.5 - 0.5 * smoothStep(0, width, inwards)) * (other[i]! - value);
  });
}
