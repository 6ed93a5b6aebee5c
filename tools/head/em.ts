// Mean and covariance of coefficients that are seen only through a linear map with noise: expectation
// maximisation for the linear-Gaussian latent model
//
//     y_i = H c_i + e_i,   c_i ~ N(mu, Sigma),   e_i ~ N(0, I)
//
// (Rubin and Thayer, EM algorithms for ML factor analysis, Psychometrika 47, 1982; here H is known and
// Sigma is what is sought). Observations and H have been divided by the noise's standard deviation.

import { Matrix } from "ml-matrix";
import { choleskyFactor, choleskySolve, flat, inverse, logDeterminant } from "./cholesky.js";

export interface LatentGaussian {
  /** `K`. */
  readonly mean: Float64Array;
  /** `K x K`. */
  readonly covariance: Matrix;
}

export interface LatentPosterior {
  /** `N x K`: expected coefficients of each observation. */
  readonly means: Matrix;
  /** `K x K`: their covariance, the same for all, since all are seen through the same map. */
  readonly covariance: Matrix;
}

/** What {@link learnGaussian} may change of the mean, and towards what it draws the covariance. */
export interface GaussianPrior {
  /** `K x K`, positive definite: where the covariance is drawn to. */
  readonly covariance: Matrix;
  /**
   * How many people the prior covariance counts for: the estimate is the mode under an inverse Wishart
   * prior, the mean of the people's scatter and of the prior's weighted by numbers.
   */
  readonly people: number;
  /**
   * `K`: prior standard deviations of the mean's elements around 0. An element with 0 stays 0.
   */
  readonly meanDeviation: Float64Array;
  /** `K`: elements of different blocks are uncorrelated. */
  readonly blocks?: readonly number[];
}

/** What the observations say about their coefficients under known parameters: the E-step. */
export function posteriorOf(
  observations: Matrix,
  design: Matrix,
  { mean, covariance }: LatentGaussian,
): LatentPosterior {
  const precision = inverse(covariance);
  return posteriorFrom(precision, gram(design), project(observations, design), mean);
}

/**
 * Posterior covariance `P = (Sigma^-1 + H'H)^-1` and means `P (H'y + Sigma^-1 mu)`.
 *
 * @param projected `N x K`: `H' y` of each observation
 */
function posteriorFrom(
  precision: Matrix,
  information: Matrix,
  projected: Matrix,
  mean: Float64Array,
): LatentPosterior {
  const covariance = inverse(Matrix.add(precision, information));
  const pull = precision.mmul(Matrix.columnVector(mean));
  const right = projected.clone();
  right.addRowVector(pull.to1DArray());
  return { means: right.mmul(covariance), covariance };
}

export interface LearnOptions {
  readonly iterations: number;
  /** Called after each iteration with what it has found. */
  readonly onIteration?: (estimate: LatentGaussian) => void;
}

/**
 * Maximum a posteriori estimate of mean and covariance by EM. Each iteration raises
 * {@link logPosterior}.
 *
 * @param observations `N x M`, one per row, whitened
 * @param design `M x K`, whitened
 */
export function learnGaussian(
  observations: Matrix,
  design: Matrix,
  prior: GaussianPrior,
  { iterations, onIteration }: LearnOptions,
): LatentGaussian {
  const people = observations.rows;
  const size = design.columns;
  const information = gram(design);
  const projected = project(observations, design);
  let estimate: LatentGaussian = {
    mean: new Float64Array(size),
    covariance: prior.covariance.clone(),
  };
  for (let iteration = 0; iteration < iterations; iteration++) {
    const precision = inverse(estimate.covariance);
    const posterior = posteriorFrom(precision, information, projected, estimate.mean);
    const mean = updateMean(posterior.means, precision, prior.meanDeviation, estimate.mean);
    const scatter = scatterAround(posterior, mean);
    const covariance = Matrix.add(scatter, Matrix.mul(prior.covariance, prior.people)).div(
      people + prior.people,
    );
    if (prior.blocks) separate(covariance, prior.blocks);
    estimate = { mean, covariance };
    onIteration?.(estimate);
  }
  return estimate;
}

/**
 * Scales of groups of independent coefficients by maximum likelihood (type II): `c_k` has standard
 * deviation `scale[group[k]] * deviations[k]` around a common mean. Groups that the observations do not
 * see keep the scale 1.
 *
 * @param deviations `K`, positive
 * @param groups `K` numbers from 0
 * @returns the scale of each group
 */
