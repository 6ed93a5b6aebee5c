/** Parts of a head model, its skin above all, as a mesh of their own: what a benchmark is given of our heads. */
import { GanfitError, type MorphableModel, type PartKind } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints } from "../geometry/points.js";

/** Points that move with a mesh. */
export interface PointsOnMesh {
  /** `n`. */
  readonly triangles: Uint32Array;
  /** `n x 3`. */
  readonly barycentric: ArrayLike<number>;
}

export interface PartsMesh {
  readonly model: MorphableModel;
  /** `V`, ascending: the model's vertex that each of the mesh's is. */
  readonly vertices: Uint32Array;
  /** `T x 3` indices into `vertices`, in the model's order. */
  readonly triangles: Uint32Array;
  /** `T`: the model's triangle that each of the mesh's is. */
  readonly modelTriangles: Uint32Array;
}

/** What a scan shows of a head. Teeth and the inside of the mouth would only catch closest points. */
export const SHOWN_PARTS: readonly PartKind[] = ["skin", "eyes"];

/** @param kinds of parts; vertices and triangles keep the model's order */
export function partsMesh(model: MorphableModel, kinds: readonly PartKind[]): PartsMesh {
  const modelTriangles = model.parts
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i));
  const corners = modelTriangles.flatMap((t) => [...model.triangles.subarray(3 * t, 3 * (t + 1))]);
  const vertices = Uint32Array.from(new Set(corners)).sort();
  const index = new Map(Array.from(vertices, (vertex, i) => [vertex, i]));
  return {
    model,
    vertices,
    triangles: Uint32Array.from(corners, (vertex) => index.get(vertex)!),
    modelTriangles: Uint32Array.from(modelTriangles),
  };
}

/** @param whole `V x 3` of all the model's vertices */
export function partsOf({ vertices, triangles }: PartsMesh, whole: Float32Array): Mesh {
  return { positions: pickPoints(whole, vertices), triangles };
}

/**
 * Points on the model's triangles as points on the mesh's.
 *
 * @throws GanfitError `model` where one lies on another part
 */
export function onParts({ model, modelTriangles }: PartsMesh, points: PointsOnMesh): PointsOnMesh {
  const index = new Map(Array.from(modelTriangles, (triangle, i) => [triangle, i]));
  const triangles = points.triangles.map((triangle, i) => {
    const found = index.get(triangle);
    if (found !== undefined) return found;
    throw new GanfitError(
      "model",
      `Landmark ${i} of ${model.name} lies on none of its parts asked for.`,
    );
  });
  return { triangles, barycentric: points.barycentric };
}
