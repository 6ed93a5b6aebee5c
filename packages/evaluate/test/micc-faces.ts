/** A sheet with 68 landmarks that stands for a face in the tests of MICC. */
import type { Mesh } from "../src/geometry/mesh.js";
import { pickPoints } from "../src/geometry/points.js";
import { movePoints, type Similarity3 } from "../src/geometry/similarity3.js";
import type { LandmarkedMesh } from "../src/micc/landmarked-mesh.js";

export const SIDE = 240;

/** 90 degrees about z, larger, elsewhere. */
export const MOTION: Similarity3 = {
  scale: 1.3,
  rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1],
  translation: [40, -20, 7],
};

/** A bumpy sheet, bent as a face is; millimetres. */
export function bumpy(x: number, y: number): number {
  return -(x * x) / 150 - (y * y) / 400 + 6 * Math.sin(x / 17) * Math.cos(y / 23);
}

/** `(cells + 1)^2` vertices; the middle one, where the nose tip is, has x = y = 0. Normals point to +z. */
export function sheet(cells: number, height: (x: number, y: number) => number = bumpy): Mesh {
  const side = cells + 1;
  const positions = new Float64Array(3 * side * side);
  const triangles: number[] = [];
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      const [x, y] = [SIDE * (c / cells - 0.5), SIDE * (r / cells - 0.5)];
      const v = r * side + c;
      positions.set([x, y, height(x, y)], 3 * v);
      if (r === cells || c === cells) continue;
      triangles.push(v, v + 1, v + side + 1, v, v + side + 1, v + side);
    }
  }
  return { positions, triangles: Uint32Array.from(triangles) };
}

/** The vertices of a sheet, each once, that lie nearest to where the landmarks are on a face. */
export function landmarkIds({ positions }: Mesh): Uint32Array {
  const taken = new Set<number>();
  const nearest = ([x, y]: readonly [number, number]) => {
    let best = -1;
    let least = Infinity;
    for (let v = 0; v < positions.length / 3; v++) {
      const distance = Math.hypot(positions[3 * v]! - x, positions[3 * v + 1]! - y);
      if (distance < least && !taken.has(v)) [best, least] = [v, distance];
    }
    taken.add(best);
    return best;
  };
  const ids = new Uint32Array(68);
  ids[30] = nearest([0, 0]);
  PLACES.forEach((place, i) => {
    if (i !== 30) ids[i] = nearest(place);
  });
  return ids;
}

export function landmarked(mesh: Mesh, ids: Uint32Array = landmarkIds(mesh)): LandmarkedMesh {
  return { ...mesh, landmarks: pickPoints(mesh.positions, ids) };
}

export function moved<M extends LandmarkedMesh>(mesh: M, motion: Similarity3): M {
  return {
    ...mesh,
    positions: movePoints(mesh.positions, motion),
    landmarks: movePoints(mesh.landmarks, motion),
  };
}

/** x and y, millimetres, of the 68 points of iBUG on a face. */
const PLACES: readonly (readonly [number, number])[] = [
  ...arc(17, 70, Math.PI, 2 * Math.PI, 0, 0),
  ...line(5, [-55, 48], [-15, 48]),
  ...line(5, [15, 48], [55, 48]),
  ...line(4, [0, 36], [0, 0]),
  ...line(5, [-16, -12], [16, -12]),
  ...arc(6, 14, Math.PI, -Math.PI * (2 / 3), -32, 32),
  ...arc(6, 14, Math.PI, -Math.PI * (2 / 3), 32, 32),
  ...arc(12, 26, Math.PI, -Math.PI * (5 / 6), 0, -38),
  ...arc(8, 14, Math.PI, -Math.PI * (3 / 4), 0, -38),
];

function arc(n: number, radius: number, from: number, to: number, x: number, y: number) {
  return Array.from({ length: n }, (_, i): [number, number] => {
    const angle = from + ((to - from) * i) / (n - 1);
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

function line(n: number, a: readonly [number, number], b: readonly [number, number]) {
  return Array.from({ length: n }, (_, i): [number, number] => {
    const t = i / (n - 1);
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  });
}
