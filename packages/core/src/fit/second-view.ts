// The second rendering of a fit: the same person under another expression, camera and light, drawn anew for
// every iteration, so that identity is carried by shape and texture alone (Gecer et al. 2019, section 3.3.1).
// It is made in the recognition network's aligned picture. Eyes, mouth and background, which no gradient moves,
// are drawn here; skin is drawn in the graph.

import { inPlane } from "../image/in-plane.js";
import { invertSimilarity } from "../image/similarity.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import { alignment } from "../networks/alignment.js";
import { type RecognitionDescription, templateOf } from "../networks/recognition.js";
import { normals } from "../random.js";
import { type Camera, cameraInPicture, project, type Vector3 } from "../render/camera.js";
import type { SphericalHarmonicsLighting } from "../render/lighting.js";
import { createRaster, rasterize } from "../render/rasterize.js";
import { behindSkin } from "./behind-skin.js";
import type { FittedLandmarks } from "./landmark-fit.js";
import { type DrawnView, drawView, viewNumbers } from "./view-prior.js";
import { skinTriangle, type VisibleMesh } from "./visible-mesh.js";

export interface SecondView {
  /** `3 V`: the mesh's mean with the view's expression, without identity, millimetres. */
  readonly shape: Float32Array;
  /** In the aligned picture's pixels. */
  readonly camera: Camera;
  readonly lighting: SphericalHarmonicsLighting;
  /** One for each pixel of the aligned picture: the triangle of the skin that covers it, -1 where none. */
  readonly ids: Int32Array;
  /** `P x 3`, gamma-coded in [0, 1]: what is seen where skin is not. */
  readonly behind: Float32Array;
}

export interface SecondViews {
  /** The view of an iteration, for the shape as it is then. */
  view(step: number, identity: Float32Array): SecondView;
}

/**
 * @param head colours of its eyes are used
 * @param landmarks that align the picture
 * @param seed of the views
 */
export function createSecondViews(
  mesh: VisibleMesh,
  head: Pick<TexturedHead, "model" | "irisColour" | "exposure">,
  landmarks: FittedLandmarks,
  description: RecognitionDescription,
  seed: number,
): SecondViews {
  const { width, height } = description.input;
  const template = templateOf(description);
  const raster = createRaster(width, height);
  const corners = mesh.verticesOf(landmarks.triangles);
  // Each of the landmarks' triangles once, in their order.
  const points = { ...landmarks, triangles: landmarks.triangles.map((_, i) => i) };
  const landmarksOf = (vertices: Float32Array) => surfacePositions(vertices, corners, points);
  const middle = centroid(landmarksOf(mesh.shape.mean));
  const drawBehind = behindSkin(mesh, head);
  const nobody = new Float32Array(mesh.shape.identity.names.length);
  return {
    view(step, identity) {
      const numbers = normals(viewNumbers(mesh.shape.expression), mixed(seed, step));
      const drawn = drawView(mesh.shape.expression, numbers);
      const shape = evaluateModel(mesh.shape, nobody, drawn.expression);
      const vertices = evaluateModel(mesh.shape, identity, drawn.expression);
      const around = orbit(middle, drawn);
      const seen = inPlane(project(landmarksOf(vertices), around));
      const camera = cameraInPicture(around, invertSimilarity(alignment(seen, template)));
      const positions = project(vertices, camera);
      rasterize(
        {
          positions,
          triangles: mesh.opaque,
          width,
          height,
          cullBack: true,
        },
        raster,
      );
      const ids = Int32Array.from(raster.triangle, (triangle) => skinTriangle(mesh, triangle));
      const behind = drawBehind(positions, raster, around.position, drawn.lighting);
      return { shape, camera, lighting: drawn.lighting, ids, behind };
    },
  };
}

/** Pixels; the alignment scales it. */
const FOCAL_LENGTH = 1000;

/** A camera that looks at the face from where the view is drawn, the head upright. */
function orbit(middle: Vector3, { yaw, pitch, distance }: DrawnView): Camera {
  const [y, p] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
  const towards = [-Math.sin(y) * Math.cos(p), -Math.sin(p), Math.cos(y) * Math.cos(p)];
  const at = (k: 0 | 1 | 2) => middle[k] + distance * towards[k]!;
  return {
    position: [at(0), at(1), at(2)],
    lookAt: middle,
    focalLength: FOCAL_LENGTH,
    roll: 0,
    principalPoint: [0, 0],
  };
}

function centroid(points: Float32Array): Vector3 {
  const sum: [number, number, number] = [0, 0, 0];
  points.forEach((value, i) => {
    sum[i % 3]! += (3 * value) / points.length;
  });
  return sum;
}

/** A seed for each step. */
function mixed(seed: number, step: number): number {
  return (Math.imul(seed, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b)) >>> 0;
}
