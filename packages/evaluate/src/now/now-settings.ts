import type { NowChallenge } from "./image-list.js";
import type { MetricalUnit } from "./now-distances.js";

/** The files of a task are: scan, its landmarks, reconstruction, its landmarks. */
export interface NowSettings {
  readonly challenge: NowChallenge;
  /** Null for the variant with free scale. */
  readonly unit: MetricalUnit | null;
}
