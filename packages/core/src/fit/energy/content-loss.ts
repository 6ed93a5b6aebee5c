import { add, div, mul, reduceSum, sqrt, sub, type Tensor } from "@ganfit/autodiff";

/** Rounds off the tip of the norm, whose slope at 0 would have no direction. */
const TIP = 1e-6;

/**
 * L_con: the sum over layers j of the recognition network of |F_j(I_0) - F_j(I_R)|_2 / (H_j W_j C_j) (Gecer
 * et al. 2019, equation 7).
 *
 * @param photo activations of each layer, `1 x C x H x W` or of any other shape
 * @param rendering likewise, of the same shapes
 * @returns one number
 */
export function contentLoss(photo: readonly Tensor[], rendering: readonly Tensor[]): Tensor {
  return photo
    .map((of, j) => {
      const difference = sub(rendering[j]!, of);
      return div(sqrt(add(reduceSum(mul(difference, difference)), TIP ** 2)), of.size);
    })
    .reduce((sum, layer) => add(sum, layer));
}
