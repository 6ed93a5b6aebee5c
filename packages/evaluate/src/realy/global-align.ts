/** First alignment of a whole prediction (czh-98/REALY, utils/gICP.py). */

import { pickPoints } from "../geometry/points.js";
import type { Similarity3 } from "../geometry/similarity3.js";
import { fitPose } from "./fit-pose.js";
import { GLOBAL_KEYPOINTS } from "./realy-regions.js";

/**
 * One similarity from seven keypoints of the prediction to the truth's.
 *
 * @param predicted `85 x 3`
 * @param truth `85 x 3`
 * @throws GanfitError `data` where the keypoints determine none
 */
export function alignGlobally(predicted: Float64Array, truth: Float64Array): Similarity3 {
  return fitPose(pickPoints(predicted, GLOBAL_KEYPOINTS), pickPoints(truth, GLOBAL_KEYPOINTS), {
    scaled: true,
  });
}
