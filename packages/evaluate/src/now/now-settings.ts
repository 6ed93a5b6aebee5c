import type { NowChallenge } from "./image-list.js";

/** The lists of photos that come with the data. */
export const NOW_SETS = ["validation", "test"] as const;
export type NowSet = (typeof NOW_SETS)[number];

/** Unit of a reconstruction that claims to have the right size. */
export const METRICAL_UNITS = ["mm", "cm", "m"] as const;
export type MetricalUnit = (typeof METRICAL_UNITS)[number];

/** The files of a task are: scan, its landmarks, reconstruction, its landmarks. */
export interface NowSettings {
  readonly challenge: NowChallenge;
  /** Null for the variant with free scale. */
  readonly unit: MetricalUnit | null;
}
