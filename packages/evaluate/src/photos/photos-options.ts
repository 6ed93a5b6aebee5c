/** What `evaluatePhotos` measures. */

import type { Person } from "./people.js";
import type { Texture } from "./textures.js";

/** Besides how alike a photo and its own head are, which is always measured. */
export const MEASURES = ["identity", "other", "shape"] as const;
export type Measure = (typeof MEASURES)[number];

export interface PhotosOptions {
  /** A folder, see `peopleIn`, or the people. */
  readonly photos: string | readonly Person[];
  /** The report's folder: `work` and `pictures` in it are written. */
  readonly out: string;
  /** Default `photo` alone. */
  readonly textures?: readonly Texture[];
  /** Default all. */
  readonly measures?: readonly Measure[];
  /**
   * Which photos of a person with several are fitted and compared with the others: `all`, the default, or the `first`
   * only, the others serving as those to compare with.
   */
  readonly probes?: "all" | "first";
  /** People who are not fitted, but for whom others may be taken. */
  readonly bystanders?: readonly Person[];
  /** Side of each picture of a strip, pixels; default 256. */
  readonly pictureSize?: number;
  /** Only so many people, the first. */
  readonly limit?: number | undefined;
}
