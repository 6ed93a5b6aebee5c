/**
 * Ears and neck in an unwrapped texture are only trusted where they are coloured as the face is: what the
 * segmentation takes for other skin may be a collar, a chain or a wall.
 */

import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import type { FaceRegions } from "./face-regions.js";
import type { PartialTexture } from "./texture-map.js";

/** Distance of colours in units of the spread of the face's skin, between trusted and not. */
const LIMIT = { from: 3, to: 5 } as const;
/** Least spread of the logarithm of brightness, and of the colours' ratios: the neck lies in shade. */
const LEAST_SPREAD = { brightness: 0.18, ratio: 0.05 } as const;

/**
 * @returns the same colours, with less confidence outside of the face where they are not skin's
 * @throws GanfitError `usage` where the sizes differ
 */
export function confirmSkin(texture: PartialTexture, regions: FaceRegions): PartialTexture {
  const { size, colour, confidence } = texture;
  if (regions.size !== size) {
    throw new GanfitError(
      "usage",
      `Regions of ${regions.size} texels do not fit a texture of ${size}.`,
    );
  }
  const chosen: number[] = [];
  for (let i = 0; i < confidence.length; i++) {
    if (confidence[i]! * regions.skin[i]! > 0.5) chosen.push(i);
  }
  if (chosen.length === 0) return texture;
  const least = [LEAST_SPREAD.brightness, LEAST_SPREAD.ratio, LEAST_SPREAD.ratio];
  const statistics = least.map((spread, k) => {
    const values = Float64Array.from(chosen, (i) => featuresAt(colour, i)[k]!);
    const middle = median(values);
    const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
    return { middle, spread: Math.max(spread, deviation) };
  });
  return {
    size,
    colour,
    confidence: confidence.map((value, i) => {
      const outside = 1 - regions.face[i]!;
      if (value === 0 || outside === 0) return value;
      const features = featuresAt(colour, i);
      const distance = Math.hypot(
        ...statistics.map(({ middle, spread }, k) => (features[k]! - middle) / spread),
      );
      return value * (1 - outside * smoothStep(LIMIT.from, LIMIT.to, distance));
    }),
  };
}

/** Logarithms of brightness, of red over green and of blue over green, gamma-coded. */
function featuresAt(colour: Float32Array, i: number): [number, number, number] {
  const [r, g, b] = [0, 1, 2].map((c) => Math.log(Math.max(colour[3 * i + c]!, 0.02))) as [
    number,
    number,
    number,
  ];
  return [(r + g + b) / 3, r - g, b - g];
}

function median(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1]!;
}
