/**
 * Glasses by their rims: on the smooth skin under and beside each eye a rim is a thin line that keeps
 * its course around the eye, which nothing else does.
 */
import { LEFT_BROW, LEFT_EYE, polygonMask, RIGHT_BROW, RIGHT_EYE } from "./mask-geometry.js";
import type { LabPlanes } from "./skin-colour.js";

export interface Glasses {
  /** Whether rims were found at both eyes. */
  readonly found: boolean;
  /** Mean contrast of the better course around each eye, of the weaker eye; Lab, L in [0, 1]. */
  readonly contrast: number;
  /** Frames and lenses, in [0, 1]; all 0 where there are none. */
  readonly mask: Float32Array;
}

/** Directions, from beside the eye on the outer side, through below it, towards the nose; degrees. */
const FIRST = 10;
const LAST = 130;
const STEP = 5;
/** Distances from the eye's centre, over the eye's width. */
const NEAREST = 0.55;
const FARTHEST = 1.45;
const SAMPLES = 48;
/** Half the width of a rim, over the eye's width. */
const HALF_RIM = 0.1;
/** Least contrast of a rim. */
const THRESHOLD = 0.09;

/** @param lab planes of side x side pixels, eyes level @param points `478 x 2`, pixels */
export function findGlasses(lab: LabPlanes, points: ArrayLike<number>, side: number): Glasses {
  const eyes = [
    { outline: RIGHT_EYE, brow: RIGHT_BROW, outer: 33, inner: 133, outward: -1 },
    { outline: LEFT_EYE, brow: LEFT_BROW, outer: 263, inner: 362, outward: 1 },
  ].map((eye) => ({ ...eye, ...rimOf(lab, points, side, eye) }));
  const contrast = Math.min(...eyes.map((eye) => eye.contrast));
  const found = contrast > THRESHOLD;
  const mask = new Float32Array(side * side);
  if (!found) return { found, contrast, mask };
  const polygons = eyes.map(({ x, y, width, radii, brow, outward }) => {
    const corners = radii.flatMap((radius, i) => {
      const angle = ((FIRST + i * STEP) * Math.PI) / 180;
      const reach = radius + 0.5 * HALF_RIM * width;
      return [x + outward * reach * Math.cos(angle), y + reach * Math.sin(angle)];
    });
    // Above, the lens ends at about the middle of the brow, and as far outside as beside the eye.
    const browLine = brow.reduce((sum, i) => sum + points[2 * i + 1]!, 0) / brow.length;
    const first = corners[0]!;
    const last = corners[corners.length - 2]!;
    return [...corners, last, browLine, first, browLine];
  });
  const [right, left] = eyes as [(typeof eyes)[0], (typeof eyes)[0]];
  const level = (points[2 * 168 + 1]! + points[2 * 6 + 1]!) / 2;
  const half = 0.12 * right.width;
  const inner = (polygon: readonly number[]) => polygon[polygon.length - 4]!;
  const bridge = [
    inner(polygons[0]!),
    level - half,
    inner(polygons[1]!),
    level - half,
    inner(polygons[1]!),
    level + half,
    inner(polygons[0]!),
    level + half,
  ];
  const arms = [
    [right.x - right.width, right.y, points[2 * 127]!, points[2 * 127 + 1]!],
    [left.x + left.width, left.y, points[2 * 356]!, points[2 * 356 + 1]!],
  ].map(([x0, y0, x1, y1]) => [x0!, y0! - half, x1!, y1! - half, x1!, y1! + half, x0!, y0! + half]);
  for (const polygon of [...polygons, bridge, ...arms]) {
    polygonMask(polygon, side, side, 1).forEach((value, i) => {
      mask[i] = Math.max(mask[i]!, value);
    });
  }
  return { found, contrast, mask };
}

/** The course around the eye along which a thin line stands out most (dynamic programming). */
function rimOf(
  lab: LabPlanes,
  points: ArrayLike<number>,
  side: number,
  {
    outline,
    outer,
    inner,
    outward,
  }: { outline: readonly number[]; outer: number; inner: number; outward: number },
) {
  const at = (i: number) => [points[2 * i]!, points[2 * i + 1]!] as const;
  const [x, y] = [0, 1].map(
    (axis) => outline.reduce((sum, i) => sum + at(i)[axis]!, 0) / outline.length,
  ) as [number, number];
  const width = Math.hypot(at(outer)[0] - at(inner)[0], at(outer)[1] - at(inner)[1]);
  const radiusAt = (j: number) => (NEAREST + ((FARTHEST - NEAREST) * j) / (SAMPLES - 1)) * width;
  const rays = (LAST - FIRST) / STEP + 1;
  const gap = Math.max(1.5, HALF_RIM * width);
  const response = Array.from({ length: rays }, (_, i) => {
    const angle = ((FIRST + i * STEP) * Math.PI) / 180;
    const colour = (radius: number) =>
      sample(lab, side, x + outward * radius * Math.cos(angle), y + radius * Math.sin(angle));
    return Array.from({ length: SAMPLES }, (_, j) => {
      const r = radiusAt(j);
      const [before, here, after] = [colour(r - gap), colour(r), colour(r + gap)];
      return Math.hypot(...here.map((v, c) => v - (before[c]! + after[c]!) / 2));
    });
  });
  const best = [response[0]!.slice()];
  const from: number[][] = [];
  for (let i = 1; i < rays; i++) {
    const sources = response[i]!.map((_, j) => {
      let source = j;
      for (let k = Math.max(0, j - 3); k <= Math.min(SAMPLES - 1, j + 3); k++) {
        if (best[i - 1]![k]! > best[i - 1]![source]!) source = k;
      }
      return source;
    });
    from.push(sources);
    best.push(response[i]!.map((value, j) => value + best[i - 1]![sources[j]!]!));
  }
  const last = best[rays - 1]!;
  let j = last.indexOf(Math.max(...last));
  const contrast = last[j]! / rays;
  const radii = [radiusAt(j)];
  for (let i = rays - 2; i >= 0; i--) {
    j = from[i]![j]!;
    radii.unshift(radiusAt(j));
  }
  return { x, y, width, contrast, radii };
}

/** Bilinear, the border repeated. */
function sample(lab: LabPlanes, side: number, x: number, y: number): number[] {
  const u = Math.min(side - 1, Math.max(0, x - 0.5));
  const v = Math.min(side - 1, Math.max(0, y - 0.5));
  const x0 = Math.min(side - 2, Math.floor(u));
  const y0 = Math.min(side - 2, Math.floor(v));
  const [wx, wy] = [u - x0, v - y0];
  const i = y0 * side + x0;
  return lab.map(
    (plane) =>
      (plane[i]! * (1 - wx) + plane[i + 1]! * wx) * (1 - wy) +
      (plane[i + side]! * (1 - wx) + plane[i + side + 1]! * wx) * wy,
  );
}
