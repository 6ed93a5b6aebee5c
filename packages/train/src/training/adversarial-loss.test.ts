import {
  evaluate,
  Graph,
  gradients,
  matmul,
  mul,
  reduceSum,
  reshape,
  type Tensor,
} from "@ganfit/autodiff";
import { describe, expect, it, test } from "vitest";
import { noise } from "../../test/network-values.js";
import {
  ADVERSARY_WEIGHTS,
  type Adversary,
  discriminatorLoss,
  generatorLoss,
  slopePenalty,
} from "./adversarial-loss.js";

const SHAPE = [2, 3, 2, 2] as const;
const SIZE = 12;

/** Makes an input of the graph with its values: what constants alone decide has no gradient. */
type Given = (values: ArrayLike<number>, shape: readonly number[]) => Tensor;

function computed(build: (given: Given) => Tensor): number {
  const graph = new Graph();
  const feeds = new Map<Tensor, ArrayLike<number>>();
  const result = build((values, shape) => {
    const tensor = graph.input(`x${feeds.size}`, "float32", shape);
    feeds.set(tensor, values);
    return tensor;
  });
  return evaluate([result], feeds)[0]![0]!;
}

/** A critic `w . x` of one place, or of several with a column each. */
function linear(given: Given, w: Float32Array, places = 1) {
  const weights = given(w, [SIZE, places]);
  return (pictures: Tensor) => matmul(reshape(pictures, [-1, SIZE]), weights);
}

/** Two pictures of each kind. */
const shownBy = (given: Given, share: readonly number[] = [0.5, 0.5], made = 3) => ({
  real: given(noise(24, 2), SHAPE),
  generated: given(noise(24, made), SHAPE),
  share: given(share, [2, 1, 1, 1]),
});

const squares = (x: Tensor) => reshape(reduceSum(mul(x, x), [1, 2, 3]), [-1, 1]);
const sumOf = (values: Float32Array, from: number, count = 3) =>
  values.subarray(from, from + count).reduce((sum, value) => sum + value, 0);
const norm = (w: Float32Array) => Math.sqrt(w.reduce((sum, value) => sum + value * value, 0));

describe("wgan-gp", () => {
  test("the critic's loss is the difference of means, and the drift of what is real", () => {
    const loss = (drift: number) =>
      computed((given) =>
        discriminatorLoss("wgan-gp", given([1, 2, -3, 4], [4, 1]), given([0.5, -1], [2, 1]), {
          ...ADVERSARY_WEIGHTS,
          drift,
        }),
      );
    expect(ADVERSARY_WEIGHTS).toMatchObject({ slope: 10, drift: 0.001 });
    expect(loss(0)).toBeCloseTo(-0.25 - 1, 6);
    expect(loss(0.001)).toBeCloseTo(-1.25 + (0.001 * (1 + 4 + 9 + 16)) / 4, 6);
  });

  test("the generator's is minus the mean score", () => {
    const loss = computed((given) => generatorLoss("wgan-gp", given([1, 2, -6, 4], [2, 2])));
    expect(loss).toBeCloseTo(-0.25, 6);
  });

  const w = noise(SIZE, 1);
  const penaltyOf = (weights: Float32Array, share?: readonly number[]) =>
    computed((given) => slopePenalty("wgan-gp", linear(given, weights), shownBy(given, share)));

  test.each([0, 0.3, 1])("a linear critic costs 10 (|w| - 1)^2 at any mixture (%d)", (share) => {
    expect(penaltyOf(w, [share, 1 - share])).toBeCloseTo(10 * (norm(w) - 1) ** 2, 4);
  });

  test("nothing where the slope is 1, and 10 where there is none", () => {
    expect(penaltyOf(w.map((value) => value / norm(w)))).toBeCloseTo(0, 5);
    expect(penaltyOf(new Float32Array(SIZE))).toBeCloseTo(10, 5);
  });

  test("the slope is that of the mean over places", () => {
    // Of three places the mean has a third of the sum's weights.
    const penalty = computed((given) =>
      slopePenalty("wgan-gp", linear(given, noise(3 * SIZE, 6), 3), shownBy(given)),
    );
    const mean = Float32Array.from({ length: SIZE }, (_, i) => sumOf(noise(36, 6), 3 * i) / 3);
    expect(penalty).toBeCloseTo(10 * (norm(mean) - 1) ** 2, 4);
  });

  test("the slope of a critic of squares is taken at the mixture of each picture", () => {
    const share = [0.25, 0.875];
    const penalty = computed((given) =>
      slopePenalty("wgan-gp", squares, shownBy(given, share), { ...ADVERSARY_WEIGHTS, slope: 3 }),
    );
    const [real, generated] = [noise(24, 2), noise(24, 3)];
    const excess = share.map((t, k) => {
      const mixed = real
        .map((value, i) => value + t * (generated[i]! - value))
        .subarray(SIZE * k, SIZE * (k + 1));
      return 2 * norm(mixed) - 1;
    });
    expect(penalty / ((3 * (excess[0]! ** 2 + excess[1]! ** 2)) / 2)).toBeCloseTo(1, 5);
  });
});

