import { smoothStep } from "../smooth-step.js";
import type { FrameQuality } from "./frame-quality.js";

export interface ChooseFramesOptions {
  /** At most so many; default 6. */
  readonly most?: number;
  /** At least so many, as long as there are good ones; default 3. */
  readonly least?: number;
}

/** Angle between two views from which they show different sides of a head, degrees. */
const APART = 15;
/** Views nearer to one another than this are the same, degrees. */
const SAME = 5;
/** What a frame is worth that shows the same view once more, in parts of one that shows another. */
const ONCE_MORE = 0.1;
/** Views from further aside show too little of a face, degrees: they are worth less from the first on, nothing from the second. */
const ASIDE = [40, 70] as const;
/** Frames worth less than this part of the best are left alone, however new their view. */
const LEAST_QUALITY = 0.3;

/**
 * Picks the frames of a video that a head is best fitted to: sharp, certain, with open eyes, and from different
 * sides. The best frame comes first. Then, one after the other, the one whose quality times how far its view is from
 * all those chosen is largest; beyond `least` only views that are new.
 *
 * @returns indices into `frames`, the best first; of equal frames the earlier. Empty where there are none
 */
export function chooseFrames(
  frames: readonly FrameQuality[],
  { most = 6, least = 3 }: ChooseFramesOptions = {},
): number[] {
  const qualities = qualitiesOf(frames);
  const best = Math.max(...qualities);
  const good = (quality: number) => quality > 0 && quality >= LEAST_QUALITY * best;
  const left = new Set(qualities.flatMap((quality, i) => (good(quality) ? [i] : [])));
  const chosen: number[] = [];
  while (chosen.length < most && left.size > 0) {
    let pick = -1;
    let worth = 0;
    for (const i of left) {
      const nearest = Math.min(...chosen.map((j) => angleBetween(frames[i]!, frames[j]!)));
      if (chosen.length >= least && nearest < SAME) continue;
      const novelty = ONCE_MORE + (1 - ONCE_MORE) * Math.min(1, nearest / APART);
      // The first stands for the person, and best looks at the viewer.
      const value = qualities[i]! * (chosen.length === 0 ? frontal(frames[i]!) : novelty);
      if (value > worth) [pick, worth] = [i, value];
    }
    if (pick < 0) break;
    chosen.push(pick);
    left.delete(pick);
  }
  return chosen;
}

/** In [0, 1], beside the other frames of the same video: light, camera and eyes are its own. */
function qualitiesOf(frames: readonly FrameQuality[]): number[] {
  const sharp = highest(frames.map(({ sharpness }) => sharpness));
  const open = highest(frames.map(({ eyesOpen }) => eyesOpen));
  const large = highest(frames.map(({ interocular }) => interocular));
  return frames.map((frame) => {
    const eyes = smoothStep(0.4, 0.8, frame.eyesOpen / open);
    const size = Math.min(1, frame.interocular / large);
    // The Laplacian's variance grows with the square of contrast.
    const sharpness = Math.min(1, Math.sqrt(frame.sharpness / sharp));
    const aside = 1 - smoothStep(...ASIDE, Math.hypot(frame.yaw, frame.pitch));
    // A blink costs much, but where a person keeps the eyes closed all frames pay the same.
    return frame.confidence * sharpness * size * aside * (0.2 + 0.8 * eyes);
  });
}

/** What nine of ten are below: the single largest may be an error. Never 0. */
function highest(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(sorted[Math.ceil(0.9 * (sorted.length - 1))] ?? 0, Number.MIN_VALUE);
}

function angleBetween(a: FrameQuality, b: FrameQuality): number {
  return Math.hypot(a.yaw - b.yaw, a.pitch - b.pitch);
}

function frontal(frame: FrameQuality): number {
  return 1 - 0.8 * Math.min(1, Math.hypot(frame.yaw, frame.pitch) / 45);
}
