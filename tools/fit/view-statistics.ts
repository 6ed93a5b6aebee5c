/**
 * What expressions and lights portraits have: fits the training people's photographs of ../shared and writes
 * packages/core/src/fit/view-statistics.ts, from which the second rendering draws its views.
 *
 *     npx tsx tools/fit/view-statistics.ts [--every N]
 *
 * The fits are drafts without a second rendering: what is learnt here must not depend on what was learnt before.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { fit } from "../../packages/core/src/fit/fit.js";
import { loadFitModels } from "../../packages/core/src/fit/fit-models.node.js";
import type { ViewStatistics } from "../../packages/core/src/fit/view-statistics.js";
import { readImage } from "../../packages/core/src/image/decode.node.js";
import { photosOf } from "../../packages/core/test/photos.node.js";

const OUTPUT = fileURLToPath(
  new URL("../../packages/core/src/fit/view-statistics.ts", import.meta.url),
);
/** Directions of light that together have this share of the variance are kept. */
const EXPLAINED = 0.97;
/** Blend shapes that move less are left at rest. */
const LEAST_DEVIATION = 0.01;

const { values } = parseArgs({ options: { every: { type: "string", default: "1" } } });
const photos = (["london-neutral", "london-smiling", "canada"] as const)
  .flatMap(photosOf)
  .filter(({ heldOut }) => !heldOut)
  .filter((_, i) => i % Number(values.every) === 0);
if (photos.length < 2) throw new Error("../shared/data/photos is absent");

const models = await loadFitModels();
const expressions: Float32Array[] = [];
const lights: number[][] = [];
for (const [i, { name, path }] of photos.entries()) {
  const { head, lighting } = await fit(await readImage(path), models, {
    quality: "draft",
    weights: { secondIdentity: 0, content: 0 },
    name,
  });
  if (lighting.kind !== "spherical-harmonics") throw new Error("fits have spherical harmonics");
  expressions.push(head.expression);
  lights.push([...lighting.coefficients]);
  process.stderr.write(`\r${i + 1} of ${photos.length}`);
}
process.stderr.write("\n");
await models.dispose();

const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const deviation = (list: readonly number[]) => {
  const middle = mean(list);
  return Math.sqrt(list.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (list.length - 1));
};
const round = (value: number) => Number(value.toFixed(4));

const expression = Object.fromEntries(
  models.shape.expression.names.flatMap((name, k) => {
    const weights = expressions.map((of) => of[k]!);
    const spread = deviation(weights);
    if (spread < LEAST_DEVIATION) return [];
    return [[name, { mean: round(mean(weights)), deviation: round(spread) }]];
  }),
);
const middle = lights[0]!.map((_, i) => mean(lights.map((light) => light[i]!)));
const centred = new Matrix(lights.map((light) => light.map((value, i) => value - middle[i]!)));
const covariance = centred
  .transpose()
  .mmul(centred)
  .div(lights.length - 1);
const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
  assumeSymmetric: true,
});
const order = realEigenvalues
  .map((_, i) => i)
  .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
const directions: number[][] = [];
let explained = 0;
for (const i of order) {
  if (explained >= EXPLAINED * total) break;
  explained += realEigenvalues[i]!;
  const length = Math.sqrt(Math.max(0, realEigenvalues[i]!));
  directions.push(eigenvectorMatrix.getColumn(i).map((value) => round(value * length)));
}
const statistics: ViewStatistics = {
  expression,
  light: { mean: middle.map(round), directions },
};
await writeFile(
  OUTPUT,
  `// Written by tools/fit/view-statistics.ts from ${photos.length} fits of training people's portraits; not by hand.

export interface ViewStatistics {
  /** Weights of blend shapes, by name; those at rest are left out. */
  readonly expression: Readonly<
    Record<string, { readonly mean: number; readonly deviation: number }>
  >;
  /** 27 spherical harmonics: the mean, and principal directions as long as their standard deviations. */
  readonly light: {
    readonly mean: readonly number[];
    readonly directions: readonly (readonly number[])[];
  };
}

export const VIEW_STATISTICS: ViewStatistics = ${JSON.stringify(statistics, null, 2)};
`,
);
console.log(
  JSON.stringify({
    photos: photos.length,
    expressions: Object.keys(expression).length,
    directions: directions.length,
    explained: round(explained / total),
  }),
);
