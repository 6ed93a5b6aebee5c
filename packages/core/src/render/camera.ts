// The pinhole camera of GANFIT (Gecer et al. 2019, section 3.2): position, look-at point and focal length,
// seven numbers. They cannot turn the picture in its plane; the paper's photos are upright by alignment.
// Ours are not, so a roll is kept as an eighth.
//
// The camera's frame is that of OpenCV: x right and y down in the picture, z along the line of sight.
//
//     forward = normalise(lookAt - position)        right_0 = normalise(forward x (0, 1, 0))
//     down_0 = forward x right_0                    (right, down) = (right_0, down_0) turned by the roll
//     (x, y, z) = (right, down, forward) (vertex - position)
//     pixel = focalLength (x, y) / z + principalPoint

import { applySimilarity, type Similarity } from "../image/similarity.js";

export type Vector3 = readonly [x: number, y: number, z: number];

export interface Camera {
  /** Of the pinhole, in the head's frame, millimetres. */
  readonly position: Vector3;
  /** A point in the middle of the view, in the head's frame, millimetres; it may not lie straight above. */
  readonly lookAt: Vector3;
  /** Pixels. */
  readonly focalLength: number;
  /** Radians by which the head is turned clockwise in the picture. */
  readonly roll: number;
  /** Where the line of sight meets the picture, pixels from its top left corner. */
  readonly principalPoint: readonly [x: number, y: number];
}

/** A rigid motion from the head's frame to the camera's: `rotation vertex + translation`. */
export interface Extrinsics {
  /** 3 x 3, by rows: the camera's right, down and forward. */
  readonly rotation: readonly number[];
  /** Millimetres. */
  readonly translation: Vector3;
}

/** Nothing nearer to the pinhole is drawn, millimetres. */
export const NEAR = 1;

export function extrinsicsOf({ position, lookAt, roll }: Camera): Extrinsics {
  const forward = normalised([
    lookAt[0] - position[0],
    lookAt[1] - position[1],
    lookAt[2] - position[2],
  ]);
  const right = normalised([-forward[2], 0, forward[0]]);
  const down = cross(forward, right);
  const [cosine, sine] = [Math.cos(roll), Math.sin(roll)];
  const rotation = [
    ...right.map((value, i) => cosine * value - sine * down[i]!),
    ...right.map((value, i) => sine * value + cosine * down[i]!),
    ...forward,
  ];
  const along = (row: number) =>
    -(
      rotation[3 * row]! * position[0] +
      rotation[3 * row + 1]! * position[1] +
      rotation[3 * row + 2]! * position[2]
    );
  return { rotation, translation: [along(0), along(1), along(2)] };
}

/**
 * The camera that does what a rigid motion does.
 *
 * @param depth millimetres from the pinhole to the look-at point
 */
export function cameraOf(
  { rotation, translation }: Extrinsics,
  focalLength: number,
  principalPoint: readonly [number, number],
  depth: number,
): Camera {
  const row = (i: number) => rotation.slice(3 * i, 3 * i + 3) as [number, number, number];
  const position = [0, 1, 2].map(
    (k) =>
      -(
        rotation[k]! * translation[0] +
        rotation[3 + k]! * translation[1] +
        rotation[6 + k]! * translation[2]
      ),
  ) as [number, number, number];
  const forward = row(2);
  const right = normalised([-forward[2], 0, forward[0]]);
  const down = cross(forward, right);
  const actual = row(0);
  return {
    position,
    lookAt: [0, 1, 2].map((k) => position[k]! + depth * forward[k]!) as [number, number, number],
    focalLength,
    roll: Math.atan2(-dot(actual, down), dot(actual, right)),
    principalPoint,
  };
}

/** The 3 x 3 matrix of OpenCV, by rows. */
export function intrinsicsOf({ focalLength, principalPoint }: Camera): number[] {
  return [focalLength, 0, principalPoint[0], 0, focalLength, principalPoint[1], 0, 0, 1];
}

/** The camera as a picture sees it that a similarity makes of the camera's own: a crop, say. */
export function cameraInPicture(camera: Camera, toPicture: Similarity): Camera {
  const [x, y] = applySimilarity(toPicture, camera.principalPoint);
  return {
    ...camera,
    focalLength: camera.focalLength * toPicture.scale,
    roll: camera.roll + toPicture.rotation,
    principalPoint: [x!, y!],
  };
}

/**
 * @param vertices `V x 3`, the head's frame, millimetres
 * @returns `V x 3`: the camera's frame
 */
export function toCameraFrame(vertices: ArrayLike<number>, camera: Camera): Float32Array {
  const { rotation: r, translation: t } = extrinsicsOf(camera);
  const out = new Float32Array(vertices.length);
  for (let v = 0; v < vertices.length; v += 3) {
    const x = vertices[v]!;
    const y = vertices[v + 1]!;
    const z = vertices[v + 2]!;
    out[v] = r[0]! * x + r[1]! * y + r[2]! * z + t[0];
    out[v + 1] = r[3]! * x + r[4]! * y + r[5]! * z + t[1];
    out[v + 2] = r[6]! * x + r[7]! * y + r[8]! * z + t[2];
  }
  return out;
}

/**
 * Pixels of the picture, and for the third number -1 / depth, which is linear over the picture and smaller
 * where nearer: what `rasterize` takes. Vertices nearer than {@link NEAR} or behind give NaN, so that
 * their triangles are left out.
 *
 * @param inCamera `V x 3`, from {@link toCameraFrame}
 * @returns `V x 3`
 */
export function toScreen(inCamera: ArrayLike<number>, camera: Camera): Float32Array {
  const { focalLength, principalPoint } = camera;
  const out = new Float32Array(inCamera.length);
  for (let v = 0; v < inCamera.length; v += 3) {
    const depth = inCamera[v + 2]!;
    const inverse = depth >= NEAR ? 1 / depth : Number.NaN;
    out[v] = focalLength * inCamera[v]! * inverse + principalPoint[0];
    out[v + 1] = focalLength * inCamera[v + 1]! * inverse + principalPoint[1];
    out[v + 2] = -inverse;
  }
  return out;
}

/** {@link toCameraFrame}, then {@link toScreen}. */
export function project(vertices: ArrayLike<number>, camera: Camera): Float32Array {
  return toScreen(toCameraFrame(vertices, camera), camera);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalised(v: Vector3): Vector3 {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}
