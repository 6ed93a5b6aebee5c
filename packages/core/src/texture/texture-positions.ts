/**
 * Where on a head each texel of its texture lies: the triangle and the place in it, found by drawing the
 * skin's triangles in the texture. Positions and normals of the texels follow for any shape of the head.
 */
import { GanfitError } from "../errors.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { barycentricAt, rasterize } from "../render/rasterize.js";

export interface TexturePositions {
  /** Texels along each side. */
  readonly size: number;
  /** `size x size`: a triangle of the model, -1 where the texture shows no skin. */
  readonly triangle: Int32Array;
  /** `size x size x 3`: weights of the triangle's corners. */
  readonly barycentric: Float32Array;
}

/**
 * Texels around the skin that take on their neighbours' place, so that looking up the texture at its
 * border, bilinearly or a level coarser, never meets an empty texel.
 */
const MARGIN = 2;

const LARGEST = 8192;

const known = new WeakMap<MorphableModel, Map<number, TexturePositions>>();

/**
 * The result is kept as long as the model is.
 *
 * @throws GanfitError `usage` where the model has no texture coordinates or the size makes no sense
 */
export function texturePositions(model: MorphableModel, size: number): TexturePositions {
  const bySize = known.get(model) ?? new Map<number, TexturePositions>();
  known.set(model, bySize);
  const found = bySize.get(size) ?? findPositions(model, size);
  bySize.set(size, found);
  return found;
}

function findPositions(model: MorphableModel, size: number): TexturePositions {
  const { uv } = model;
  if (!uv) {
    throw new GanfitError("usage", `${model.name} has no texture coordinates: complete it first.`);
  }
  if (!Number.isInteger(size) || size < 1 || size > LARGEST) {
    throw new GanfitError("usage", `A texture cannot have ${size} x ${size} texels.`);
  }
  const positions = new Float32Array((uv.coordinates.length / 2) * 3);
  for (let i = 0; i < uv.coordinates.length / 2; i++) {
    positions[3 * i] = uv.coordinates[2 * i]! * size;
    positions[3 * i + 1] = uv.coordinates[2 * i + 1]! * size;
  }
  const numbers = skinTriangles(model);
  const triangles = new Uint32Array(numbers.length * 3);
  numbers.forEach((t, i) => {
    triangles.set(uv.triangles.subarray(3 * t, 3 * t + 3), 3 * i);
  });
  const raster = rasterize({ positions, triangles, width: size, height: size });
  const triangle = new Int32Array(size * size).fill(-1);
  const barycentric = new Float32Array(size * size * 3);
  const weights = new Float64Array(3);
  for (let i = 0; i < size * size; i++) {
    const drawn = raster.triangle[i]!;
    if (drawn < 0) continue;
    triangle[i] = numbers[drawn]!;
    barycentricAt(
      positions,
      triangles,
      drawn,
      (i % size) + 0.5,
      Math.floor(i / size) + 0.5,
      weights,
    );
    barycentric.set(weights, 3 * i);
  }
  for (let round = 0; round < MARGIN; round++) spread(size, triangle, barycentric);
  return { size, triangle, barycentric };
}

/** Gives every empty texel the place of a neighbour, one across an edge before one across a corner. */
function spread(size: number, triangle: Int32Array, barycentric: Float32Array): void {
  const before = triangle.slice();
  const steps = [
    [0, -1],
    [-1, 0],
    [1, 0],
    [0, 1],
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ] as const;
  for (let i = 0; i < before.length; i++) {
    if (before[i]! >= 0) continue;
    const column = i % size;
    const row = Math.floor(i / size);
    for (const [dx, dy] of steps) {
      const [x, y] = [column + dx, row + dy];
      if (x < 0 || y < 0 || x >= size || y >= size) continue;
      const from = y * size + x;
      if (before[from]! < 0) continue;
      triangle[i] = before[from]!;
      barycentric.copyWithin(3 * i, 3 * from, 3 * from + 3);
      break;
    }
  }
}

function skinTriangles({ parts }: MorphableModel): number[] {
  return parts.flatMap(({ kind, start, count }) =>
    kind === "skin" ? Array.from({ length: count }, (_, i) => start + i) : [],
  );
}

/**
 * Values at the texels from values at the vertices, positions for example.
 *
 * @param triangles `T x 3`, the model's
 * @param values `V x 3`
 * @returns `size x size x 3`; 0 where the texture shows no skin
 */
export function atTexels(
  { triangle, barycentric }: TexturePositions,
  triangles: Uint32Array,
  values: ArrayLike<number>,
): Float32Array {
  const out = new Float32Array(3 * triangle.length);
  for (let i = 0; i < triangle.length; i++) {
    const t = triangle[i]!;
    if (t < 0) continue;
    for (let corner = 0; corner < 3; corner++) {
      const weight = barycentric[3 * i + corner]!;
      const v = 3 * triangles[3 * t + corner]!;
      out[3 * i]! += weight * values[v]!;
      out[3 * i + 1]! += weight * values[v + 1]!;
      out[3 * i + 2]! += weight * values[v + 2]!;
    }
  }
  return out;
}

/** {@link atTexels} for unit vectors, brought back to length 1. */
export function directionsAtTexels(
  positions: TexturePositions,
  triangles: Uint32Array,
  directions: ArrayLike<number>,
): Float32Array {
  const out = atTexels(positions, triangles, directions);
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.hypot(out[i]!, out[i + 1]!, out[i + 2]!);
    if (length === 0) continue;
    out[i]! /= length;
    out[i + 1]! /= length;
    out[i + 2]! /= length;
  }
  return out;
}
