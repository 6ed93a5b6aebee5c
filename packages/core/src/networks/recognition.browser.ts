import { readAsset } from "./assets.browser.js";
import type { NetworkOptions } from "./network.js";
import { openRecognition, type Recognition, SFACE, SFACE_URL } from "./recognition.js";

/** SFace, which comes with the package. */
export async function loadSface(options: NetworkOptions = {}): Promise<Recognition> {
  return openRecognition(await readAsset(SFACE_URL), SFACE, options);
}
