/**
 * A published mesh brought onto the default head: a similarity on 68 keypoints, a smooth warp that takes them to
 * the head's landmarks, then rounds in which points of the mesh also go to the nearest skin that faces the same
 * way, as the texture layout is found on other models (packages/core/src/models/uv/register-frame.ts).
 */
import { vertexNormals } from "../../packages/core/src/index.js";
import { splineWarp } from "../../packages/core/src/models/uv/register-warp.js";
import type { Mesh } from "../../packages/evaluate/src/geometry/mesh.js";
import { alignPoints, movePoints } from "../../packages/evaluate/src/geometry/similarity3.js";
import type { DefaultSkin } from "./default-skin.js";

/** Millimetres that a point may be from the skin, for each round. */
const REACH = [20, 12, 8];
/** How far points may be missed for smoothness (see `splineWarp`), each round for surface points. */
const SOFTNESS = [200, 100, 60];
const LANDMARK_SOFTNESS = 10;
/** Models differ in whether the jaw's points lie on the bone or on a picture's outline. */
const JAW_SOFTNESS = 300;
const JAW_COUNT = 17;
/** Points of the surface that take part: about so many millimetres apart, and no farther from the keypoints. */
const SPACING = 7;
const NEAR = 20;

export interface RegisteredMesh {
  /** After the similarity alone. */
  readonly aligned: {
    readonly positions: Float32Array;
    readonly triangles: Uint32Array;
    readonly keypoints: Float64Array;
  };
  /** From the mesh's frame onto the default head's skin; `n x 3`. */
  readonly carry: (points: Float64Array) => Float64Array;
}

/** @param keypoints `85 x 3` of the mesh */
export function registerMesh(
  mesh: Mesh,
  keypoints: Float64Array,
  skin: DefaultSkin,
): RegisteredMesh {
  const motion = alignPoints(keypoints.subarray(0, 204), skin.ibug68);
  const positions = Float32Array.from(movePoints(mesh.positions, motion));
  const normals = vertexNormals(positions, mesh.triangles);
  const moved = movePoints(keypoints, motion);
  const chosen = spread(positions, moved);
  const base = {
    from: [...moved.subarray(0, 204)],
    to: [...skin.ibug68],
    softness: Array.from({ length: 68 }, (_, i): number =>
      i < JAW_COUNT ? JAW_SOFTNESS : LANDMARK_SOFTNESS,
    ),
  };
  let warp = splineWarp(base.from, base.to, base.softness);
  for (const [round, reach] of REACH.entries()) {
    const { from, to, softness } = structuredClone(base);
    for (const v of chosen) {
      const source = positions.subarray(3 * v, 3 * v + 3);
      const hit = skin.surface.closest(...warp(source[0]!, source[1]!, source[2]!), reach);
      if (!hit) continue;
      const facing = hit.normal.reduce((sum, value, k) => sum + value * normals[3 * v + k]!, 0);
      if (facing < 0.5) continue;
      from.push(...source);
      to.push(...hit.point);
      softness.push(SOFTNESS[round]!);
    }
    warp = splineWarp(from, to, softness);
  }
  const carry = (points: Float64Array) => {
    const out = movePoints(points, motion);
    for (let i = 0; i < out.length; i += 3) {
      out.set(skin.surface.closest(...warp(out[i]!, out[i + 1]!, out[i + 2]!))!.point, i);
    }
    return out;
  };
  return { aligned: { positions, triangles: mesh.triangles, keypoints: moved }, carry };
}

/** Vertices near the keypoints, one for each cube of space. */
function spread(positions: Float32Array, keypoints: Float64Array): number[] {
  const taken = new Map<string, number>();
  for (let v = 0; v < positions.length / 3; v++) {
    const [x, y, z] = positions.subarray(3 * v, 3 * v + 3) as unknown as [number, number, number];
    let near = false;
    for (let i = 0; i < keypoints.length && !near; i += 3) {
      near = Math.hypot(x - keypoints[i]!, y - keypoints[i + 1]!, z - keypoints[i + 2]!) < NEAR;
    }
    const cube = [x, y, z].map((value) => Math.floor(value / SPACING)).join();
    if (near && !taken.has(cube)) taken.set(cube, v);
  }
  return [...taken.values()];
}
