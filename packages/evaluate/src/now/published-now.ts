/** What others reached in the NoW benchmark. */

/** Millimetres; null where it was not given. */
export interface PublishedNow {
  readonly system: string;
  readonly median: number;
  readonly mean: number | null;
  readonly standardDeviation: number | null;
}

/**
 * The challenge's ranking, which is on the photos of the test set, with free scale: as the README of
 * sicxu/Deep3DFaceRecon_pytorch gives it, MICA's median from Zielonka, Bolkart and Thies 2022, "Towards metrical
 * reconstruction of human faces".
 */
export const PUBLISHED_NOW: readonly PublishedNow[] = [
  { system: "MICA", median: 0.9, mean: null, standardDeviation: null },
  { system: "DECA", median: 1.09, mean: 1.38, standardDeviation: 1.18 },
  { system: "Deep3D (PyTorch)", median: 1.11, mean: 1.41, standardDeviation: 1.21 },
  { system: "3DDFA-V2", median: 1.23, mean: 1.57, standardDeviation: 1.39 },
  { system: "PRNet", median: 1.5, mean: 1.98, standardDeviation: 1.88 },
];
