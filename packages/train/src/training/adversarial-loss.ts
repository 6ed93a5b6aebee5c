/**
 * The game between generator and discriminator, as two losses and a penalty each that keeps the discriminator's slope
 * bounded. Scores are `n x k`: k places of each picture (1 for a discriminator of whole pictures).
 *
 * - `wgan-gp` (Gulrajani et al. 2017, arXiv 1704.00028), GANFIT's: the critic's mean score of generated pictures minus that
 *   of real ones; 10 times the squared deviation from 1 of the norm of its gradient at random mixtures of both; and,
 *   from Karras et al. 2018, 0.001 times the squared scores of real pictures against drift.
 * - `logistic` (Goodfellow et al. 2014 with the non-saturating generator), and R1 (Mescheder et al. 2018, arXiv
 *   1801.04406): the squared norm of the gradient at real pictures.
 */
import {
  add,
  gradients,
  mul,
  neg,
  reduceL2,
  reduceMean,
  reduceSum,
  softplus,
  sub,
  type Tensor,
} from "@ganfit/autodiff";
import { blended } from "../networks/layers.js";

export type Adversary = "wgan-gp" | "logistic";

export interface AdversaryWeights {
  /** Of the gradient's deviation from 1 in `wgan-gp`. */
  readonly slope: number;
  /** Of the squared scores of real pictures in `wgan-gp`. */
  readonly drift: number;
  /** Of R1 in `logistic`; the sum over a picture's values of the gradient of all its places, over their number. */
  readonly r1: number;
}

export const ADVERSARY_WEIGHTS: AdversaryWeights = { slope: 10, drift: 0.001, r1: 0.001 };

/** Whose scores these are: `n x k` of `n x c x h x w`. */
export type Critic = (pictures: Tensor) => Tensor;

/** @returns scalar, for the discriminator to minimise, without the penalty */
export function discriminatorLoss(
  adversary: Adversary,
  real: Tensor,
  generated: Tensor,
  { drift }: AdversaryWeights = ADVERSARY_WEIGHTS,
): Tensor {
  if (adversary === "logistic") {
    return add(reduceMean(softplus(neg(real))), reduceMean(softplus(generated)));
  }
  const kept = mul(reduceMean(mul(real, real)), drift);
  return add(sub(reduceMean(generated), reduceMean(real)), kept);
}

/** @returns scalar, for the generator to minimise */
export function generatorLoss(adversary: Adversary, generated: Tensor): Tensor {
  return adversary === "logistic"
    ? reduceMean(softplus(neg(generated)))
    : neg(reduceMean(generated));
}

/**
 * @param share `n x 1 x 1 x 1` in [0, 1]: how much of the generated picture each mixture of `wgan-gp` has
 * @returns scalar, for the discriminator to minimise
 */
export function slopePenalty(
  adversary: Adversary,
  critic: Critic,
  { real, generated, share }: { real: Tensor; generated: Tensor; share: Tensor },
  { slope, r1 }: AdversaryWeights = ADVERSARY_WEIGHTS,
): Tensor {
  if (adversary === "logistic") {
    const scores = critic(real);
    const [gradient] = gradients(reduceSum(scores), [real]);
    const places = scores.size / scores.shape[0]!;
    const squares = reduceSum(mul(gradient!, gradient!), [1, 2, 3]);
    return mul(reduceMean(squares), r1 / 2 / places);
  }
  const mixed = blended(real, generated, share);
  const [gradient] = gradients(reduceSum(reduceMean(critic(mixed), [1])), [mixed]);
  const excess = sub(reduceL2(gradient!, [1, 2, 3]), 1);
  return mul(reduceMean(mul(excess, excess)), slope);
}
