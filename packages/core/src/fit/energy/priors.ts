import { abs, add, mul, reduceMean, reduceSum, sub, type Tensor } from "@ganfit/autodiff";
import type { Basis } from "../../models/morphable-model.js";

/**
 * The negative logarithm of N(0, deviation^2), a sum over coefficients, up to a constant; for blend shapes
 * besides a pull to 0, so that few of them explain an expression.
 *
 * @param coefficients `K`
 * @returns one number
 */
export function coefficientPrior(
  coefficients: Tensor,
  prior: Basis["prior"],
  deviation: number,
): Tensor {
  const squares = mul(reduceSum(mul(coefficients, coefficients)), 0.5 / deviation ** 2);
  return prior === "unit-interval"
    ? add(squares, mul(reduceSum(abs(coefficients)), 0.5 / deviation))
    : squares;
}

/**
 * The negative logarithm of N(neutral, deviation^2) of a light's numbers.
 *
 * @param light any shape
 * @param neutral the same shape
 * @param precision 1 / deviation^2, the same shape
 */
export function lightPrior(light: Tensor, neutral: Tensor, precision: Tensor): Tensor {
  const off = sub(light, neutral);
  return mul(reduceSum(mul(mul(off, off), precision)), 0.5);
}

/** The negative logarithm of N(0, I) of a latent, over the number of its entries. */
export function latentPrior(latent: Tensor): Tensor {
  return mul(reduceMean(mul(latent, latent)), 0.5);
}
