/** The part of a head that a scanner sees, with as many vertices as a scan has: the same for all heads. */
import { SurfaceIndex, vertexNormals } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { NOSE_TIP } from "../ibug68.js";
import { coarsen } from "./coarsen.js";
import { type KnownHead, meanHead, type Skin } from "./known-heads.js";
import { refine } from "./refine.js";

/** A mesh whose vertices follow from those of a {@link Skin}. */
export interface ScanSurface {
  /** Vertices of the skin that are its first ones, ascending. */
  readonly base: Uint32Array;
  /** `m x 2`: each further vertex lies midway between two earlier ones. */
  readonly parents: Uint32Array;
  readonly triangles: Uint32Array;
  /** Its vertices that are the corners of the landmarks' triangles on the skin. */
  readonly aroundLandmarks: readonly number[];
}

/** Where cameras of a scanner stand: degrees to the head's left, degrees up. */
const CAMERAS = [
  [0, 0],
  [-40, 0],
  [40, 0],
  [-75, 0],
  [75, 0],
  [0, 35],
  [0, -35],
] as const;
/** Least cosine between a line of sight and a surface's normal. */
const GRAZING = 0.15;
/** Nothing further behind the nose tip or further below the chin is scanned, millimetres. */
const DEPTH = 135;
const NECK = 45;

/**
 * Chooses the vertices on the model's mean head. Nostrils, the mouth's inside and the back of the head go; the
 * landmarks' triangles stay.
 *
 * @param vertices how many there are to be
 * @throws GanfitError `usage` where there cannot be so few
 */
export function scanSurface(skin: Skin, vertices: number): ScanSurface {
  const head = meanHead(skin);
  const { positions } = head.mesh;
  const fixed = new Set(
    [...skin.landmarks.triangles].flatMap((t) => [...skin.triangles.subarray(3 * t, 3 * t + 3)]),
  );
  const seen = seenVertices(skin, head);
  const kept = (vertex: number) => seen.has(vertex) || fixed.has(vertex);
  const corners = skin.triangles.filter((_, corner) => {
    const first = corner - (corner % 3);
    return skin.triangles.subarray(first, first + 3).every(kept);
  });
  const all = new Set(corners);
  const triangles = all.size > vertices ? coarsen(positions, corners, vertices, fixed) : corners;
  const base = Uint32Array.from(new Set(triangles)).sort();
  const index = new Map(Array.from(base, (vertex, i) => [vertex, i]));
  const renamed = triangles.map((vertex) => index.get(vertex)!);
  const coarse = { base, parents: new Uint32Array(0) };
  return {
    base,
    ...refine(spread(coarse, positions), renamed, vertices),
    aroundLandmarks: Array.from(fixed, (vertex) => index.get(vertex)!),
  };
}

/**
 * Values of the skin's vertices carried to the surface's.
 *
 * @param values `V x width`, positions for instance
 * @returns `n x width`
 */
export function spread(
  { base, parents }: Pick<ScanSurface, "base" | "parents">,
  values: Float64Array,
  width = 3,
): Float64Array {
  const out = new Float64Array(width * (base.length + parents.length / 2));
  base.forEach((vertex, i) => {
    out.set(values.subarray(width * vertex, width * (vertex + 1)), width * i);
  });
  for (let i = 0; i < parents.length; i += 2) {
    const to = width * (base.length + i / 2);
    for (let k = 0; k < width; k++) {
      out[to + k] = (out[width * parents[i]! + k]! + out[width * parents[i + 1]! + k]!) / 2;
    }
  }
  return out;
}

/** A head's part of the surface, exact. */
export function scannedMesh(surface: ScanSurface, { mesh }: KnownHead): Mesh {
  return { positions: spread(surface, mesh.positions), triangles: surface.triangles };
}

function seenVertices({ model }: Skin, { mesh, landmarks }: KnownHead): Set<number> {
  const { positions } = mesh;
  const normals = vertexNormals(Float32Array.from(positions), mesh.triangles);
  // Eyes and teeth hide what lies behind them.
  const whole = new SurfaceIndex(model.mean, model.triangles);
  const deepest = landmarks[3 * NOSE_TIP + 2]! - DEPTH;
  const lowest = landmarks[3 * 8 + 1]! - NECK;
  const seen = new Set<number>();
  for (let vertex = 0; vertex < positions.length / 3; vertex++) {
    if (positions[3 * vertex + 1]! < lowest || positions[3 * vertex + 2]! < deepest) continue;
    if (CAMERAS.some((camera) => sees(camera, vertex))) seen.add(vertex);
  }
  return seen;

  function sees([yaw, pitch]: (typeof CAMERAS)[number], vertex: number): boolean {
    const [a, b] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
    const towards = [Math.sin(a) * Math.cos(b), Math.sin(b), Math.cos(a) * Math.cos(b)] as const;
    const normal = normals.subarray(3 * vertex, 3 * vertex + 3);
    if (normal[0]! * towards[0] + normal[1]! * towards[1] + normal[2]! * towards[2] < GRAZING) {
      return false;
    }
    // From a little outside, so that the vertex's own triangles are not met.
    const [x, y, z] = [0, 1, 2].map((k) => positions[3 * vertex + k]! + 0.1 * normal[k]!);
    return whole.firstAlong([x!, y!, z!], towards) === undefined;
  }
}
