/** What benchmarks of photos are run with. */
import type { HeadFitter } from "./head-fitter.js";
import type { Judge } from "./judge.js";

/** Told after each photo of a benchmark. */
export interface PhotoProgress {
  /** Photos so far, this one included. */
  readonly done: number;
  readonly total: number;
  /** Of this photo. */
  readonly name: string;
  /** Whether it was measured by an earlier run. */
  readonly kept: boolean;
  /** Why it could not be measured; absent where it could. */
  readonly problem?: string;
}

export interface PhotoTools {
  readonly fitter: HeadFitter;
  readonly judge: Judge;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: PhotoProgress) => void;
}
