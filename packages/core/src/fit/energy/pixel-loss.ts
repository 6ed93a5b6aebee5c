import { abs, div, maximum, mul, reduceSum, sub, type Tensor } from "@ganfit/autodiff";

/**
 * L_pix: the mean absolute difference of photo and rendering over the face (Gecer et al. 2019,
 * equation 8), each pixel counting as much as it is surely face and covered by the rendering.
 *
 * @param photo `P x 3`, gamma-coded in [0, 1]
 * @param rendering `P x 3`
 * @param weights `P x 1`
 * @returns one number
 */
export function pixelLoss(photo: Tensor, rendering: Tensor, weights: Tensor): Tensor {
  const difference = reduceSum(mul(abs(sub(photo, rendering)), weights));
  return div(difference, maximum(mul(reduceSum(weights), 3), 1));
}
