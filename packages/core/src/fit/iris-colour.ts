import type { Colour } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { LANDMARK_GROUPS } from "../networks/ibug68.js";

/** Of an iris that cannot be seen: a dark brown, the most frequent. */
export const DEFAULT_IRIS: Colour = [92, 66, 48];

/** Part of the iris between pupil and rim, in radii, where its colour is taken. */
const INNER = 0.5;
const OUTER = 0.85;
/** Samples around and along the radius. */
const AROUND = 48;
const ALONG = 5;

/**
 * The colour of the irises: the median over both, between pupil and rim, without the upper part that the
 * lid shades and without highlights.
 *
 * @param photo gamma-coded
 * @param landmarks `478 x 3`, pixels of the photo
 */
export function irisColourOf(photo: Image, landmarks: ArrayLike<number>): Colour {
  const samples: Colour[] = [];
  for (const group of [LANDMARK_GROUPS.rightIris, LANDMARK_GROUPS.leftIris]) {
    const [centre, ...ring] = group.map((i) => [landmarks[3 * i]!, landmarks[3 * i + 1]!] as const);
    const radius =
      ring.reduce((sum, [x, y]) => sum + Math.hypot(x - centre![0], y - centre![1]), 0) / 4;
    for (let a = 0; a < AROUND; a++) {
      // Angles from the horizontal downwards and a little above it.
      const angle = -0.25 + ((Math.PI + 0.5) * a) / (AROUND - 1);
      for (let r = 0; r < ALONG; r++) {
        const distance = radius * (INNER + ((OUTER - INNER) * r) / (ALONG - 1));
        const x = Math.floor(centre![0] + distance * Math.cos(angle));
        const y = Math.floor(centre![1] + distance * Math.sin(angle));
        if (x < 0 || y < 0 || x >= photo.width || y >= photo.height) continue;
        const at = 3 * (y * photo.width + x);
        samples.push([photo.data[at]!, photo.data[at + 1]!, photo.data[at + 2]!]);
      }
    }
  }
  if (samples.length < AROUND) return DEFAULT_IRIS;
  const brightness = ([r, g, b]: Colour) => r + g + b;
  samples.sort((a, b) => brightness(a) - brightness(b));
  const kept = samples.slice(0, Math.ceil(0.8 * samples.length));
  const median = (c: 0 | 1 | 2) =>
    kept.map((sample) => sample[c]).sort((a, b) => a - b)[Math.floor(kept.length / 2)]!;
  return [median(0), median(1), median(2)];
}
