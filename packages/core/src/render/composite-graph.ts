// From pixels to a picture, over a photo. The coverage is hard and has no gradient (interpolate.ts says why).

import { add, mul, reshape, sub, type Tensor, transpose } from "@ganfit/autodiff";

/**
 * `mask render + (1 - mask) photo`.
 *
 * @param render [P, C]
 * @param photo [P, C]
 * @param mask [P, 1], 0 to 1: the coverage, or its product with the part of the photo to be painted over
 * @returns [P, C]
 */
export function composite(render: Tensor, photo: Tensor, mask: Tensor): Tensor {
  const [over, under] = [transpose(render), transpose(photo)];
  return transpose(add(under, mul(sub(over, under), transpose(mask))));
}

/** Pixels [H W, C], row by row, as a picture [1, C, H, W]. */
export function toPicture(pixels: Tensor, height: number, width: number): Tensor {
  return reshape(transpose(pixels), [1, pixels.shape[1]!, height, width]);
}

/** A picture [1, C, H, W] as pixels [H W, C], row by row. */
export function toPixels(picture: Tensor): Tensor {
  return transpose(reshape(picture, [picture.shape[1]!, -1]));
}
