/** Heads with fewer vertices, the same ones of all heads: the topology of small stand-ins' reconstructions. */
import { pickPoints } from "../geometry/points.js";
import { coarsen } from "./coarsen.js";
import type { KnownHead, Skin } from "./known-heads.js";

export interface CoarseTopology {
  /** Vertices of the skin, ascending. */
  readonly vertices: Uint32Array;
  /** `T x 3` indices into `vertices`. */
  readonly triangles: Uint32Array;
}

/**
 * @param mean whose edges decide which vertices stay; those around the landmarks do
 * @param count vertices; as many as the skin has or more leave it as it is
 * @throws GanfitError `usage` where there cannot be so few
 */
export function coarseTopology(skin: Skin, { mesh }: KnownHead, count: number): CoarseTopology {
  const fixed = new Set(
    [...skin.landmarks.triangles].flatMap((t) => [...skin.triangles.subarray(3 * t, 3 * t + 3)]),
  );
  const triangles = coarsen(mesh.positions, mesh.triangles, count, fixed);
  const vertices = Uint32Array.from(new Set(triangles)).sort();
  const index = new Map(Array.from(vertices, (vertex, i) => [vertex, i]));
  return { vertices, triangles: triangles.map((vertex) => index.get(vertex)!) };
}

/** The head's own vertices and landmarks, without those that the topology lacks. */
export function coarseHead(head: KnownHead, { vertices, triangles }: CoarseTopology): KnownHead {
  const positions = pickPoints(head.mesh.positions, vertices);
  return { ...head, mesh: { positions, triangles } };
}
