/**
 * A discriminator of details: convolutions of stride 2 that score every place by what surrounds it (Isola et
 * al. 2017, arXiv 1611.07004, section 3.2.2). It costs a tenth of the progressive one at 512 x 512, and a
 * hundred people give it many more than a hundred examples. As maps are registered it may know where on the face
 * it looks: learnt features of places join in at an eighth of the size.
 */
import {
  add,
  averagePool,
  concat,
  expand,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  upsample,
} from "@ganfit/autodiff";
import { convolution, rectified } from "./layers.js";
import type { WeightSource } from "./weights.js";

export interface PatchOptions {
  /** Features after each halving. */
  readonly features: readonly number[];
  /** Learnt features of places. */
  readonly places: number;
}

export const PATCH_DEFAULTS: PatchOptions = { features: [24, 48, 96, 96, 128], places: 8 };

/** After this many halvings the discriminator learns where it is. */
const PLACED_AFTER = 3;

/** Blocks of so many texels are what detail is told from, and detail is shown so many times stronger. */
const BLOCK = 4;
const STRENGTH = 10;

/**
 * @param pictures `n x 4 x height x width` in [0, 1]: colours and confidence
 * @returns `n x k` scores, higher for real ones: one for each place, by rows
 */
export function patchDiscriminator(
  weights: WeightSource,
  pictures: Tensor,
  { features, places }: PatchOptions,
): Tensor {
  // What gives generated maps away is a fiftieth of what maps differ by; shown as it is, it takes thousands of steps
  // until the first layer finds it.
  const colours = slice(pictures, [0], [3], [1]);
  const coarse = averagePool(colours, [BLOCK, BLOCK], { strides: [BLOCK, BLOCK] });
  const detail = mul(sub(colours, upsample(coarse, BLOCK)), STRENGTH);
  let x = concat([add(mul(pictures, 2), -1), detail], 1);
  features.forEach((to, i) => {
    if (i === PLACED_AFTER) {
      const [n, , height, width] = x.shape as readonly [number, number, number, number];
      const shape = [1, places, height, width];
      const own = weights("places", shape, "normal");
      x = concat([x, expand(own, [n, places, height, width])], 1);
    }
    x = rectified(convolution(weights, `conv${i}`, x, to, { kernel: 4, stride: 2, padding: 1 }));
  });
  const scores = convolution(weights, "score", x, 1, { gain: 1 });
  return reshape(scores, [scores.shape[0]!, -1]);
}
