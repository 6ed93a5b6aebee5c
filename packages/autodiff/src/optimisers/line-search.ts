// Nocedal & Wright, "Numerical Optimization" (2nd edition, 2006), algorithms 3.5 (line search) and
// 3.6 (zoom), in one loop. `low` is the best point so far that decreases the value sufficiently;
// `high`, once there is one, is the other end of an interval that holds acceptable points.

/** A point on a line: how far along it, the value there and its derivative along the line. */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** Of the sufficient decrease and of the curvature; those that the book gives quasi-Newton methods. */
const C1 = 1e-4;
const C2 = 0.9;
/** Growth of the step until a minimum is bracketed. */
const EXPANSION = 4;
/** Share of the bracket at either end that interpolation stays clear of. */
const MARGIN = 0.1;
const MAX_PROBES = 25;

/**
 * Searches a line for a point that meets the strong Wolfe conditions (equation 3.7)
 *
 *   value <= origin.value + c1 step origin.slope  and  |slope| <= c2 |origin.slope|
 *
 * with c1 = 1e-4 and c2 = 0.9, in at most 25 probes.
 *
 * @param probe evaluates the line at a step above 0. A value of Infinity or NaN is a step too far.
 * @param origin the point at step 0, where the slope must be negative.
 * @param firstStep above 0.
 * @returns the point; failing that the best one found that meets the first condition and is lower
 *   than the origin; failing that undefined.
 */
export async function searchLine<Point extends LinePoint>(
  probe: (step: number) => Promise<Point>,
  origin: Point,
  firstStep: number,
): Promise<Point | undefined> {
  let low = origin;
  let high: Point | undefined;
  let step = firstStep;
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const point = await probe(step);
    const sufficient = point.value <= origin.value + C1 * step * origin.slope;
    if (!sufficient || (low !== origin && point.value >= low.value)) {
      high = point;
    } else {
      if (Math.abs(point.slope) <= -C2 * origin.slope) return point;
      const towardHigh = high === undefined ? 1 : high.step - low.step;
      if (point.slope * towardHigh >= 0) high = low;
      low = point;
    }
    step = high === undefined ? EXPANSION * step : interpolate(low, high);
  }
  return low.value < origin.value ? low : undefined;
}

/**
 * The minimum of the cubic through the values and slopes of two points (equation 3.59), kept off
 * either end; the middle where there is no such cubic, as where a value is infinite.
 */
function interpolate(low: LinePoint, high: LinePoint): number {
  const width = high.step - low.step;
  const d1 = low.slope + high.slope - (3 * (high.value - low.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
  const safe = Number.isNaN(share) ? 0.5 : Math.min(1 - MARGIN, Math.max(MARGIN, share));
  return low.step + safe * width;
}
