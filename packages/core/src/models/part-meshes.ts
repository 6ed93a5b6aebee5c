// A model cut into one mesh for each kind of part, vertices split along the seams of textures: what file
// formats and graphics cards draw.

import type { MorphableModel, PartKind } from "./morphable-model.js";
import { isVisible, PART_MATERIALS, surfaceCoordinates } from "./part-materials.js";

export interface PartMesh {
  readonly kind: PartKind;
  /** `n`: the model's vertex that each of the mesh's is. */
  readonly vertices: Uint32Array;
  /** `n x 2`, u to the right and v down; null for kinds that wear no picture. */
  readonly coordinates: Float32Array | null;
  /** `T x 3` indices into `vertices`. */
  readonly triangles: Uint32Array;
}

/** Kinds in the order of {@link PART_MATERIALS}, without those that the model lacks or that are not drawn. */
export function partMeshes(model: MorphableModel): PartMesh[] {
  const surface = surfaceCoordinates(model);
  return (Object.keys(PART_MATERIALS) as PartKind[]).flatMap((kind) => {
    const { texture } = PART_MATERIALS[kind];
    const worn = texture === "eyes" || (texture === "skin" && model.uv !== null);
    const indices = new Map<number, number>();
    const vertices: number[] = [];
    const coordinates: number[] = [];
    const triangles: number[] = [];
    for (const part of model.parts) {
      if (part.kind !== kind || !isVisible(part)) continue;
      for (let corner = 3 * part.start; corner < 3 * (part.start + part.count); corner++) {
        const vertex = model.triangles[corner]!;
        const place = worn ? surface.triangles[corner]! : 0;
        const key = vertex * (surface.coordinates.length / 2 + 1) + place;
        let index = indices.get(key);
        if (index === undefined) {
          index = vertices.push(vertex) - 1;
          indices.set(key, index);
          if (worn) coordinates.push(...surface.coordinates.subarray(2 * place, 2 * place + 2));
        }
        triangles.push(index);
      }
    }
    if (triangles.length === 0) return [];
    return {
      kind,
      vertices: Uint32Array.from(vertices),
      coordinates: worn ? Float32Array.from(coordinates) : null,
      triangles: Uint32Array.from(triangles),
    };
  });
}
