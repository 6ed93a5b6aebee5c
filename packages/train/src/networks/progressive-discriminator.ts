/**
 * The discriminator of progressive growing (Karras et al. 2018, table 2), the generator's mirror image: at every
 * size two 3 x 3 convolutions and an average over 2 x 2, at 4 x 4 the minibatch's standard deviation, and one
 * number. While a size fades in, its features are mixed with those of the picture halved.
 */
import { add, mul, reshape, type Tensor } from "@ganfit/autodiff";
import { blended, convolution, dense, halved, rectified, withBatchDeviation } from "./layers.js";
import { featuresAt, type ProgressiveOptions, sizesTo } from "./progressive-generator.js";
import type { WeightSource } from "./weights.js";

/**
 * @param pictures `n x c x size x size` in [0, 1]: colours, and what else tells real from generated
 * @param fade as of the generator
 * @returns `n x 1` scores, higher for real ones
 */
export function progressiveDiscriminator(
  weights: WeightSource,
  pictures: Tensor,
  fade: Tensor | undefined,
  options: Pick<ProgressiveOptions, "width">,
): Tensor {
  const size = pictures.shape[3]!;
  const entered = (picture: Tensor, side: number) => {
    const signed = add(mul(picture, 2), -1);
    const to = featuresAt(side, options);
    return rectified(convolution(weights, `${side}x${side}/entry`, signed, to, { kernel: 1 }));
  };
  let x = entered(pictures, size);
  for (const side of sizesTo(size).reverse()) {
    if (side === 4) return lastScore(weights, x, options);
    const name = `${side}x${side}`;
    x = rectified(convolution(weights, `${name}/conv0`, x, featuresAt(side, options)));
    x = rectified(convolution(weights, `${name}/conv1`, x, featuresAt(side / 2, options)));
    x = halved(x);
    if (side === size && fade) x = blended(entered(halved(pictures), side / 2), x, fade);
  }
  return x;
}

function lastScore(weights: WeightSource, x: Tensor, options: Pick<ProgressiveOptions, "width">) {
  const n = x.shape[0]!;
  const features = featuresAt(4, options);
  const mixed = rectified(convolution(weights, "4x4/conv", withBatchDeviation(x), features));
  const flat = reshape(mixed, [n, 16 * features]);
  const inner = rectified(dense(weights, "4x4/dense0", flat, features));
  return dense(weights, "4x4/dense1", inner, 1, { gain: 1 });
}
