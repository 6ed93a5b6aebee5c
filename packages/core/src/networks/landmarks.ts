/**
 * MediaPipe's face mesh with irises (Kartynnik et al. 2019, Grishchenko et al. 2020): 478 points of
 * a face that fills a square of 256 pixels, upright.
 */
import type { Image } from "../image/image.js";
import { applySimilarity } from "../image/similarity.js";
import { warpToTensor } from "../image/warp.js";
import { type Network, type NetworkOptions, openNetwork } from "./network.js";
import { cropOf, type Region } from "./region.js";

/** Number of points: 468 of the face, five of each iris (centre, then around it). */
export const LANDMARK_COUNT = 478;

const SIDE = 256;
/** The crop's side over that of the box around the face, as in training. */
const MARGIN = 1.5;
/** The outer corners of the person's right and left eye lie level in the crop. */
const RIGHT_EYE = 33;
const LEFT_EYE = 263;

export interface Landmarks478 {
  /**
   * `478 x 3` pixels of the picture: x to the right, y down, z away from the camera with about the
   * same scale as x, 0 at the middle of the head.
   */
  readonly points: Float32Array;
  /**
   * The network's own estimate that the crop showed a face, as logit: see `confidenceOf`, since its
   * sigmoid is near 1 for much that is none.
   */
  readonly presence: number;
  /** The crop that the points were measured in. */
  readonly crop: Region;
}

export interface RefineOptions {
  /** Most times the network looks. Default 4. */
  readonly passes?: number;
  /**
   * A crop is final when the next would differ by less than this part of its side. Default 0.01.
   */
  readonly tolerance?: number;
}

export interface LandmarkNetwork {
  /** One look at one crop. Beyond the border the picture's last pixels are repeated. */
  measure(image: Image, crop: Region): Promise<Landmarks478>;
  /**
   * Looks again with the crop that the points themselves ask for until it stays where it is, or for
   * the number of passes. Stops at once where the first look sees no sign of a face.
   */
  refine(image: Image, crop: Region, options?: RefineOptions): Promise<Landmarks478>;
  dispose(): Promise<void>;
}

/**
 * @param bytes `face-landmarks.onnx`.
 * @throws GanfitError `network` when it is not that network or cannot be compiled.
 */
export async function openLandmarkNetwork(
  bytes: Uint8Array,
  options: NetworkOptions = {},
): Promise<LandmarkNetwork> {
  const network = await openNetwork(
    bytes,
    {
      purpose: "the landmark network",
      inputs: { image: [1, 3, SIDE, SIDE] },
      outputs: { landmarks: [1, LANDMARK_COUNT, 3], presence: [1] },
    },
    options,
  );
  return new FaceMesh(network);
}

class FaceMesh implements LandmarkNetwork {
  constructor(private readonly network: Network) {}

  async measure(image: Image, crop: Region): Promise<Landmarks478> {
    const toImage = cropOf(crop, SIDE);
    const input = warpToTensor(image, toImage, SIDE, SIDE, { scale: 1 / 255, border: "replicate" });
    const { landmarks, presence } = await this.network.run({ image: input });
    const points = new Float32Array(3 * LANDMARK_COUNT);
    const inPlane = landmarks!.filter((_, i) => i % 3 < 2);
    applySimilarity(toImage, inPlane).forEach((value, i) => {
      points[3 * (i >> 1) + (i & 1)] = value;
    });
    for (let i = 2; i < points.length; i += 3) points[i] = landmarks![i]! * toImage.scale;
    return { points, presence: presence![0]!, crop };
  }

  async refine(image: Image, crop: Region, options: RefineOptions = {}): Promise<Landmarks478> {
    const { passes = 4, tolerance = 0.01 } = options;
    let result = await this.measure(image, crop);
    for (let pass = 1; pass < passes && result.presence > HOPELESS; pass++) {
      const next = cropOfLandmarks(result.points);
      if (difference(next, result.crop) < tolerance) break;
      result = await this.measure(image, next);
    }
    return result;
  }

  dispose(): Promise<void> {
    return this.network.dispose();
  }
}

/** A first look can be off the face and still find it; with a lower logit it never did. */
const HOPELESS = 0;

/** Where to look for the landmarks of a face, given the detector's box level with the eyes. */
export function cropOfDetection(region: Region): Region {
  return { ...region, size: MARGIN * region.size };
}

/**
 * Where to look again: the square around the points, level with the eyes, with a margin. For an
 * upright face this is MediaPipe's; measuring the box along the eyes makes it turn with the face.
 *
 * @param points `478 x 3`.
 */
export function cropOfLandmarks(points: Float32Array): Region {
  const rotation = rollOf(points);
  const cosine = Math.cos(rotation);
  const sine = Math.sin(rotation);
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    const along = cosine * points[i]! + sine * points[i + 1]!;
    const down = cosine * points[i + 1]! - sine * points[i]!;
    left = Math.min(left, along);
    right = Math.max(right, along);
    top = Math.min(top, down);
    bottom = Math.max(bottom, down);
  }
  const along = (left + right) / 2;
  const down = (top + bottom) / 2;
  return {
    x: cosine * along - sine * down,
    y: sine * along + cosine * down,
    size: MARGIN * Math.max(right - left, bottom - top),
    rotation,
  };
}

/** In-plane rotation of a face: radians, clockwise in the picture, 0 upright. */
export function rollOf(points: Float32Array): number {
  const dx = points[3 * LEFT_EYE]! - points[3 * RIGHT_EYE]!;
  const dy = points[3 * LEFT_EYE + 1]! - points[3 * RIGHT_EYE + 1]!;
  return Math.atan2(dy, dx);
}

/** The largest shift that a point in the crop sees between two crops, over the crop's side. */
function difference(a: Region, b: Region): number {
  const turn = Math.atan2(Math.sin(a.rotation - b.rotation), Math.cos(a.rotation - b.rotation));
  const shift = Math.hypot(a.x - b.x, a.y - b.y) / b.size;
  return shift + Math.abs(a.size / b.size - 1) / 2 + Math.abs(turn) / 2;
}
