// The skin of a head as pixels of a graph: deferred shading (method.md), for the photo's view and for the
// second one.

import type { Graph, Tensor } from "@ganfit/autodiff";
import { type CameraTensors, cameraFrame, type PrincipalPoint } from "../render/camera-graph.js";
import { interpolate, locatePixels } from "../render/interpolate.js";
import { smoothNormals, unitRows } from "../render/normals-graph.js";
import { type LightingTensors, shade } from "../render/shade.js";
import { sampleTexture } from "../render/texture.js";
import type { VisibleMesh } from "./visible-mesh.js";

export interface SkinView {
  readonly camera: CameraTensors;
  readonly principalPoint: PrincipalPoint;
  readonly lighting: LightingTensors;
  /** `P` int32: the triangle of the mesh that covers each pixel, -1 where there is none. */
  readonly ids: Tensor;
  /** `P x 2`: the pixels' centres. */
  readonly centres: Tensor;
}

export interface SkinPixels {
  /** `P x 3`, gamma-coded R G B. */
  readonly colours: Tensor;
  /** `P x 1`: 1 where skin is seen, else 0. */
  readonly coverage: Tensor;
}

/**
 * @param vertices `V x 3` of the mesh, millimetres
 * @param texture `1 x 3 x s x s`
 */
export function skinPixels(
  graph: Graph,
  mesh: VisibleMesh,
  vertices: Tensor,
  texture: Tensor,
  { camera, principalPoint, lighting, ids, centres }: SkinView,
): SkinPixels {
  const { triangles } = mesh;
  const located = locatePixels(
    { ids, positions: centres },
    {
      inCamera: cameraFrame(vertices, camera),
      triangles,
      focalLength: camera.focalLength,
      principalPoint,
    },
  );
  const uv = graph.constant(mesh.uv, "float32", [mesh.uv.length / 2, 2]);
  const albedo = sampleTexture(texture, interpolate(uv, mesh.uvTriangles, located));
  const normals = unitRows(interpolate(smoothNormals(vertices, triangles), triangles, located));
  const positions =
    lighting.kind === "phong" ? { positions: interpolate(vertices, triangles, located) } : {};
  return {
    colours: shade({ albedo, normals, ...positions }, lighting),
    coverage: located.coverage,
  };
}