export function learnGroupScales(
  observations: Matrix,
  design: Matrix,
  deviations: Float64Array,
  groups: readonly number[],
  meanDeviation: Float64Array,
  iterations: number,
): Float64Array {
  const people = observations.rows;
  const information = gram(design);
  const projected = project(observations, design);
  const count = Math.max(...groups) + 1;
  const scales = new Float64Array(count).fill(1);
  let mean: Float64Array = new Float64Array(deviations.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const variances = deviations.map((deviation, k) => (deviation * scales[groups[k]!]!) ** 2);
    const precision = Matrix.diag(Array.from(variances, (variance) => 1 / variance));
    const posterior = posteriorFrom(precision, information, projected, mean);
    mean = updateMean(posterior.means, precision, meanDeviation, mean);
    const scatter = scatterAround(posterior, mean);
    const sums = new Float64Array(count);
    const sizes = new Float64Array(count);
    for (let k = 0; k < deviations.length; k++) {
      sums[groups[k]!]! += scatter.get(k, k) / people / deviations[k]! ** 2;
      sizes[groups[k]!]!++;
    }
    for (let g = 0; g < count; g++) scales[g] = Math.sqrt(sums[g]! / sizes[g]!);
  }
  return scales;
}

/**
 * The logarithm of what {@link learnGaussian} maximises, up to a constant: likelihood of the
 * observations, inverse Wishart density of the covariance and normal density of the mean.
 */
export function logPosterior(
  observations: Matrix,
  design: Matrix,
  prior: GaussianPrior,
  { mean, covariance }: LatentGaussian,
): number {
  const marginal = design.mmul(covariance).mmul(design.transpose());
  for (let i = 0; i < marginal.rows; i++) marginal.set(i, i, marginal.get(i, i) + 1);
  const centred = observations.clone();
  centred.subRowVector(design.mmul(Matrix.columnVector(mean)).to1DArray());
  const solved = inverse(marginal).mmul(centred.transpose());
  let value = -0.5 * observations.rows * logDeterminant(marginal);
  for (let n = 0; n < centred.rows; n++) {
    for (let m = 0; m < centred.columns; m++) value -= 0.5 * centred.get(n, m) * solved.get(m, n);
  }
  value -= 0.5 * prior.people * logDeterminant(covariance);
  value -= 0.5 * prior.people * inverse(covariance).mmul(prior.covariance).trace();
  prior.meanDeviation.forEach((deviation, k) => {
    if (deviation > 0) value -= 0.5 * (mean[k]! / deviation) ** 2;
  });
  return value;
}

/** `argmax` over mu of the expected log density: `(N Lambda + D^-2)^-1 N Lambda mean(c)`. */
function updateMean(
  means: Matrix,
  precision: Matrix,
  deviations: Float64Array,
  previous: Float64Array,
): Float64Array {
  const free = [...deviations.keys()].filter((k) => deviations[k]! > 0);
  const out = new Float64Array(previous.length);
  if (free.length === 0) return out;
  const people = means.rows;
  const average = Matrix.columnVector(means.mean("column"));
  const pull = Matrix.mul(precision, people).mmul(average);
  const left = Matrix.mul(precision.selection(free, free), people);
  free.forEach((k, i) => {
    left.set(i, i, left.get(i, i) + deviations[k]! ** -2);
  });
  const solved = choleskySolve(
    choleskyFactor(flat(left), free.length),
    free.map((k) => pull.get(k, 0)),
  );
  free.forEach((k, i) => {
    out[k] = solved[i]!;
  });
  return out;
}

/** Expected `sum_i (c_i - mu)(c_i - mu)'`. */
function scatterAround({ means, covariance }: LatentPosterior, mean: Float64Array): Matrix {
  const centred = means.clone();
  centred.subRowVector([...mean]);
  return gram(centred).add(Matrix.mul(covariance, means.rows));
}

function separate(covariance: Matrix, blocks: readonly number[]): void {
  for (let a = 0; a < covariance.rows; a++) {
    for (let b = 0; b < covariance.columns; b++) {
      if (blocks[a] !== blocks[b]) covariance.set(a, b, 0);
    }
  }
}

/** `A' A`. */
function gram(matrix: Matrix): Matrix {
  return matrix.transpose().mmul(matrix);
}

function project(observations: Matrix, design: Matrix): Matrix {
  return observations.mmul(design);
}
