import { Matrix, inverse as mlInverse } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { normals } from "../../packages/core/src/random.js";
import {
  type GaussianPrior,
  type LatentGaussian,
  learnGaussian,
  learnGroupScales,
  logPosterior,
  posteriorOf,
} from "./em.js";

const K = 4;
const M = 9;

function gaussian(rows: number, columns: number, seed: number): Matrix {
  return Matrix.from1DArray(rows, columns, [...normals(rows * columns, seed)]);
}

/** People whose coefficients have a known mean and covariance, seen through a known map with noise. */
function simulate(people: number, truth: { mean: number[]; factor: Matrix }, seed: number) {
  const design = gaussian(M, K, 99);
  const coefficients = gaussian(people, K, seed).mmul(truth.factor.transpose());
  coefficients.addRowVector(truth.mean);
  const observations = coefficients.mmul(design.transpose()).add(gaussian(people, M, seed + 1));
  return { design, observations };
}

const weak = (covariance: Matrix, people: number, blocks?: number[]): GaussianPrior => ({
  covariance,
  people,
  meanDeviation: new Float64Array(K).fill(100),
  ...(blocks ? { blocks } : {}),
});

describe("EM for coefficients seen through a linear map", () => {
  const factor = new Matrix([
    [2, 0, 0, 0],
    [0.8, 1, 0, 0],
    [-0.5, 0.3, 0.7, 0],
    [0, 0, 0, 1.5],
  ]);
  const truth = { mean: [1, -2, 0.5, 0], factor };
  const covariance = factor.mmul(factor.transpose());

  it("recovers mean and covariance from many people", () => {
    const { design, observations } = simulate(6000, truth, 5);
    const found = learnGaussian(observations, design, weak(Matrix.eye(K), 1e-6), {
      iterations: 200,
    });
    truth.mean.forEach((value, k) => {
      // Four standard errors of a mean of 6000.
      expect(Math.abs(found.mean[k]! - value)).toBeLessThan(0.15);
    });
    for (let a = 0; a < K; a++) {
      for (let b = 0; b < K; b++) {
        expect(Math.abs(found.covariance.get(a, b) - covariance.get(a, b))).toBeLessThan(0.3);
      }
    }
  });

  it("raises the log posterior at every iteration", () => {
    const { design, observations } = simulate(30, truth, 7);
    const prior = weak(Matrix.eye(K), 10, [0, 0, 0, 1]);
    const values: number[] = [];
    learnGaussian(observations, design, prior, {
      iterations: 25,
      onIteration: (estimate) => values.push(logPosterior(observations, design, prior, estimate)),
    });
    for (let i = 1; i < values.length; i++) {
      expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]! - 1e-9);
    }
    expect(values.at(-1)! - values[0]!).toBeGreaterThan(1);
  });

  it("agrees with the closed form where coefficients are seen without noise to speak of", () => {
    const people = 50;
    const coefficients = gaussian(people, K, 11).mmul(factor.transpose());
    const design = Matrix.eye(K).mul(1e4);
    const found = learnGaussian(
      coefficients.mmul(design),
      design,
      { covariance: Matrix.eye(K), people: 20, meanDeviation: new Float64Array(K).fill(1e6) },
      { iterations: 5 },
    );
    const mean = coefficients.mean("column");
    const centred = coefficients.clone().subRowVector(mean);
    const expected = centred
      .transpose()
      .mmul(centred)
      .add(Matrix.eye(K).mul(20))
      .div(people + 20);
    mean.forEach((value, k) => {
      expect(found.mean[k]!).toBeCloseTo(value, 5);
    });
    expect(Matrix.sub(found.covariance, expected).norm()).toBeLessThan(1e-5);
  });

  it("gives the posterior of conditioning a joint normal distribution", () => {
    const { design, observations } = simulate(3, truth, 13);
    const known: LatentGaussian = { mean: Float64Array.from(truth.mean), covariance };
    const { means, covariance: uncertainty } = posteriorOf(observations, design, known);
    const marginal = design.mmul(covariance).mmul(design.transpose()).add(Matrix.eye(M));
    const gain = covariance.mmul(design.transpose()).mmul(mlInverse(marginal));
    const expected = Matrix.sub(covariance, gain.mmul(design).mmul(covariance));
    expect(Matrix.sub(uncertainty, expected).norm()).toBeLessThan(1e-9);
    const centred = observations
      .clone()
      .subRowVector(design.mmul(Matrix.columnVector(truth.mean)).to1DArray());
    const shifted = centred.mmul(gain.transpose()).addRowVector(truth.mean);
    expect(Matrix.sub(means, shifted).norm()).toBeLessThan(1e-9);
  });

  it("keeps blocks uncorrelated and pinned means at 0", () => {
    const { design, observations } = simulate(40, truth, 17);
    const prior = {
      ...weak(Matrix.eye(K), 5, [0, 1, 0, 1]),
      meanDeviation: Float64Array.of(1, 0, 1, 0),
    };
    const found = learnGaussian(observations, design, prior, { iterations: 10 });
    expect(found.mean[1]).toBe(0);
    expect(found.mean[3]).toBe(0);
    expect(found.covariance.get(0, 1)).toBe(0);
    expect(found.covariance.get(2, 3)).toBe(0);
    expect(found.covariance.get(0, 2)).not.toBe(0);
  });

  it("finds the scale of groups, and leaves a group that is not seen as it was", () => {
    const people = 4000;
    const design = gaussian(M, K, 3);
    for (let m = 0; m < M; m++) design.set(m, 3, 0);
    const deviations = Float64Array.of(1, 2, 0.5, 1);
    const groups = [0, 0, 1, 2];
    const truths = [0.5, 0.5, 3, 1];
    const coefficients = gaussian(people, K, 21);
    for (let k = 0; k < K; k++) coefficients.mulColumn(k, deviations[k]! * truths[k]!);
    const observations = coefficients.mmul(design.transpose()).add(gaussian(people, M, 22));
    const found = learnGroupScales(
      observations,
      design,
      deviations,
      groups,
      new Float64Array(K).fill(1),
      150,
    );
    expect(found[0]!).toBeCloseTo(0.5, 1);
    expect(found[1]!).toBeCloseTo(3, 0);
    expect(found[2]!).toBeCloseTo(1, 6);
  });
});
