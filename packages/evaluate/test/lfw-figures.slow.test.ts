/** The figures of verification against numpy's arithmetic and scipy's rank statistic. */
import { execFileSync } from "node:child_process";
import { randomUniform } from "@ganfit/core";
import { expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { foldAccuracy } from "../src/identity/fold-accuracy.js";
import { rocArea, trueAcceptRate } from "../src/identity/roc.js";

const python = pythonWith("numpy, scipy.optimize");
const why = python ? "" : " (skipped: no python3 with numpy and scipy)";

const SCRIPT = `
import json, sys
import numpy as np
from scipy.stats import mannwhitneyu

pairs = json.load(sys.stdin)
score = np.array([-np.inf if p[2] is None else p[2] for p in pairs])
fold = np.array([p[0] for p in pairs])
same = np.array([p[1] for p in pairs], dtype=bool)
out = {}
out["auc"] = mannwhitneyu(score[same], score[~same]).statistic / (same.sum() * (~same).sum())
finite = np.unique(score[np.isfinite(score)])
thresholds = np.concatenate([finite, [np.inf]])
far = np.array([(score[~same] >= t).mean() for t in thresholds])
tar = np.array([(score[same] >= t).mean() for t in thresholds])
out["tar"] = {str(rate): tar[far <= rate + 1e-12].max() for rate in (0.001, 0.01, 0.1)}
# Lowest, half way between neighbours, none; the first of the best.
middles = lambda v: np.concatenate([v[:1], (v[:-1] + v[1:]) / 2, [np.inf]])
accuracies = []
for k in range(10):
    rest, own = fold != k, fold == k
    grid = middles(np.unique(score[rest & np.isfinite(score)]))
    right = [((score[rest] >= t) == same[rest]).sum() for t in grid]
    accuracies.append(((score[own] >= grid[np.argmax(right)]) == same[own]).mean())
out["accuracy"] = np.mean(accuracies)
out["error"] = np.std(accuracies, ddof=1) / np.sqrt(10)
print(json.dumps(out))
`;

it.skipIf(!python)(`ROC and ten folds agree with numpy and scipy${why}`, () => {
  const random = randomUniform(7);
  const pairs = Array.from({ length: 4000 }, (_, i) => {
    const same = i % 2 === 0;
    // Hundredths, so that there are ties; one in a hundred could not be compared.
    const cosine = Math.round(100 * (0.6 * random() + (same ? 0.25 : 0))) / 100;
    return { fold: Math.floor(i / 400), same, similarity: random() < 0.01 ? -Infinity : cosine };
  });
  const input = JSON.stringify(pairs.map(({ fold, same, similarity }) => [fold, same, similarity]));
  const expected = JSON.parse(execFileSync(python!, ["-c", SCRIPT], { input, encoding: "utf8" }));
  const of = (wanted: boolean) =>
    pairs.filter(({ same }) => same === wanted).map(({ similarity }) => similarity);
  const [same, different] = [of(true), of(false)];
  expect(rocArea(same, different)).toBeCloseTo(expected.auc, 12);
  for (const rate of [0.001, 0.01, 0.1]) {
    expect(trueAcceptRate(same, different, rate).rate).toBeCloseTo(expected.tar[rate], 12);
  }
  const { accuracy, standardError } = foldAccuracy(pairs)!;
  expect(accuracy).toBeCloseTo(expected.accuracy, 12);
  expect(standardError).toBeCloseTo(expected.error, 12);
  expect(accuracy).toBeGreaterThan(0.6);
});
