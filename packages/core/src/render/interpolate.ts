// From triangles to pixels: perspective-correct barycentric coordinates recomputed in the graph for the
// triangle that covers each pixel (nvdiffrast's interpolate, Laine et al. 2020), so that gradients reach
// vertices and camera. With A, B, C a triangle's homogeneous pixels (camera-graph.ts), d = (x, y, 1) the
// pixel's ray (Olano and Greer 1997):
//
//     w_a = d.(B x C)   w_b = d.(C x A)   w_c = d.(A x B)   weights = w / (w_a + w_b + w_c)
//
// Written with edges, because B x C is the small difference of large products:
//
//     w_a + w_b + w_c = d.((B - A) x (C - A))   w_b = d.((C - A) x A)   w_c = d.(A x (B - A))
//
// The three cross products are made once for each triangle and gathered for each pixel, whole planes at a
// time: nine planes of 65,536 pixels take 1.2 ms. Rows of nine and a transposition would take 0.3, but
// ONNX Runtime moves the transposition behind the sum that follows, which then takes 15 instead of 0.3.
//
// Which triangle covers a pixel is piecewise constant and comes from outside (rasterize.ts), and so are
// the silhouette's pixels: there is no antialiasing and no soft silhouette, and no gradient moves a contour. In a
// fit the landmarks of the jaw do that.

import {
  abs,
  and,
  cast,
  concat,
  fill,
  gather,
  greater,
  greaterOrEqual,
  mul,
  reciprocal,
  reduceSum,
  reshape,
  slice,
  sub,
  type Tensor,
  transpose,
  where,
} from "@ganfit/autodiff";
import { homogeneousPixels, type PrincipalPoint } from "./camera-graph.js";
import { cornerColumns, crossColumns, row } from "./planes.js";

export interface RasterizedPixels {
  /**
   * [P] int32 or int64: the triangle that covers each pixel, -1 where there is none. P is any number:
   * all pixels of a picture, or those that a head covers, filled up with -1.
   */
  readonly ids: Tensor;
  /** [P, 2]: the pixels' centres (at .5) in the camera's picture. Those of a turned crop lie askew there. */
  readonly positions: Tensor;
}

export interface RasterScene {
  /** [V, 3], from `cameraFrame`, millimetres. */
  readonly inCamera: Tensor;
  /** `T x 3` vertex indices: what {@link RasterizedPixels.ids} counts. */
  readonly triangles: Uint32Array;
  /** One element, pixels. */
  readonly focalLength: Tensor;
  readonly principalPoint: PrincipalPoint;
}

/** What {@link interpolate} needs to know of each pixel. */
export interface GraphRaster {
  /** [P] int32 or int64. */
  readonly ids: Tensor;
  /** [P, 3]: the weight of each corner; (1, 0, 0) where nothing is seen. */
  readonly weights: Tensor;
  /** [P, 1]: 1 where a triangle is seen, else 0; without gradient. */
  readonly coverage: Tensor;
}

/** Triangles seen so exactly from the side that they have less than this volume are not seen. */
const SMALLEST_VOLUME = 1e-6;

/** Perspective-correct barycentric coordinates of every pixel in the triangle that covers it. */
export function locatePixels(pixels: RasterizedPixels, scene: RasterScene): GraphRaster {
  const { ids, positions } = pixels;
  const { inCamera, triangles, focalLength, principalPoint } = scene;
  const count = ids.size;
  const vertices = transpose(homogeneousPixels(inCamera, focalLength, principalPoint));
  const [a, b, c] = cornerColumns(vertices, triangles);
  const [ab, ac] = [sub(b, a), sub(c, a)];
  const volumes = crossColumns(concat([ab, ac, a], 1), concat([ac, a, ab], 1));
  // ONNX counts index -1 from the end, so uncovered pixels read the last triangle.
  const ofPixels = gather(reshape(volumes, [3, 3, -1]), ids, 2);
  const planes = transpose(positions);
  const rays = reshape(concat([planes, fill(planes, 1, [1, count])], 0), [3, 1, count]);
  const products = reduceSum(mul(ofPixels, rays), [0]);

  const volume = row(products, 0);
  const covered = greaterOrEqual(reshape(ids, [1, count]), 0);
  const seen = and(covered, greater(abs(volume), SMALLEST_VOLUME));
  // The inner choice keeps the reciprocal and its gradient finite, the outer one makes them zero.
  const inverse = where(seen, reciprocal(where(seen, volume, 1)), 0);
  const ofBC = mul(slice(products, [1], [3], [0]), inverse);
  const ofA = sub(1, reduceSum(ofBC, [0], true));
  return {
    ids,
    weights: transpose(concat([ofA, ofBC], 0)),
    coverage: transpose(cast(seen, inCamera.dtype)),
  };
}

/**
 * Attributes of the surface at each pixel. Where nothing is seen they are those of some vertex, so
 * finite; no gradient comes from there.
 *
 * @param attributes [M, C]
 * @param triangles `T x 3` indices into `attributes`: the vertices' own triangles, or, for what has
 *   seams of its own such as texture coordinates, others in the same order
 * @returns [P, C]
 */
export function interpolate(
  attributes: Tensor,
  triangles: Uint32Array,
  { ids, weights }: GraphRaster,
): Tensor {
  const [count, width] = [ids.size, attributes.shape[1]!];
  const corners = reshape(concat(cornerColumns(attributes, triangles), 0), [3, width, -1]);
  const shares = mul(gather(corners, ids, 2), reshape(transpose(weights), [3, 1, count]));
  return transpose(reduceSum(shares, [0]));
}
