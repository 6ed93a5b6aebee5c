// Reading a texture: bilinear between the four texels around a point, as graphics hardware does without
// mipmaps.

import { gridSample, mul, reshape, sub, type Tensor, transpose } from "@ganfit/autodiff";

/**
 * Colours of a texture at some points, with gradients to the texels and to the points.
 *
 * @param texture [1, C, H, W]
 * @param uv [P, 2], u to the right and v down, texel i's centre at (i + 1/2) / W; outside [0, 1] the
 *   border's texels go on
 * @returns [P, C]
 */
export function sampleTexture(texture: Tensor, uv: Tensor): Tensor {
  const [channels, count] = [texture.shape[1]!, uv.shape[0]!];
  const grid = reshape(sub(mul(uv, 2), 1), [1, 1, count, 2]);
  const colours = gridSample(texture, grid, { padding: "border" });
  return transpose(reshape(colours, [channels, count]));
}
