import { luminance } from "../image/colour.js";
import type { Image } from "../image/image.js";
import { inPlane } from "../image/in-plane.js";
import { LANDMARK_GROUPS } from "../networks/ibug68.js";
import { type Polygon, polygonOf, signedDistance } from "../networks/mask-geometry.js";

/** Gamma-coded brightness of the whites of eyes in studio portraits, mean of 85 people of the London set. */
const WHITE = 0.56;
/** Darker whites are held to be lids' shadows. */
const LEAST = 0.4;
/** Ranks of the brightness of what lies between the lids beside the iris; the brightest are reflections. */
const FROM = 0.6;
const TO = 0.9;
/** The iris' rim is not where its landmarks say to the pixel. */
const IRIS_MARGIN = 1.2;
/** Fewer pixels say nothing. */
const FEWEST = 12;

/**
 * How bright a photo shows what is white, from the whites of the eyes: 1 in full light. Eyes that are too small
 * or closed count as in full light.
 *
 * @param photo gamma-coded
 * @param landmarks `478 x 3`, pixels of the photo
 * @returns in [0.4, 1], gamma-coded
 */
export function exposureOf(photo: Image, landmarks: ArrayLike<number>): number {
  const flat = inPlane(landmarks);
  const { rightEye, leftEye, rightIris, leftIris } = LANDMARK_GROUPS;
  const values = [
    ...whites(photo, polygonOf(flat, rightEye), polygonOf(flat, rightIris)),
    ...whites(photo, polygonOf(flat, leftEye), polygonOf(flat, leftIris)),
  ].sort((a, b) => a - b);
  if (values.length < FEWEST) return 1;
  const chosen = values.slice(Math.floor(FROM * values.length), Math.ceil(TO * values.length));
  const mean = chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
  return Math.min(1, Math.max(LEAST, mean / WHITE));
}

/** Gamma-coded brightness of the pixels between the lids and beside the iris. */
function whites({ width, height, data }: Image, eye: Polygon, iris: Polygon): number[] {
  const range = (axis: 0 | 1) => {
    const values = Array.from({ length: eye.length / 2 }, (_, i) => eye[2 * i + axis]!);
    return [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))] as const;
  };
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const [columns, rows] = [right - left, bottom - top];
  if (!(columns > 0 && rows > 0 && columns * rows < 2 ** 24)) return [];
  const local = eye.map((value, i) => value - (i % 2 === 0 ? left : top));
  const distance = signedDistance(local, columns, rows);
  const [cx, cy] = [iris[0]!, iris[1]!];
  const radius =
    [1, 2, 3, 4].reduce((sum, i) => sum + Math.hypot(iris[2 * i]! - cx, iris[2 * i + 1]! - cy), 0) /
    4;
  const out: number[] = [];
  distance.forEach((outside, i) => {
    const x = left + (i % columns);
    const y = top + Math.floor(i / columns);
    const beside = Math.hypot(x + 0.5 - cx, y + 0.5 - cy) > IRIS_MARGIN * radius;
    if (outside > 0 || !beside || x < 0 || y < 0 || x >= width || y >= height) return;
    const at = 3 * (y * width + x);
    out.push(luminance(data[at]! / 255, data[at + 1]! / 255, data[at + 2]! / 255));
  });
  return out;
}
