import { readAsset } from "./assets.browser.js";
import { FACE_DETECTOR_URL, FACE_LANDMARKS_URL } from "./assets.js";
import { openFaceNetworks } from "./faces.js";
import type { NetworkOptions } from "./network.js";

/** The detector and landmark network that come with the package. */
export async function loadFaceNetworks(
  options: NetworkOptions = {},
): ReturnType<typeof openFaceNetworks> {
  const detector = await readAsset(FACE_DETECTOR_URL);
  const landmarks = await readAsset(FACE_LANDMARKS_URL);
  return openFaceNetworks({ detector, landmarks }, options);
}
