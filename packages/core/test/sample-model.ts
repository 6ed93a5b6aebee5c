/** Small models of every feature, for tests. */
import type { Basis, MorphableModel, SurfacePoints } from "../src/models/morphable-model.js";
import { uniform as random } from "../src/random.js";

export { random };

export interface SampleOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly identityModes?: number;
  readonly expressionModes?: number;
  readonly seed?: number;
}

/**
 * An ellipsoid of head size, open above and below, exactly symmetric; its quads are cut along one diagonal
 * everywhere, so that its triangles are not. Expression modes move few vertices.
 */
export function sampleModel(options: SampleOptions = {}): MorphableModel {
  const { rows = 9, columns = 12, identityModes = 5, expressionModes = 3, seed = 1 } = options;
  const next = random(seed);
  const count = rows * columns;
  const mean = new Float32Array(3 * count);
  const symmetry = new Uint32Array(count);
  const coordinates = new Float32Array(2 * rows * (columns + 1));
  for (let r = 0; r < rows; r++) {
    const latitude = 0.8 * Math.PI * ((r + 0.5) / rows - 0.5);
    for (let c = 0; c < columns; c++) {
      const angle = (2 * Math.PI * (c + 0.5)) / columns;
      const v = r * columns + c;
      symmetry[v] = r * columns + (columns - 1 - c);
      // Computed for one half and mirrored, so that sines cannot differ in the last bit.
      const mirror = 2 * c >= columns;
      const half = mirror ? (2 * Math.PI * (columns - 1 - c + 0.5)) / columns : angle;
      mean[3 * v] = (mirror ? -1 : 1) * 75 * Math.cos(latitude) * Math.sin(half);
      mean[3 * v + 1] = 110 * Math.sin(latitude);
      mean[3 * v + 2] = 90 * Math.cos(latitude) * Math.cos(half);
    }
    for (let c = 0; c <= columns; c++) {
      coordinates[2 * (r * (columns + 1) + c)] = c / columns;
      coordinates[2 * (r * (columns + 1) + c) + 1] = 1 - r / (rows - 1);
    }
  }
  const triangles: number[] = [];
  const uvTriangles: number[] = [];
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const corners = (wrap: number) => {
        const d = (c + 1) % wrap;
        return [r * wrap + c, r * wrap + d, (r + 1) * wrap + d, (r + 1) * wrap + c] as const;
      };
      const [p, q, s, t] = corners(columns);
      triangles.push(p, q, s, p, s, t);
      const [pu, qu, su, tu] = corners(columns + 1);
      uvTriangles.push(pu, qu, su, pu, su, tu);
    }
  }
  const triangleCount = triangles.length / 3;
  const half = Math.floor(triangleCount / 2);
  const basis = (modes: number, kind: string, share: number): Basis => ({
    names: Array.from({ length: modes }, (_, k) => `${kind}${k}`),
    displacements: Float32Array.from({ length: modes * 3 * count }, (_, i) => {
      const moves = (Math.floor(i / 3) * 7919) % 100 < 100 * share;
      return moves ? (20 * (next() - 0.5)) / (1 + Math.floor(i / (3 * count))) : 0;
    }),
    standardDeviations: Float32Array.from({ length: modes }, () =>
      kind === "shape" ? 0.5 + next() : 1,
    ),
    prior: kind === "shape" ? "normal" : "unit-interval",
  });
  const points = (n: number): SurfacePoints => ({
    triangles: Uint32Array.from({ length: n }, () => Math.floor(next() * triangleCount)),
    barycentric: Float32Array.from(
      Array.from({ length: n }, () => {
        const u = next();
        const v = (1 - u) * next();
        return [u, v, 1 - u - v];
      }).flat(),
    ),
  });
  return {
    name: "sample",
    licence: "CC0-1.0",
    attribution: "made for tests – ganfit",
    mean,
    triangles: Uint32Array.from(triangles),
    parts: [
      { name: "skin", kind: "skin", start: 0, count: half },
      { name: "eye-left", kind: "eyes", start: half, count: triangleCount - half },
    ],
    identity: basis(identityModes, "shape", 1),
    expression: basis(expressionModes, "blink", 0.2),
    landmarks: { ibug68: points(68), mediapipe478: points(478) },
    symmetry,
    uv: { frame: "test", coordinates, triangles: Uint32Array.from(uvTriangles) },
  };
}
