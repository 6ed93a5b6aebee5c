import { abs, add, div, maximum, mul, reduceSum, sub, type Tensor } from "@ganfit/autodiff";

/**
 * Where a difference counts half of what it would count alone: what is hidden and was not masked, and highlights,
 * are no skin that a texture should follow.
 */
const SATURATION = 0.4;

/**
 * L_pix: the mean absolute difference of photo and rendering over the face (Gecer et al. 2019,
 * equation 8), each pixel counting as much as it is surely face and covered by the rendering. Large differences
 * level off, as `d / (1 + d / saturation)`.
 *
 * @param photo `P x 3`, gamma-coded in [0, 1]
 * @param rendering `P x 3`
 * @param weights `P x 1`
 * @returns one number
 */
export function pixelLoss(photo: Tensor, rendering: Tensor, weights: Tensor): Tensor {
  const difference = abs(sub(photo, rendering));
  const robust = div(difference, add(mul(difference, 1 / SATURATION), 1));
  return div(reduceSum(mul(robust, weights)), maximum(mul(reduceSum(weights), 3), 1));
}
