/**
 * What makes a scan of a mesh: noise, holes, a cut, another pose, another order of vertices. Each says what became
 * of the vertices, so that the truth stays known.
 */
import { randomNormals, randomUniform, vertexNormals } from "@ganfit/core";
import { keepVertices } from "../geometry/clean-mesh.js";
import type { Mesh } from "../geometry/mesh.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";

export interface Defected {
  readonly mesh: Mesh;
  /** For each vertex the one that it was, or {@link NEW_VERTEX}. */
  readonly source: Uint32Array;
}

/** A vertex that the mesh before did not have. */
export const NEW_VERTEX = 0xffffffff;

/** A ball, within which a scan has nothing. */
export interface Patch {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
}

/** A half space: points with `normal . point < offset` are cut away. */
export interface Cut {
  readonly normal: readonly [number, number, number];
  readonly offset: number;
}

/** Applies defects in turn; `source` refers to the first mesh. */
export function inTurn(mesh: Mesh, defects: readonly ((mesh: Mesh) => Defected)[]): Defected {
  let result: Defected = { mesh, source: inOrder(mesh) };
  for (const defect of defects) {
    const { mesh: next, source } = defect(result.mesh);
    const before = result.source;
    result = {
      mesh: next,
      source: source.map((vertex) => (vertex === NEW_VERTEX ? NEW_VERTEX : before[vertex]!)),
    };
  }
  return result;
}

/**
 * Moves every vertex along its normal by an amount of its own.
 *
 * @param options.sigma standard deviation of the Gaussian, in the mesh's unit
 */
export function addNoise(
  mesh: Mesh,
  { seed, sigma }: { readonly seed: number; readonly sigma: number },
): Defected {
  const { positions, triangles } = mesh;
  const normals = vertexNormals(Float32Array.from(positions), triangles);
  const drawn = randomNormals(positions.length / 3, seed);
  const moved = positions.map(
    (value, i) => value + sigma * drawn[Math.floor(i / 3)]! * normals[i]!,
  );
  return { mesh: { positions: moved, triangles }, source: inOrder(mesh) };
}

/** Takes away the vertices within patches. */
export function cutHoles(mesh: Mesh, patches: readonly Patch[]): Defected {
  return keep(mesh, (point) =>
    patches.every(
      ({ centre, radius }) =>
        Math.hypot(point[0]! - centre[0], point[1]! - centre[1], point[2]! - centre[2]) >= radius,
    ),
  );
}

/** Takes away the vertices on one side of a plane. */
export function cutOff(mesh: Mesh, { normal, offset }: Cut): Defected {
  return keep(mesh, ([x, y, z]) => normal[0] * x! + normal[1] * y! + normal[2] * z! >= offset);
}

/** Moves the mesh. */
export function changePose(mesh: Mesh, motion: Similarity3): Defected {
  const { positions, triangles } = mesh;
  return { mesh: { positions: movePoints(positions, motion), triangles }, source: inOrder(mesh) };
}

/** Numbers vertices, triangles and the corners of triangles anew (which corner is first, not which way round). */
export function changeOrder(mesh: Mesh, seed: number): Defected {
  const next = randomUniform(seed);
  const source = shuffled(mesh.positions.length / 3, next);
  const index = new Uint32Array(source.length);
  source.forEach((vertex, i) => {
    index[vertex] = i;
  });
  const positions = new Float64Array(mesh.positions.length);
  source.forEach((vertex, i) => {
    positions.set(mesh.positions.subarray(3 * vertex, 3 * vertex + 3), 3 * i);
  });
  const triangles = new Uint32Array(mesh.triangles.length);
  shuffled(triangles.length / 3, next).forEach((triangle, i) => {
    const first = Math.floor(3 * next());
    for (let c = 0; c < 3; c++) {
      triangles[3 * i + c] = index[mesh.triangles[3 * triangle + ((first + c) % 3)]!]!;
    }
  });
  return { mesh: { positions, triangles }, source };
}

function keep(mesh: Mesh, wanted: (point: Float64Array) => boolean): Defected {
  const { kept, positions, triangles } = keepVertices(mesh, (vertex) =>
    wanted(mesh.positions.subarray(3 * vertex, 3 * vertex + 3)),
  );
  return { mesh: { positions, triangles }, source: kept };
}

function inOrder({ positions }: Mesh): Uint32Array {
  return Uint32Array.from({ length: positions.length / 3 }, (_, vertex) => vertex);
}

/** Fisher and Yates. */
function shuffled(count: number, next: () => number): Uint32Array {
  const out = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * next());
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
