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
  const bare = Array.from(skin.keys()).filter((i) => skin[i]! > 0.5);
  const tone = [0, 1, 2].map((c) => {
    const sorted = Float32Array.from(bare, (i) => texture.colour[3 * i + c]!).sort();
    return SHADE * (sorted[sorted.length >> 1] ?? 0.5);
  });
  return {
    size,
    colour: texture.colour.map(
      (value, i) => value + STRENGTH * lids[Math.floor(i / 3)]! * (tone[i % 3]! - value),
    ),
  };
}
