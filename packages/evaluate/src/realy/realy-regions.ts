/** REALY's four regions and which of its 85 keypoints take part where (czh-98/REALY, utils/util.py). */

/** In the order of REALY's own results. */
export const REALY_REGIONS = ["nose", "mouth", "forehead", "cheek"] as const;
export type RealyRegion = (typeof REALY_REGIONS)[number];

/** Keypoints on every head: 68 as iBUG 300-W has them, then 17 more on cheeks and chin. */
export const KEYPOINT_COUNT = 85;

/** Keypoints of the global alignment: corners of the eyes, under the nose, corners of the mouth. */
export const GLOBAL_KEYPOINTS: readonly number[] = [36, 39, 42, 45, 33, 48, 54];

const MOUTH: readonly number[] = [...range(48, 60), 64];
const FOREHEAD: readonly number[] = [...range(36, 47), ...range(17, 26)];

/** Keypoints that steer a region's rigid alignment. */
export const ALIGNMENT_KEYPOINTS: Readonly<Record<RealyRegion, readonly number[]>> = {
  nose: [...range(27, 35), 70, 71],
  mouth: MOUTH,
  forehead: FOREHEAD,
  cheek: [...MOUTH, 76, 77, 36, 41, 40, 39, 42, 47, 46, 45, 7, 8, 9],
};

/** Keypoints that steer a region's deformation; the cheek has none. */
export const DEFORMATION_KEYPOINTS: Readonly<Record<RealyRegion, readonly number[]>> = {
  nose: range(27, 35),
  mouth: MOUTH,
  forehead: FOREHEAD,
  cheek: [],
};

/** From `first` to `last`, both included. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
