// Made by `npx tsx tools/realy/keypoints.ts`; do not edit.

/**
 * Places (u, v) in the common texture layout of REALY's keypoints 68 to 84: the mean over the published
 * BFM09, FLAME, HIFI3D, whose points lie 0.6 mm from it on the default head, 1.9 mm at most.
 */
export const EXTRA_KEYPOINTS: readonly (readonly [u: number, v: number])[] = [
  [0.3309, 0.5162], // 68
  [0.6691, 0.5162], // 69
  [0.3819, 0.5773], // 70
  [0.6181, 0.5773], // 71
  [0.3283, 0.6788], // 72
  [0.6717, 0.6788], // 73
  [0.2259, 0.5021], // 74
  [0.7741, 0.5021], // 75
  [0.2798, 0.5953], // 76
  [0.7202, 0.5953], // 77
  [0.4328, 0.7662], // 78
  [0.5, 0.7602], // 79
  [0.5672, 0.7662], // 80
  [0.1854, 0.5709], // 81
  [0.8146, 0.5709], // 82
  [0.2097, 0.6844], // 83
  [0.7903, 0.6844], // 84
];
