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
 *
 * The three sources, laid over each other by the same weights, differ from the solution only by slow changes, since
 * they have its detail. So it is these changes that are solved for, on a grid of at most 512 texels.
 */

import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import { PoissonSolver } from "./poisson.js";
import { enlarged, reductionOf } from "./smooth-field.js";
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
  const mirrorSure = mirrored(sure, size, 1);

  // Where the photo is trusted its colours hold; elsewhere the mirror image's level helps a little.
  const far = 1 / (reach * size) ** 2;
  const own = new Float32Array(count);
  const other = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    own[i] = confidence[i]! ** 2 * sure[i]!;
    other[i] = mirrorLevel * (1 - sure[i]!) * mirrorConfidence[i]! ** 2 * mirrorSure[i]!;
  }

  // The three sources laid over each other are near the solution but for slow changes of their levels.
  const laid = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const first = sure[i]!;
    const second = (1 - first) * mirrorSure[i]!;
    const third = 1 - first - second;
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      laid[c] = first * colour[c]! + second * mirror[c]! + third * base[c]!;
    }
  }
  const factor = reductionOf(size);
  const small = size / factor;
  const screen = new Float64Array(small * small);
  for (let i = 0; i < count; i++) screen[cellOf(i, size, factor)]! += own[i]! + other[i]! + far;
  const ones = new Float32Array(small * small).fill(1);
  const solver = new PoissonSolver({
    width: small,
    height: small,
    right: ones,
    down: ones,
    screen,
  });
  const correction = new Float32Array(3 * small * small);
  const target = new Float64Array(small * small);
  const gradientRight = new Float64Array(small * small);
  const gradientDown = new Float64Array(small * small);
  for (let c = 0; c < 3; c++) {
    // What is wanted less what the laid sources have.
    const lacking = (i: number, j: number) => {
      // A difference is only as sure as both its texels.
      const first = Math.min(sure[i]!, sure[j]!);
      const second = (1 - first) * Math.min(mirrorSure[i]!, mirrorSure[j]!);
      const [a, b] = [3 * i + c, 3 * j + c];
      return (
        first * (colour[b]! - colour[a]!) +
        second * (mirror[b]! - mirror[a]!) +
        (1 - first - second) * (base[b]! - base[a]!) -
        (laid[b]! - laid[a]!)
      );
    };
    target.fill(0);
    gradientRight.fill(0);
    gradientDown.fill(0);
    for (let row = 0, i = 0; row < size; row++) {
      for (let column = 0; column < size; column++, i++) {
        const cell = Math.floor(row / factor) * small + Math.floor(column / factor);
        const at = 3 * i + c;
        target[cell]! +=
          own[i]! * (colour[at]! - laid[at]!) +
          other[i]! * (mirror[at]! - laid[at]!) +
          far * (base[at]! - laid[at]!);
        // Of differences those that cross from one cell to the next.
        if ((column + 1) % factor === 0 && column + 1 < size) {
          gradientRight[cell]! += lacking(i, i + 1);
        }
        if ((row + 1) % factor === 0 && row + 1 < size) {
          gradientDown[cell]! += lacking(i, i + size);
        }
      }
    }
    for (let cell = 0; cell < target.length; cell++) target[cell]! /= screen[cell]!;
    const solution = solver.solve({ gradientRight, gradientDown, target }, { tolerance: 1e-4 });
    for (let cell = 0; cell < solution.length; cell++) correction[3 * cell + c] = solution[cell]!;
  }
  const out = enlarged(correction, small, 3, factor);
  for (let i = 0; i < out.length; i++) out[i] = Math.min(1, Math.max(0, out[i]! + laid[i]!));
  return { size, colour: closeSeam(out, size) };
}

/** The cell of the smaller grid in which a texel lies. */
function cellOf(texel: number, size: number, factor: number): number {
  const row = Math.floor(texel / size);
  return Math.floor(row / factor) * (size / factor) + Math.floor((texel % size) / factor);
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
  const out = colour.slice();
  const width = SEAM * size;
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++, i++) {
      const inwards = Math.min(column, size - 1 - column, row) + 0.5;
      if (inwards >= width) continue;
      const share = 0.5 - 0.5 * smoothStep(0, width, inwards);
      const opposite = row * size + size - 1 - column;
      for (let c = 0; c < 3; c++) {
        out[3 * i + c]! += share * (colour[3 * opposite + c]! - colour[3 * i + c]!);
      }
    }
  }
  return out;
}
