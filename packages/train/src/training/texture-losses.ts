/**
 * What a generated map is held to beside the discriminator, where a real one is known: colours, and how strong its
 * detail is at each place. Both count by confidence, so that what no photo shows teaches nothing.
 */
import {
  abs,
  add,
  averagePool,
  div,
  minimum,
  mul,
  reduceMean,
  reduceSum,
  sqrt,
  sub,
  type Tensor,
  upsample,
} from "@ganfit/autodiff";
import { halved } from "../networks/layers.js";

/** Mean absolute difference of colours over what is seen: `n x 3 x s x s` each, `mask` `n x 1 x s x s`. */
export function colourLoss(a: Tensor, b: Tensor, mask: Tensor): Tensor {
  const difference = reduceSum(mul(abs(sub(a, b)), mask));
  return div(difference, add(mul(reduceSum(mask), 3), 1));
}

/** Texels along a cell within which the strength of detail is averaged. */
const CELL = 16;
/** The second octave counts more: colours hold it back, which can be matched there in part. */
const COARSER = 3;
/** A cell's own strength is its target where it is seen at least to this part. */
const ENOUGH = 0.5;
/** Strength of detail where nothing is seen, in parts of the mean, which brows, lashes and lips raise above bare skin's. */
const BARE = 0.6;
/** Variance below which differences in strength do not count: a tenth of a byte's step, squared. */
const LEAST_VARIANCE = (0.1 / 255) ** 2;

/**
 * The mean difference in strength (standard deviation) of the two finest octaves between pictures, cell by cell.
 * Convolutions that only match colours blur what they cannot predict; this asks for as much detail, though
 * not for the same. Cells that the real picture does not show are to be like bare skin.
 *
 * @param generated `n x 3 x s x s`
 * @param real likewise; `mask` `n x 1 x s x s`
 */
export function detailLoss(generated: Tensor, real: Tensor, mask: Tensor): Tensor {
  const first = strengthLoss(fineBand(generated), fineBand(real), mask, CELL);
  const [a, b, m] = [halved(generated), halved(real), halved(mask)];
  return add(first, mul(strengthLoss(fineBand(a), fineBand(b), m, CELL / 2), COARSER));
}

/** What blocks of 2 x 2 differ from their mean by: the octave below the Nyquist frequency. */
function fineBand(x: Tensor): Tensor {
  return sub(x, upsample(halved(x), 2));
}

function strengthLoss(generated: Tensor, real: Tensor, mask: Tensor, cell: number): Tensor {
  const pooled = (x: Tensor) => averagePool(x, [cell, cell], { strides: [cell, cell] });
  const deviation = (variance: Tensor) => sqrt(add(variance, LEAST_VARIANCE));
  const shown = pooled(mask);
  const variance = div(pooled(mul(mul(real, real), mask)), add(shown, 1e-3));
  const total = add(reduceSum(shown, [0, 2, 3], true), 1e-3);
  const usual = div(reduceSum(mul(variance, shown), [0, 2, 3], true), total);
  const bare = mul(deviation(usual), BARE);
  const own = minimum(mul(shown, 1 / ENOUGH), 1);
  const target = add(bare, mul(sub(deviation(variance), bare), own));
  return reduceMean(abs(sub(deviation(pooled(mul(generated, generated))), target)));
}
