import { mirrored, mirrorTexture, type PartialTexture } from "@ganfit/core";

/** The map of the other half, confidence included: in the common layout this is the mirrored face. */
export function mirrorMap({ size, colour, confidence }: PartialTexture): PartialTexture {
  return { ...mirrorTexture({ size, colour }), confidence: mirrored(confidence, size, 1) };
}
