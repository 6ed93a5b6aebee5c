/** Of the 68 landmarks of iBUG 300-W, which the benchmarks share; core's `ibug68.ts` says where each lies. */

export const IBUG68_COUNT = 68;

/** Index of the tip of the nose. */
export const NOSE_TIP = 30;
