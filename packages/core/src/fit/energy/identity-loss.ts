import { mul, reduceSum, sub, type Tensor } from "@ganfit/autodiff";

/**
 * L_id = 1 - cos(F(I_0), F(I_R)): how far the rendering's identity features are from the photo's
 * (Gecer et al. 2019, equation 5).
 *
 * @param photo `1 x d`, of length 1
 * @param rendering `1 x d`, of length 1
 * @returns one number in [0, 2]
 */
export function identityLoss(photo: Tensor, rendering: Tensor): Tensor {
  return sub(1, reduceSum(mul(photo, rendering)));
}
