/** The faces in a picture, with 478 landmarks each; find-face.ts picks one of them. */
import type { Image } from "../image/image.js";
import { type FaceDetector, openFaceDetector } from "./detector.js";
import { type Candidate, searchFaces } from "./detector-search.js";
import {
  cropOfDetection,
  cropOfLandmarks,
  LANDMARK_COUNT,
  type LandmarkNetwork,
  openLandmarkNetwork,
} from "./landmarks.js";
import { type HeadPose, headPose } from "./landmarks-pose.js";
import type { NetworkOptions } from "./network.js";
import { overlapOf, type Region } from "./region.js";

export interface Face extends HeadPose {
  /** Bounds of the landmarks, pixels. */
  readonly box: {
    /** Left. */
    readonly x: number;
    /** Top. */
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  /** The square around the face, level with its eyes, in which the landmarks were measured. */
  readonly region: Region;
  /** `478 x 3` pixels of the picture, as in `Landmarks478.points`. */
  readonly landmarks: Float32Array;
  /** In [0, 1]: whether this is a face, see `confidenceOf`. */
  readonly confidence: number;
  /** The detector's score in [0, 1]. */
  readonly score: number;
  /** Whether a part of the face lies outside of the picture. */
  readonly cutByBorder: boolean;
}

export interface FaceNetworks {
  readonly detector: FaceDetector;
  readonly landmarks: LandmarkNetwork;
}

export interface FindFacesOptions {
  /** Faces of less confidence are left out. Default 0.5. */
  readonly minimumConfidence?: number;
  /** Width in pixels of the smallest faces to look for. Default 40. */
  readonly minimumSize?: number;
  /**
   * Faces smaller than this part of the largest are not looked for, which saves much time; 0 looks
   * for all. Default 0.25.
   */
  readonly relativeSize?: number;
  /** Most looks of the detector: bounds the time spent on a picture without faces. Default 4000. */
  readonly maximumLooks?: number;
}

/** Least score of the detector for a closer look. */
const CANDIDATE = 0.5;
/** Most closer looks at candidates of one stage of the search that turn out to be no face. */
const MOST_FAILURES = 40;
/** Faces whose squares overlap more are one. */
const SAME_FACE = 0.3;
/** The second look's crop, over the first's: where presence tells faces best from other things. */
const CLOSER = 0.8;

/**
 * @param files `face-detector.onnx` and `face-landmarks.onnx`.
 * @throws GanfitError `network` when one of them is wrong.
 */
export async function openFaceNetworks(
  files: { readonly detector: Uint8Array; readonly landmarks: Uint8Array },
  options: NetworkOptions = {},
): Promise<FaceNetworks & { dispose(): Promise<void> }> {
  const detector = await openFaceDetector(files.detector, options);
  const landmarks = await openLandmarkNetwork(files.landmarks, options);
  return {
    detector,
    landmarks,
    async dispose() {
      await detector.dispose();
      await landmarks.dispose();
    },
  };
}

/** The faces in a picture, largest first. Transparency is ignored. */
export async function findFaces(
  image: Image,
  { detector, landmarks }: FaceNetworks,
  options: FindFacesOptions = {},
): Promise<Face[]> {
  const { minimumConfidence = 0.5 } = options;
  const faces: Face[] = [];
  const known = (region: Region) =>
    faces.some((face) => overlapOf(face.region, region) > SAME_FACE);
  const examine = async (candidates: Candidate[]) => {
    let failures = 0;
    for (const { region, score } of candidates) {
      if (failures >= MOST_FAILURES) break;
      const crop = cropOfDetection(region);
      if (known(crop)) continue;
      const face = await measured(image, landmarks, crop, score);
      if (!face) {
        failures++;
        continue;
      }
      if (face.confidence < minimumConfidence) failures++;
      else if (!known(face.region)) faces.push(face);
    }
    return Math.max(0, ...faces.map(({ box }) => Math.max(box.width, box.height)));
  };
  const search = {
    minimumSize: options.minimumSize ?? 40,
    relativeSize: options.relativeSize ?? 0.25,
    minimumScore: CANDIDATE,
    maximumLooks: options.maximumLooks ?? 4000,
  };
  await searchFaces(detector, image, search, examine);
  return faces.sort((a, b) => b.region.size - a.region.size);
}

/**
 * How sure it is that landmarks are a face's: a logistic function of three signs. Two come from
 * looking twice, the second time at a crop a fifth smaller: on a face the network is sure of its
 * presence, and its points stay. The third lets heads in profile through, of which the detector is
 * surer than the landmark network.
 *
 * The weights are set by hand between what was measured on 45 portraits, also small and turned (a
 * sum of 8 and more), rendered heads turned by 60 degrees (1 and more), and the candidates in 21
 * pictures without people, a cat's face and rows of coins among them (-3 and less). Simple drawings
 * of faces lie in between, most below 0.
 *
 * @param presence the landmark network's logit at the second look
 * @param drift mean distance between both looks' points, over the size of the face
 * @param score the detector's, in [0, 1]
 */
export function confidenceOf(presence: number, drift: number, score: number): number {
  // The detector may be unsure of a face that the landmark network knows well.
  const detected = Math.max(-3, (score - 0.83) / 0.02);
  const sum = (presence - 16) / 2 + (0.02 - drift) / 0.004 + detected;
  return 1 / (1 + Math.exp(-sum));
}

/** Undefined where the network sees no sign of a face. */
async function measured(
  image: Image,
  network: LandmarkNetwork,
  crop: Region,
  score: number,
): Promise<Face | undefined> {
  const { points, presence, crop: region } = await network.refine(image, crop);
  if (presence < 0) return undefined;
  const asked = cropOfLandmarks(points);
  const closer = await network.measure(image, { ...asked, size: CLOSER * asked.size });
  const box = boundsOf(points);
  const drift = meanDistance(points, closer.points) / Math.max(box.width, box.height);
  return {
    ...headPose(points),
    box,
    region,
    landmarks: points,
    confidence: confidenceOf(closer.presence, drift, score),
    score,
    cutByBorder:
      box.x < 0 ||
      box.y < 0 ||
      box.x + box.width > image.width ||
      box.y + box.height > image.height,
  };
}

function boundsOf(points: Float32Array): Face["box"] {
  const range = (axis: number) => {
    const values = points.filter((_, i) => i % 3 === axis);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const [left, right] = range(0);
  const [top, bottom] = range(1);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** In the picture's plane. */
function meanDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!);
  return sum / LANDMARK_COUNT;
}
