import type { MorphableModel } from "../models/morphable-model.js";
import { vertexNormals } from "../render/normals.js";
import { atTexels, directionsAtTexels, texturePositions } from "./texture-positions.js";

/** Where each texel lies on one shape of the head, and which way it faces. */
export interface TexelSurface {
  /** `size x size x 3`, the head's frame, millimetres; 0 where the texture shows no skin. */
  readonly places: Float32Array;
  /** `size x size x 3`, unit; 0 where the texture shows no skin. */
  readonly normals: Float32Array;
}

/**
 * @param vertices `V x 3`, millimetres
 * @param size texels along each side
 * @throws GanfitError `usage` where the model has no texture coordinates or the size makes no sense
 */
export function texelSurface(
  model: MorphableModel,
  vertices: Float32Array,
  size: number,
): TexelSurface {
  const positions = texturePositions(model, size);
  return {
    places: atTexels(positions, model.triangles, vertices),
    normals: directionsAtTexels(
      positions,
      model.triangles,
      vertexNormals(vertices, model.triangles),
    ),
  };
}
