/** The default head's skin, and how to go between it and the texture layout. */
import {
  type MorphableModel,
  type SurfaceHit,
  SurfaceIndex,
  surfacePositions,
} from "../../packages/core/src/index.js";

export interface DefaultSkin {
  /** `T x 3`: the skin's triangles in the model's vertices. */
  readonly triangles: Uint32Array;
  /** Of the mean head's skin, millimetres. */
  readonly surface: SurfaceIndex;
  /** `68 x 3`. */
  readonly ibug68: Float32Array;
  /** `T x 3` texture coordinates' indices, and those: `M x 2`. */
  readonly uvTriangles: Uint32Array;
  readonly coordinates: Float32Array;
  /** The point of the mean head at a place of the texture; the nearest place on the skin. */
  pointAt(u: number, v: number): readonly [number, number, number];
}

export function defaultSkin(model: MorphableModel): DefaultSkin {
  const { uv, landmarks } = model;
  const part = model.parts.find(({ kind }) => kind === "skin");
  if (!uv || !landmarks?.ibug68 || !part) throw new Error("The default head is not complete.");
  const cut = (list: Uint32Array) => list.slice(3 * part.start, 3 * (part.start + part.count));
  const triangles = cut(model.triangles);
  const uvTriangles = cut(uv.triangles);
  const flat = new SurfaceIndex(
    Float32Array.from({ length: (3 * uv.coordinates.length) / 2 }, (_, i) =>
      i % 3 === 2 ? 0 : uv.coordinates[2 * Math.floor(i / 3) + (i % 3)]!,
    ),
    uvTriangles,
  );
  return {
    triangles,
    surface: new SurfaceIndex(model.mean, triangles),
    ibug68: surfacePositions(model.mean, model.triangles, landmarks.ibug68),
    uvTriangles,
    coordinates: uv.coordinates,
    pointAt(u, v) {
      const { triangle, barycentric } = flat.closest(u, v, 0)!;
      return [0, 1, 2].map((k) =>
        barycentric.reduce(
          (sum, b, c) => sum + b * model.mean[3 * triangles[3 * triangle + c]! + k]!,
          0,
        ),
      ) as [number, number, number];
    },
  };
}

/** The place in the texture of a point of the skin. */
export function uvAt(skin: DefaultSkin, { triangle, barycentric }: SurfaceHit): number[] {
  return [0, 1].map((k) =>
    barycentric.reduce(
      (sum, b, c) => sum + b * skin.coordinates[2 * skin.uvTriangles[3 * triangle + c]! + k]!,
      0,
    ),
  );
}
