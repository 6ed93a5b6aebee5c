/**
 * Lids in a texture of open eyes: of what they fold away the photo shows nothing, or a few texels of lashes and
 * shadow that a closing lid stretches over all of the eye. So that part is drawn towards the face's skin tone;
 * on the open eye hardly any of it is to be seen.
 */
import { GanfitError } from "../errors.js";
import type { FaceRegions } from "./face-regions.js";
import type { TextureMap } from "./texture-map.js";

/** Brightness of lids against the face's skin, gamma-coded. */
const SHADE = 0.95;
/** How far the lids are drawn to it. */
const STRENGTH = 0.7;

/** @throws GanfitError `usage` where the sizes differ */
export function plainLids(texture: TextureMap, { size, skin, lids }: FaceRegions): TextureMap {
  if (texture.size !== size) {
    throw new GanfitError(
      "usage",
      `Regions of ${size} texels do not fit a texture of ${texture.size}.`,
    );
  }
  const tones = [0, 1, 2].map((c) => {
    const values = new Float32Array(skin.length);
    let count = 0;
    for (let i = 0; i < skin.length; i++) {
      if (skin[i]! > 0.5) values[count++] = texture.colour[3 * i + c]!;
    }
    return SHADE * (values.subarray(0, count).sort()[count >> 1] ?? 0.5);
  });
  const colour = texture.colour.slice();
  for (let i = 0; i < lids.length; i++) {
    if (lids[i] === 0) continue;
    for (let c = 0; c < 3; c++) {
      colour[3 * i + c]! += STRENGTH * lids[i]! * (tones[c]! - colour[3 * i + c]!);
    }
  }
  return { size, colour };
}
