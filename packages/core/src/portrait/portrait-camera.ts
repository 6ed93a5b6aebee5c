import { GanfitError } from "../errors.js";
import type { Camera } from "../render/camera.js";

export interface PortraitOptions {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Degrees by which the head turns to its own left, its nose to the right of the picture; default 0. */
  readonly yaw?: number;
  /** Degrees by which the head looks up, short of 90; default 0. */
  readonly pitch?: number;
  /** Degrees between top and bottom of the picture; default 18, a portrait lens. */
  readonly fov?: number;
  /** Share of the picture left free on each side; default 0.05. */
  readonly margin?: number;
}

/**
 * A camera that shows all of a head, as large as it fits, the middle of its box in the middle.
 *
 * @param vertices `V x 3`, the head's frame, millimetres
 * @throws GanfitError `usage` without vertices or where an angle or size makes no sense
 */
export function portraitCamera(vertices: Float32Array, options: PortraitOptions): Camera {
  const { width, height, yaw = 0, pitch = 0, fov = 18, margin = 0.05 } = options;
  const sensible =
    width > 0 && height > 0 && Math.abs(pitch) < 90 && fov > 0 && fov < 180 && margin < 0.5;
  if (!sensible || vertices.length === 0) {
    throw new GanfitError(
      "usage",
      `No portrait of ${vertices.length / 3} vertices: ${width} x ${height} pixels, pitch ${pitch}, field of view ${fov}, margin ${margin}.`,
    );
  }
  const focalLength = height / 2 / Math.tan((fov * Math.PI) / 360);
  const [sinYaw, cosYaw] = sineAndCosine(yaw);
  const [sinPitch, cosPitch] = sineAndCosine(pitch);
  const right = [cosYaw, 0, sinYaw] as const;
  const up = [-sinPitch * sinYaw, cosPitch, sinPitch * cosYaw] as const;
  const towards = [-sinYaw * cosPitch, -sinPitch, cosYaw * cosPitch] as const;
  const centre = middleOf(vertices);
  // From a distance d a vertex at (x, y, z) lies inside while |x| <= (d - z) tan(half the view), so it asks
  // for d >= z + |x| / tan; likewise y.
  const reach = (1 - 2 * margin) / (2 * focalLength);
  let distance = 0;
  for (let v = 0; v < vertices.length; v += 3) {
    const [x, y, z] = [right, up, towards].map(
      (axis) =>
        axis[0] * (vertices[v]! - centre[0]) +
        axis[1] * (vertices[v + 1]! - centre[1]) +
        axis[2] * (vertices[v + 2]! - centre[2]),
    ) as [number, number, number];
    distance = Math.max(
      distance,
      z + Math.abs(x) / (reach * width),
      z + Math.abs(y) / (reach * height),
    );
  }
  const at = (k: 0 | 1 | 2) => centre[k] + distance * towards[k];
  return {
    position: [at(0), at(1), at(2)],
    lookAt: centre,
    focalLength,
    roll: 0,
    principalPoint: [width / 2, height / 2],
  };
}

function sineAndCosine(degrees: number): [number, number] {
  return [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
}

function middleOf(vertices: Float32Array): [number, number, number] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < vertices.length; i++) {
    low[i % 3] = Math.min(low[i % 3]!, vertices[i]!);
    high[i % 3] = Math.max(high[i % 3]!, vertices[i]!);
  }
  return [0, 1, 2].map((k) => (low[k]! + high[k]!) / 2) as [number, number, number];
}
