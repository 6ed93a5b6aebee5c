import { add, div, mul, reduceSum, sqrt, sub, type Tensor } from "@ganfit/autodiff";

/** Rounds off the tip of the distance, in the landmarks' unit: its slope at 0 would have no direction. */
const TIP = 1e-3;

/**
 * L_lan: the mean Euclidean distance between landmarks and their projected points (Gecer et al. 2019,
 * equation 9), in parts of the distance between the pupils, so that it does not depend on the photo's size.
 *
 * @param landmarks `n x 2`, in parts of the distance between the pupils
 * @param projected `n x 2`, likewise
 * @param weights `n`, how much each counts
 * @returns one number
 */
export function landmarkLoss(landmarks: Tensor, projected: Tensor, weights: Tensor): Tensor {
  const difference = sub(projected, landmarks);
  const distance = sqrt(add(reduceSum(mul(difference, difference), [1]), TIP * TIP));
  return div(reduceSum(mul(distance, weights)), reduceSum(weights));
}
