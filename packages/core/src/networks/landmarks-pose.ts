import { rollOf } from "./landmarks.js";

/** In front of the ears, the person's right and left. */
const RIGHT_SIDE = 234;
const LEFT_SIDE = 454;
const HAIRLINE = 10;
const CHIN = 152;
/** How far the line from hairline to chin leans back on a level head: mean of 115 frontal portraits. */
const LEVEL = (3.3 * Math.PI) / 180;

/** Orientation of a head in front of the camera, radians; all 0 for one that looks into it. */
export interface HeadPose {
  /** In-plane, clockwise in the picture. */
  readonly roll: number;
  /** Positive where the person turns to their left, so to the right in the picture. */
  readonly yaw: number;
  /** Positive where the person looks up. */
  readonly pitch: number;
}

/**
 * An estimate from 478 landmarks, good enough to choose photos and to start a fit from: the
 * directions across the face and from hairline to chin, as the network sees them in depth.
 *
 * @param points `478 x 3`.
 */
export function headPose(points: Float32Array): HeadPose {
  const roll = rollOf(points);
  const [cosine, sine] = [Math.cos(roll), Math.sin(roll)];
  const between = (from: number, to: number) => {
    const [x, y, z] = [0, 1, 2].map((axis) => points[3 * to + axis]! - points[3 * from + axis]!);
    return { along: cosine * x! + sine * y!, down: cosine * y! - sine * x!, away: z! };
  };
  const across = between(RIGHT_SIDE, LEFT_SIDE);
  const length = between(HAIRLINE, CHIN);
  return {
    roll,
    yaw: Math.atan2(across.away, across.along),
    pitch: LEVEL - Math.atan2(length.away, length.down),
  };
}
