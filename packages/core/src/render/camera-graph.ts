// camera.ts as a graph: the same formulas, with gradients to the vertices and to all eight numbers.

import {
  add,
  concat,
  cos,
  div,
  type Graph,
  maximum,
  mul,
  neg,
  reshape,
  sin,
  slice,
  sub,
  type Tensor,
  transpose,
} from "@ganfit/autodiff";
import { NEAR } from "./camera.js";
import { crossColumns, row, unitColumns } from "./planes.js";

/** A camera of a graph; units are those of `Camera`. */
export interface CameraTensors {
  /** [3], millimetres. */
  readonly position: Tensor;
  /** [3], millimetres. */
  readonly lookAt: Tensor;
  /** One element, pixels. */
  readonly focalLength: Tensor;
  /** One element, radians. */
  readonly roll: Tensor;
}

/** Pixels from the picture's top left corner: [2], or numbers where it does not change. */
export type PrincipalPoint = Tensor | readonly [x: number, y: number];

/**
 * @param vertices [V, 3], the head's frame, millimetres
 * @returns [V, 3]: the camera's frame, x right, y down, z along the line of sight, millimetres
 */
export function cameraFrame(vertices: Tensor, camera: CameraTensors): Tensor {
  const position = reshape(camera.position, [3, 1]);
  const forward = unitColumns(sub(reshape(camera.lookAt, [3, 1]), position));
  const level = vertices.graph.constant(0, vertices.dtype, [1, 1]);
  const right = unitColumns(concat([neg(row(forward, 2)), level, row(forward, 0)], 0));
  const down = crossColumns(forward, right);
  const roll = reshape(camera.roll, [1, 1]);
  const [cosine, sine] = [cos(roll), sin(roll)];
  // The camera's axes side by side: the head's axes are the rows.
  const axes = concat(
    [sub(mul(cosine, right), mul(sine, down)), add(mul(sine, right), mul(cosine, down)), forward],
    1,
  );
  const relative = sub(transpose(vertices), position);
  const along = (k: number) => mul(reshape(row(axes, k), [3, 1]), row(relative, k));
  return transpose(add(add(along(0), along(1)), along(2)));
}

/**
 * Homogeneous pixels: (x', y', z) with the pixel at (x', y') / z. They are a linear map of the camera's
 * frame, so what is true of rays and volumes there is true here, and a pixel's ray is (x, y, 1).
 *
 * @param inCamera [V, 3], from {@link cameraFrame}
 * @param focalLength one element, pixels
 * @returns [3, V]
 */
export function homogeneousPixels(
  inCamera: Tensor,
  focalLength: Tensor,
  principalPoint: PrincipalPoint,
): Tensor {
  const planes = transpose(inCamera);
  const depth = row(planes, 2);
  const centre = principalColumn(inCamera.graph, principalPoint, inCamera);
  const scaled = mul(slice(planes, [0], [2], [0]), reshape(focalLength, [1, 1]));
  return concat([add(scaled, mul(centre, depth)), depth], 0);
}

/**
 * Where points are seen. Those nearer than `NEAR`, or behind, are taken for being at that depth, so that
 * nothing is infinite.
 *
 * @param inCamera [N, 3], from {@link cameraFrame}
 * @param focalLength one element, pixels
 * @returns [N, 2], pixels
 */
export function projectPoints(
  inCamera: Tensor,
  focalLength: Tensor,
  principalPoint: PrincipalPoint,
): Tensor {
  const planes = transpose(inCamera);
  const depth = maximum(row(planes, 2), NEAR);
  const centre = principalColumn(inCamera.graph, principalPoint, inCamera);
  const scaled = mul(slice(planes, [0], [2], [0]), reshape(focalLength, [1, 1]));
  return transpose(add(div(scaled, depth), centre));
}

function principalColumn(graph: Graph, point: PrincipalPoint, like: Tensor): Tensor {
  return "graph" in point
    ? reshape(point, [2, 1])
    : graph.constant([point[0], point[1]], like.dtype, [2, 1]);
}
