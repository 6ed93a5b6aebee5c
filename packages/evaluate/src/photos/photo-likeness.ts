/** A fitted head over the photo, and how alike both are where the face is seen. */
import {
  cameraInPicture,
  composeSimilarity,
  cropOf,
  type FaceSegmentation,
  type FitResult,
  type Image,
  invertSimilarity,
  type Mask,
  renderHead,
  type Similarity,
  type TexturedHead,
  warpMask,
  warpSimilarity,
} from "@ganfit/core";
import { maskedPsnr, maskedSsim } from "./picture-likeness.js";

/** Side of the part of the photo that is compared, pixels; the face fills most of it. */
const SIDE = 400;

export interface PhotoLikeness {
  /** dB, see `maskedPsnr`; NaN where nothing is covered. */
  readonly psnr: number;
  readonly ssim: number;
  /** Share of the face in the photo that the head lies over; the rest is not compared. */
  readonly covered: number;
  /** The photo's part, and the same with the face drawn instead wherever both are compared. */
  readonly photo: Image;
  readonly painted: Image;
}

/**
 * Compares a photo with a head under the camera and light of a fit, over the face where nothing is in front of
 * it: without what shows between the lips, as the fit has it.
 */
export function photoLikeness(
  photo: Image,
  { face, segmentation, camera, lighting }: FitResult,
  head: TexturedHead,
): PhotoLikeness {
  const toPhoto = cropOf({ ...face.region, size: 1.05 * face.region.size }, SIDE);
  const crop = warpSimilarity(photo, toPhoto, SIDE, SIDE, { border: "replicate" });
  const { image, coverage } = renderHead(head, {
    camera: cameraInPicture(camera, invertSimilarity(toPhoto)),
    lighting,
    width: SIDE,
    height: SIDE,
  });
  const seen = seenFace(segmentation, toPhoto);
  const data = seen.data.map((value, i) => (value && coverage.data[i]! >= 0.5 ? 1 : 0));
  const mask: Mask = { ...seen, data };
  const painted = paint(crop, image, mask);
  return {
    psnr: maskedPsnr(crop, painted, mask),
    ssim: maskedSsim(crop, painted, mask),
    covered: total(mask) / total(seen),
    photo: crop,
    painted,
  };
}

/** 1 where the photo's part shows the face, 0 elsewhere. */
function seenFace({ face, mouth, toImage }: FaceSegmentation, toPhoto: Similarity): Mask {
  const toMask = composeSimilarity(invertSimilarity(toImage), toPhoto);
  const [all, inside] = [face, mouth].map((mask) => warpMask(mask, toMask, SIDE, SIDE).data);
  const data = all!.map((value, i) => (value * (1 - inside![i]!) >= 0.5 ? 1 : 0));
  return { width: SIDE, height: SIDE, data };
}

function paint(photo: Image, rendering: Image, mask: Mask): Image {
  const data = photo.data.map((value, i) =>
    mask.data[Math.floor(i / 3)] ? rendering.data[i]! : value,
  );
  return { ...photo, data };
}

function total({ data }: Mask): number {
  return data.reduce((sum, value) => sum + value, 0);
}
