/** The four regions that REALY cuts its scans into, on known heads. */
import type { RealyRegion } from "../realy/realy-regions.js";

/** How much of the forehead is above the brows, millimetres. */
const FOREHEAD = 42;
/** How far regions reach beyond their landmarks, millimetres. */
const AROUND_NOSE = 5;
const AROUND_MOUTH = 7;
const BELOW_EYES = 5;

type Point = readonly [x: number, y: number];

/**
 * Which region each point belongs to, seen from the front: the nose and the mouth by the hulls of their landmarks, the
 * forehead from below the eyes to above the brows, the cheek with the chin is the rest within the jaw's line.
 *
 * @param positions `n x 3` in the model's frame, millimetres
 * @param landmarks `68 x 3`
 * @returns `n`; null for points outside of the face
 */
export function scanRegions(
  positions: Float64Array,
  landmarks: Float64Array,
): (RealyRegion | null)[] {
  const mark = (i: number): Point => [landmarks[3 * i]!, landmarks[3 * i + 1]!];
  const marks = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => mark(from + i));
  const brows = [...marks(17, 26)].reverse().map(([x, y]): Point => [1.15 * x, y + FOREHEAD]);
  const outline = [...marks(0, 16), ...brows];
  const nose = hull(marks(27, 35));
  const mouth = hull(marks(48, 59));
  const upperLip = mark(33)[1];
  const eyes = Math.min(...[40, 41, 46, 47].map((i) => mark(i)[1])) - BELOW_EYES;
  const deepest = Math.min(landmarks[2]!, landmarks[3 * 16 + 2]!);
  return Array.from({ length: positions.length / 3 }, (_, i) => {
    const [x, y, z] = positions.subarray(3 * i, 3 * i + 3);
    const point = [x!, y!] as const;
    if (z! < deepest || !isInside(point, outline)) return null;
    if (y! > upperLip - AROUND_NOSE && distanceTo(point, nose) < AROUND_NOSE) return "nose";
    if (y! < upperLip && distanceTo(point, mouth) < AROUND_MOUTH) return "mouth";
    return y! > eyes ? "forehead" : "cheek";
  });
}

/** 0 inside. */
function distanceTo(point: Point, polygon: readonly Point[]): number {
  if (isInside(point, polygon)) return 0;
  return Math.min(...polygon.map((from, i) => toSegment(point, from, polygon.at(i - 1)!)));
}

function toSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [ux, uy] = [bx - ax, by - ay];
  const share = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy || 1);
  const along = Math.min(1, Math.max(0, share));
  return Math.hypot(x - ax - along * ux, y - ay - along * uy);
}

/** By the number of edges that a ray to the right crosses. */
function isInside([x, y]: Point, polygon: readonly Point[]): boolean {
  let inside = false;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon.at(i - 1)!;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}

/** Convex hull by Andrew's monotone chain. */
function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (ordered: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half([...sorted].reverse())];
}

function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}
