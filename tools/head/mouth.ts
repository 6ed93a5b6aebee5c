// The mean's mouth: what averaging heads and refining the mesh leave slightly wrong.

import type { HeadFaces } from "./parts.js";
import type { SourceMesh } from "./source.js";

/** The share of `mouth-parling`, taken backwards, that brings the averaged lips together. */
const SEAL = 0.12;

/** Teeth and tongue against the source: narrower, and this many decimetres further back. */
const TEETH_WIDTH = 0.88;
const TEETH_BACK = 0.03;

/**
 * Parts that lie inside the closed mouth, and how much lower than the source has them, decimetres. The edge
 * of the upper front teeth ends 3 mm below the lips' line, as on people at rest; a smile otherwise shows
 * none.
 */
const INSIDE: ReadonlyMap<string, number> = new Map([
  ["teeth-upper", 0.038],
  ["teeth-lower", 0.055],
  ["tongue", 0.035],
]);

/** What the neighbours of the lips' inner seam follow of its movement. */
const NEIGHBOURS = 0.5;

/**
 * Closes the lips, which the average of several heads leaves a fraction of a millimetre apart, and draws
 * teeth and tongue in, which were made for the flat base mesh and would show at the corners.
 *
 * @param mean `N x 3`, decimetres; changed in place
 * @param parting the unit that parts the lips
 */
export function fitMouth(
  mean: Float64Array,
  parting: ArrayLike<number>,
  mesh: SourceMesh,
  { parts }: HeadFaces,
): void {
  for (let i = 0; i < mean.length; i++) mean[i]! -= SEAL * parting[i]!;
  const facesOf = (name: string) => parts.find((part) => part.name === name)!.faces;
  const verticesOf = (faces: readonly number[]) =>
    new Set(faces.flatMap((f) => [...mesh.quads.subarray(f * 4, f * 4 + 4)]));
  for (const [name, down] of INSIDE) {
    for (const v of verticesOf(facesOf(name))) {
      mean[v * 3]! *= TEETH_WIDTH;
      mean[v * 3 + 1]! -= down;
      mean[v * 3 + 2]! -= TEETH_BACK;
    }
  }
  const skin = facesOf("skin");
  const mouth = facesOf("mouth");
  const inner = verticesOf(mouth);
  const seam = [...verticesOf(skin)].filter((v) => inner.has(v));
  shutSeam(mean, seam, [...skin, ...mouth], mesh.quads);
}

/** Brings the upper and the lower half of the lips' inner seam together, their neighbours part of the way. */
function shutSeam(
  mean: Float64Array,
  seam: readonly number[],
  faces: readonly number[],
  quads: Uint32Array,
): void {
  const neighbours = new Map<number, Set<number>>();
  for (const f of faces) {
    for (let i = 0; i < 4; i++) {
      const [a, b] = [quads[f * 4 + i]!, quads[f * 4 + ((i + 1) % 4)]!];
      for (const [v, u] of [
        [a, b],
        [b, a],
      ] as const) {
        const known = neighbours.get(v);
        if (known) known.add(u);
        else neighbours.set(v, new Set([u]));
      }
    }
  }
  const byX = (a: number, b: number) => mean[a * 3]! - mean[b * 3]!;
  const ordered = [...seam].sort(byX);
  const corners = [ordered[0]!, ordered.at(-1)!];
  const inSeam = new Set(seam);
  // Both chains from corner to corner.
  const chains = [...neighbours.get(corners[0]!)!]
    .filter((v) => inSeam.has(v))
    .map((first) => {
      const chain = [corners[0]!, first];
      while (chain.at(-1) !== corners[1]) {
        const [before, last] = chain.slice(-2) as [number, number];
        chain.push([...neighbours.get(last)!].find((v) => inSeam.has(v) && v !== before)!);
      }
      return chain;
    });
  const moves = new Map<number, [number, number, number]>();
  chains.forEach((chain, which) => {
    const other = [...chains[1 - which]!].sort(byX);
    for (const v of chain.slice(1, -1)) {
      const x = mean[v * 3]!;
      const after = Math.max(
        1,
        other.findIndex((u) => mean[u * 3]! >= x),
      );
      const [a, b] = [other[after - 1]!, other[after]!];
      const share = (x - mean[a * 3]!) / (mean[b * 3]! - mean[a * 3]!);
      const towards = [1, 2].map((i) => {
        const there = (1 - share) * mean[a * 3 + i]! + share * mean[b * 3 + i]!;
        return (there - mean[v * 3 + i]!) / 2;
      });
      moves.set(v, [0, towards[0]!, towards[1]!]);
    }
  });
  const followers = new Map<number, [number, number, number][]>();
  for (const [v, move] of moves) {
    for (const u of neighbours.get(v)!) {
      if (!inSeam.has(u)) followers.set(u, [...(followers.get(u) ?? []), move]);
    }
  }
  for (const [v, move] of moves) for (let i = 0; i < 3; i++) mean[v * 3 + i]! += move[i]!;
  for (const [v, list] of followers) {
    for (const move of list) {
      for (let i = 0; i < 3; i++) mean[v * 3 + i]! += (NEIGHBOURS * move[i]!) / list.length;
    }
  }
}
