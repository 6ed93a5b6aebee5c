/**
 * Small faces with all that REALY asks for: a height field over the front view, z(x, y) in millimetres, so that
 * every keypoint's true place is known and any sampling of the same face can be had.
 */
import { randomUniform } from "@ganfit/core";
import type { Mesh } from "../src/geometry/mesh.js";
import type { RealyRegion } from "../src/realy/realy-regions.js";
import { makeTopology, parseKeypointRows, type RealyTopology } from "../src/realy/topology.js";

export type Face = (x: number, y: number) => number;

/** Waves that make people differ: how many, how long in millimetres, how high. */
const WAVES = 8;

/** An egg with a nose, eyes and lips, and some of it different for each person. */
export function person(seed: number, height = 0.5): Face {
  const next = randomUniform(seed);
  const waves = Array.from({ length: WAVES }, () => {
    const direction = 2 * Math.PI * next();
    const number = (2 * Math.PI) / (35 + 60 * next());
    return [
      number * Math.cos(direction),
      number * Math.sin(direction),
      2 * Math.PI * next(),
    ] as const;
  });
  const hump = (x: number, y: number, atX: number, atY: number, w: number, h: number) =>
    Math.exp(-(((x - atX) / w) ** 2) - ((y - atY) / h) ** 2);
  return (x, y) =>
    80 * Math.sqrt(Math.max(0.01, 1 - (x / 100) ** 2 - ((y + 10) / 140) ** 2)) +
    18 * hump(x, y, 0, -5, 11, 22) -
    7 * hump(x, y, -32, 33, 14, 9) -
    7 * hump(x, y, 32, 33, 14, 9) +
    4 * hump(x, y, 0, -38, 22, 8) +
    waves.reduce((sum, [a, b, phase]) => sum + height * Math.sin(a * x + b * y + phase), 0);
}

/** A regular grid of the face; a rectangle in millimetres. */
interface Grid {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly spacing: number;
  /** Shift of every vertex along the surface, so that two samplings of one face do not coincide. */
  readonly shift?: number;
}

export function sample(face: Face, { x, y, spacing, shift = 0 }: Grid): Mesh {
  const columns = Math.round((x[1] - x[0]) / spacing) + 1;
  const rows = Math.round((y[1] - y[0]) / spacing) + 1;
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [px, py] = [x[0] + c * spacing + shift, y[0] + r * spacing + shift / 2];
      positions.push(px, py, face(px, py));
      if (r + 1 === rows || c + 1 === columns) continue;
      const v = r * columns + c;
      triangles.push(v, v + 1, v + columns, v + 1, v + columns + 1, v + columns);
    }
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
}

const WHOLE = { x: [-80, 80], y: [-96, 64] } as const;

export const head = (face: Face, spacing = 4): Mesh => sample(face, { ...WHOLE, spacing });

/** Where 85 keypoints lie in the front view, millimetres, one side; -1 stands for the other. */
function places(): [x: number, y: number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < 17; i++) {
    const angle = (Math.PI * i) / 16;
    out.push([-70 * Math.cos(angle), 20 - 104 * Math.sin(angle)]);
  }
  for (let i = 0; i < 10; i++) out.push([(i < 5 ? -56 : -32) + 9.8 * i, 48 + 4 * Math.sin(i)]);
  for (let i = 0; i < 4; i++) out.push([0, 33 - 10.5 * i]);
  for (let i = 0; i < 5; i++) out.push([-12 + 6 * i, -10 - (i % 2)]);
  for (const side of [-32, 32]) {
    for (let i = 0; i < 6; i++) {
      const angle = Math.PI - (Math.PI * i) / 3;
      out.push([side + 14 * Math.cos(angle), 33 + 6 * Math.sin(angle)]);
    }
  }
  for (let i = 0; i < 20; i++) {
    const [w, h, of] = i < 12 ? [25, 10, 12] : [21, 3, 8];
    const angle = Math.PI - (2 * Math.PI * (i % 12)) / of;
    out.push([w * Math.cos(angle), -38 + h * Math.sin(angle)]);
  }
  const pairs = [
    [40, 17],
    [26, 0],
    [43, -27],
    [63, 20],
    [54, -4],
  ] as const;
  for (const [x, y] of pairs) out.push([-x, y], [x, y]);
  out.push([-19, -57], [0, -55], [19, -57], [-67, 3], [67, 3], [-62, -24], [62, -24]);
  return out;
}

/** The true keypoints of a face; `85 x 3`. */
export function keypoints(face: Face): Float64Array {
  return Float64Array.from(places().flatMap(([x, y]) => [x, y, face(x, y)]));
}

/** The keypoint file's rows for {@link head}'s grid; on the nearest vertex where `snapped`. */
export function keypointText({ spacing = 4, snapped = false } = {}): string {
  const columns = Math.round((WHOLE.x[1] - WHOLE.x[0]) / spacing);
  const rows = places().map(([x, y]) => {
    const round = snapped ? Math.round : (value: number) => value;
    const across = round((x - WHOLE.x[0]) / spacing);
    const up = round((y - WHOLE.y[0]) / spacing);
    const [c, r] = [Math.floor(across), Math.floor(up)];
    const [a, b] = [across - c, up - r];
    const square = 2 * (r * columns + c);
    // The first triangle has corners (0, 0), (1, 0), (0, 1); the second (1, 0), (1, 1), (0, 1).
    return a + b <= 1 ? [square, 1 - a - b, a] : [square + 1, 1 - b, a + b - 1];
  });
  return JSON.stringify(rows);
}

export function topology(options: { spacing?: number; snapped?: boolean } = {}): RealyTopology {
  const mesh = head(() => 0, options.spacing ?? 4);
  return makeTopology("grid", mesh, parseKeypointRows(keypointText(options), "grid.txt"));
}

/** The scan's regions. */
export function regions(face: Face, spacing = 4, shift = 0): Record<RealyRegion, Mesh> {
  const cut = (x: Grid["x"], y: Grid["y"]) => sample(face, { x, y, spacing, shift });
  return {
    nose: cut([-24, 24], [-24, 40]),
    mouth: cut([-36, 36], [-60, -20]),
    forehead: cut([-60, 60], [20, 60]),
    cheek: join(cut([-64, -28], [-36, 16]), cut([28, 64], [-36, 16])),
  };
}

export function join(a: Mesh, b: Mesh): Mesh {
  const offset = a.positions.length / 3;
  return {
    positions: Float64Array.from([...a.positions, ...b.positions]),
    triangles: Uint32Array.from([...a.triangles, ...b.triangles.map((v) => v + offset)]),
  };
}

/** The same shape in another frame and unit. */
export function moved(points: Float64Array, scale: number, angle: number): Float64Array {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    out[i] = scale * (c * x - s * z) + 3;
    out[i + 1] = scale * y - 7;
    out[i + 2] = scale * (s * x + c * z) + 11;
  }
  return out;
}
