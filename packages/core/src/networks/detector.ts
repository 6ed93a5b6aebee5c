/**
 * BlazeFace (Bazarevsky et al. 2019), MediaPipe's short range detector: faces and six keypoints of
 * each in a square of 128 pixels. It knows faces from about a sixth of the square's width to all of
 * it, turned by no more than about 60 degrees; `detector-search.ts` finds the others.
 */
import { anchorCentres, SHORT_RANGE_ANCHORS } from "./anchors.js";
import { type Network, type NetworkOptions, openNetwork } from "./network.js";

/** Side of the detector's square input, pixels. */
export const DETECTOR_SIDE = SHORT_RANGE_ANCHORS.inputSize;
/** Centre x, y, width, height, then x, y of six keypoints, relative to the anchor, in pixels. */
const VALUES = 16;
/** Raw scores are clipped to this before the sigmoid, as in MediaPipe. */
const SCORE_LIMIT = 100;
/** Boxes that overlap more are of one face. */
const SAME_FACE = 0.3;

/** In pixels of the detector's input. */
export interface Detection {
  /** Centre and size of the box around eyes, nose and mouth. */
  readonly box: { x: number; y: number; width: number; height: number };
  /**
   * `6 x 2`: the person's right eye, left eye, tip of the nose, centre of the mouth, the person's
   * right and left ear (tragus).
   */
  readonly keypoints: Float64Array;
  /** In [0, 1]. */
  readonly score: number;
}

export interface FaceDetector {
  /**
   * @param input `1 x 3 x 128 x 128`, R G B in [-1, 1]; what lies outside of the picture is -1.
   * @param minimumScore detections with a lower score are left out
   * @returns best first
   */
  detect(input: Float32Array, minimumScore: number): Promise<Detection[]>;
  dispose(): Promise<void>;
}

/**
 * @param bytes `face-detector.onnx`.
 * @throws GanfitError `network` when it is not that network or cannot be compiled.
 */
export async function openFaceDetector(
  bytes: Uint8Array,
  options: NetworkOptions = {},
): Promise<FaceDetector> {
  const anchors = anchorCentres(SHORT_RANGE_ANCHORS);
  const count = anchors.length / 2;
  const network = await openNetwork(
    bytes,
    {
      purpose: "the face detector",
      inputs: { image: [1, 3, DETECTOR_SIDE, DETECTOR_SIDE] },
      outputs: { regressors: [1, count, VALUES], scores: [1, count] },
    },
    options,
  );
  return new BlazeFace(network, anchors);
}

class BlazeFace implements FaceDetector {
  constructor(
    private readonly network: Network,
    private readonly anchors: Float32Array,
  ) {}

  async detect(input: Float32Array, minimumScore: number): Promise<Detection[]> {
    const { regressors, scores } = await this.network.run({ image: input });
    return mergeDetections(decodeDetections(regressors!, scores!, this.anchors, minimumScore));
  }

  dispose(): Promise<void> {
    return this.network.dispose();
  }
}

/** What the network says at the anchors that score at least `minimumScore`, best first. */
export function decodeDetections(
  regressors: Float32Array,
  scores: Float32Array,
  anchors: Float32Array,
  minimumScore: number,
): Detection[] {
  const found: Detection[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = 1 / (1 + Math.exp(-Math.max(-SCORE_LIMIT, Math.min(SCORE_LIMIT, scores[i]!))));
    if (!(score >= minimumScore)) continue;
    const x = anchors[2 * i]! * DETECTOR_SIDE;
    const y = anchors[2 * i + 1]! * DETECTOR_SIDE;
    const values = regressors.subarray(VALUES * i, VALUES * (i + 1));
    const [dx, dy, width, height] = values as unknown as [number, number, number, number];
    if (!(width > 0 && height > 0)) continue;
    const keypoints = Float64Array.from(values.subarray(4), (value, k) => value + (k % 2 ? y : x));
    found.push({ box: { x: x + dx, y: y + dy, width, height }, keypoints, score });
  }
  return found.sort((a, b) => b.score - a.score);
}

/**
 * Weighted non-maximum suppression, as in BlazeFace: detections of one face become their mean,
 * weighted by score, with the best one's score.
 *
 * @param sorted best first
 */
export function mergeDetections(sorted: readonly Detection[]): Detection[] {
  const merged: Detection[] = [];
  let rest = sorted;
  while (rest.length > 0) {
    const best = rest[0]!;
    const same = rest.filter(
      (other) => other === best || intersectionOverUnion(best.box, other.box) > SAME_FACE,
    );
    rest = rest.filter((other) => !same.includes(other));
    const total = same.reduce((sum, { score }) => sum + score, 0);
    const mean = (value: (detection: Detection) => number) =>
      same.reduce((sum, detection) => sum + detection.score * value(detection), 0) / total;
    merged.push({
      box: {
        x: mean(({ box }) => box.x),
        y: mean(({ box }) => box.y),
        width: mean(({ box }) => box.width),
        height: mean(({ box }) => box.height),
      },
      keypoints: best.keypoints.map((_, i) => mean(({ keypoints }) => keypoints[i]!)),
      score: best.score,
    });
  }
  return merged;
}

function intersectionOverUnion(a: Detection["box"], b: Detection["box"]): number {
  const along = (p: number, sizeP: number, q: number, sizeQ: number) =>
    Math.max(0, Math.min(p + sizeP / 2, q + sizeQ / 2) - Math.max(p - sizeP / 2, q - sizeQ / 2));
  const both = along(a.x, a.width, b.x, b.width) * along(a.y, a.height, b.y, b.height);
  return both / (a.width * a.height + b.width * b.height - both);
}