describe("logistic", () => {
  const softplus = (x: number) => Math.log(1 + Math.exp(x));

  test("the losses are cross entropies, the generator's non-saturating", () => {
    const loss = computed((given) =>
      discriminatorLoss("logistic", given([2, -1], [2, 1]), given([0.5, -3], [1, 2])),
    );
    expect(loss).toBeCloseTo(
      (softplus(-2) + softplus(1)) / 2 + (softplus(0.5) + softplus(-3)) / 2,
      6,
    );
    const own = computed((given) => generatorLoss("logistic", given([0.5, -3], [2, 1])));
    expect(own).toBeCloseTo((softplus(-0.5) + softplus(3)) / 2, 6);
  });

  test("scores far from zero neither overflow nor lose their slope", () => {
    const far = (score: Tensor) => generatorLoss("logistic", score);
    expect(computed((given) => far(given([-200, 200], [2, 1])))).toBeCloseTo(100, 4);
    const slope = (value: number) =>
      computed((given) => {
        const score = given([value], [1, 1]);
        return gradients(far(score), [score])[0]!;
      });
    expect(slope(-200)).toBeCloseTo(-1, 6);
    expect(slope(200)).toBeCloseTo(0, 6);
  });

  test.each([1, 3])("R1 is half the squared slope at real pictures, over %i places", (places) => {
    const w = noise(SIZE * places, 4);
    const weights = { ...ADVERSARY_WEIGHTS, r1: 0.2 };
    const penalty = computed((given) =>
      slopePenalty("logistic", linear(given, w, places), shownBy(given), weights),
    );
    // The gradient of the sum of all places.
    const sum = Float32Array.from({ length: SIZE }, (_, i) => sumOf(w, places * i, places));
    expect(penalty).toBeCloseTo((0.1 * norm(sum) ** 2) / places, 4);
  });

  test("R1 looks at real pictures, and not at generated ones", () => {
    const penalty = (made: number) =>
      computed((given) => slopePenalty("logistic", squares, shownBy(given, [0.5, 0.5], made)));
    const real = noise(24, 2);
    // The slope is 2 x.
    expect(penalty(3)).toBeCloseTo(((ADVERSARY_WEIGHTS.r1 / 2) * 4 * norm(real) ** 2) / 2, 6);
    expect(penalty(9)).toBe(penalty(3));
  });
});

it.each<Adversary>(["wgan-gp", "logistic"])("%s is a game", (adversary) => {
  const slope = (loss: (score: Tensor, other: Tensor) => Tensor) =>
    computed((given) => {
      const score = given([0.3], [1, 1]);
      return gradients(loss(score, given([0], [1, 1])), [score])[0]!;
    });
  // Real pictures are to score high, generated ones low, and the generator wants the opposite.
  expect(slope((score, other) => discriminatorLoss(adversary, score, other))).toBeLessThan(0);
  expect(slope((score, other) => discriminatorLoss(adversary, other, score))).toBeGreaterThan(0);
  expect(slope((score) => generatorLoss(adversary, score))).toBeLessThan(0);
});
