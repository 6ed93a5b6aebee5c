import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { warpSimilarity } from "../image/warp.js";

/**
 * A texture with another number of texels: bilinear where it grows, averaged where it shrinks.
 *
 * @param size texels along each side
 * @throws GanfitError `usage` where the texture is not square or the size no positive integer
 */
export function resizeTexture(texture: Image, size: number): Image {
  const { width, height } = texture;
  if (width !== height) {
    throw new GanfitError("usage", `A texture is square, not ${width} x ${height} pixels.`);
  }
  if (width === size) return texture;
  return warpSimilarity(texture, { scale: width / size, rotation: 0, tx: 0, ty: 0 }, size, size, {
    border: "replicate",
  });
}
