import { readAsset } from "../../networks/assets.browser.js";
import { parseUvFrame, type UvFrame } from "./uv-frame.js";
import { UV_FRAME_URL } from "./uv-frame-asset.js";

/** The texture layout that comes with the package. */
export async function loadUvFrame(): Promise<UvFrame> {
  return parseUvFrame(new TextDecoder().decode(await readAsset(UV_FRAME_URL)));
}
