import type { Similarity } from "../image/similarity.js";

/** A square part of a picture, turned in its plane. */
export interface Region {
  /** Centre, pixels. */
  readonly x: number;
  readonly y: number;
  /** Length of a side, pixels. */
  readonly size: number;
  /** Radians, clockwise: where the square's x axis points in the picture. */
  readonly rotation: number;
}

/** From a crop of `side` x `side` pixels to the picture. */
export function cropOf({ x, y, size, rotation }: Region, side: number): Similarity {
  const scale = size / side;
  const a = scale * Math.cos(rotation);
  const b = scale * Math.sin(rotation);
  const half = side / 2;
  return { scale, rotation, tx: x - (a - b) * half, ty: y - (b + a) * half };
}

/**
 * Intersection over union of the circles inscribed in two regions: unlike the squares' it does not
 * depend on how they are turned.
 */
export function overlapOf(a: Region, b: Region): number {
  const [r, s] = [a.size / 2, b.size / 2];
  const distance = Math.hypot(a.x - b.x, a.y - b.y);
  if (distance >= r + s) return 0;
  const [small, large] = [Math.min(r, s), Math.max(r, s)];
  const lens =
    distance <= large - small
      ? Math.PI * small ** 2
      : segment(r, (distance ** 2 + r ** 2 - s ** 2) / (2 * distance)) +
        segment(s, (distance ** 2 + s ** 2 - r ** 2) / (2 * distance));
  return lens / (Math.PI * (r ** 2 + s ** 2) - lens);
}

/** Area of the part of a circle of this radius that lies beyond `distance` from its centre. */
function segment(radius: number, distance: number): number {
  const cosine = Math.max(-1, Math.min(1, distance / radius));
  return radius ** 2 * (Math.acos(cosine) - cosine * Math.sqrt(1 - cosine ** 2));
}
