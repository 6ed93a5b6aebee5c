// Eyelashes as single hairs, cut from the source's sheets, which are meant for a texture with holes.

import { GanfitError } from "../../packages/core/src/errors.js";
import { blendRows, packRows, type Row } from "./geometry-stencils.js";
import type { Polygon, Subdivision } from "./subdivide.js";

/** Hairs for each column of quads of a sheet. */
const HAIRS_PER_COLUMN = 3;

/** Half the width of a hair at its root and in its middle, in columns. */
const ROOT_HALF_WIDTH = 0.055;
const MIDDLE_HALF_WIDTH = 0.04;

/** Neighbouring hairs differ in length: shares of the sheet's height, used in turn. */
const LENGTHS = [1, 0.85, 0.95, 0.8, 0.9];

interface Sheet {
  /** `[column][row]`: vertices; columns from the nose outwards, rows from the lid to the tips. */
  readonly grid: readonly (readonly number[])[];
  /** `[column]`: the quad at the lid. */
  readonly roots: readonly number[];
}

/**
 * @param quads `F x 4`: one or more sheets, each a regular grid
 * @param shape `N x 3`, the mean
 * @returns stencils as {@link Subdivision} has them: every given vertex, then those of the hairs
 * @throws GanfitError "model" if a sheet is not a grid
 */
export function combLashes(quads: Uint32Array, shape: ArrayLike<number>): Subdivision {
  const vertexCount = shape.length / 3;
  const rows: Row[] = Array.from({ length: vertexCount }, (_, v): Row => new Map([[v, 1]]));
  const polygons: Polygon[] = [];
  for (const { grid, roots } of findSheets(quads, shape)) {
    const columns = grid.length - 1;
    const height = grid[0]!.length - 1;
    /** A point of the sheet, bilinear within its quads; `s` in columns, `t` from lid to tips. */
    const point = (s: number, t: number): number => {
      const i = Math.min(Math.floor(s), columns - 1);
      const j = Math.min(Math.floor(t * height), height - 1);
      const [u, v] = [s - i, t * height - j];
      const corner = (di: number, dj: number, weight: number): [Row, number] => [
        rows[grid[i + di]![j + dj]!]!,
        weight,
      ];
      rows.push(
        blendRows([
          corner(0, 0, (1 - u) * (1 - v)),
          corner(1, 0, u * (1 - v)),
          corner(1, 1, u * v),
          corner(0, 1, (1 - u) * v),
        ]),
      );
      return rows.length - 1;
    };
    const turned = isTurned(grid, shape);
    for (let hair = 0; hair < columns * HAIRS_PER_COLUMN; hair++) {
      const s = (hair + 0.5) / HAIRS_PER_COLUMN;
      const length = LENGTHS[hair % LENGTHS.length]!;
      const face = roots[Math.floor(s)]!;
      const places: [number, number][] = [
        [s - ROOT_HALF_WIDTH, 0],
        [s + ROOT_HALF_WIDTH, 0],
        [s + MIDDLE_HALF_WIDTH, length / 2],
        [s - MIDDLE_HALF_WIDTH, length / 2],
        [s, length],
      ];
      const at = places.map(([column, t]) => point(column, t));
      const put = (corners: readonly number[]) => {
        const order = turned ? [...corners].reverse() : corners;
        polygons.push({
          corners: order.map((k) => at[k]!),
          places: order.map((k) => [places[k]![0] - Math.floor(s), places[k]![1]] as const),
          middles: [],
          face,
        });
      };
      put([0, 1, 2, 3]);
      put([3, 2, 4]);
    }
  }
  return { stencils: packRows(rows), polygons };
}

/** Whether columns times rows of a grid run clockwise seen from outside, as they do on one of two sides. */
function isTurned(grid: Sheet["grid"], shape: ArrayLike<number>): boolean {
  const last = grid.length - 1;
  return shape[grid[last]![0]! * 3]! < shape[grid[0]![0]! * 3]!;
}

function findSheets(quads: Uint32Array, shape: ArrayLike<number>): Sheet[] {
  const faces = quads.length / 4;
  const key = (a: number, b: number) => `${Math.min(a, b)} ${Math.max(a, b)}`;
  const facesOf = new Map<string, number[]>();
  for (let f = 0; f < faces; f++) {
    for (let i = 0; i < 4; i++) {
      const edge = key(quads[f * 4 + i]!, quads[f * 4 + ((i + 1) % 4)]!);
      facesOf.set(edge, [...(facesOf.get(edge) ?? []), f]);
    }
  }
  const done = new Set<number>();
  const sheets: Sheet[] = [];
  for (let first = 0; first < faces; first++) {
    if (done.has(first)) continue;
    // Lay the first quad on integer coordinates and its neighbours next to it, and so on.
    const place = new Map<number, readonly [number, number]>();
    const start = quads.subarray(first * 4, first * 4 + 4);
    (
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ] as const
    ).forEach((p, i) => {
      place.set(start[i]!, p);
    });
    const queue = [first];
    done.add(first);
    for (const f of queue) {
      const q = [...quads.subarray(f * 4, f * 4 + 4)];
      for (let i = 0; i < 4; i++) {
        const [a, b, d] = [q[i]!, q[(i + 1) % 4]!, q[(i + 3) % 4]!];
        const away = [0, 1].map((k) => place.get(a)![k]! - place.get(d)![k]!);
        for (const neighbour of facesOf.get(key(a, b))!) {
          if (done.has(neighbour)) continue;
          done.add(neighbour);
          queue.push(neighbour);
          const n = [...quads.subarray(neighbour * 4, neighbour * 4 + 4)];
          for (const v of [a, b]) {
            const k = n.indexOf(v);
            const next = [n[(k + 1) % 4]!, n[(k + 3) % 4]!].find((u) => u !== a && u !== b)!;
            const [x, y] = place.get(v)!;
            place.set(next, [x + away[0]!, y + away[1]!]);
          }
        }
      }
    }
    sheets.push(orient(queue, quads, place, shape));
  }
  return sheets;
}

function orient(
  faces: readonly number[],
  quads: Uint32Array,
  place: ReadonlyMap<number, readonly [number, number]>,
  shape: ArrayLike<number>,
): Sheet {
  const low = [0, 1].map((k) => Math.min(...[...place.values()].map((p) => p[k]!)));
  const size = [0, 1].map((k) => Math.max(...[...place.values()].map((p) => p[k]!)) - low[k]!);
  if ((size[0]! + 1) * (size[1]! + 1) !== place.size || size[0]! * size[1]! !== faces.length) {
    throw new GanfitError("model", "A sheet of eyelashes is not a regular grid.");
  }
  const long = size[0]! >= size[1]! ? 0 : 1;
  const grid: number[][] = Array.from({ length: size[long]! + 1 }, () => []);
  for (const [v, p] of place) grid[p[long]! - low[long]!]![p[1 - long]! - low[1 - long]!] = v;
  const x = (column: readonly number[]) => Math.abs(shape[column[0]! * 3]!);
  if (x(grid[0]!) > x(grid.at(-1)!)) grid.reverse();
  const depth = (row: number) =>
    grid.reduce((sum, column) => sum + shape[column[row]! * 3 + 2]!, 0);
  if (depth(0) > depth(size[1 - long]!)) for (const column of grid) column.reverse();
  const roots = grid.slice(1).map((column, i) => {
    const wanted = [grid[i]![0]!, column[0]!, column[1]!, grid[i]![1]!];
    return faces.find((f) => wanted.every((v) => quads.subarray(f * 4, f * 4 + 4).includes(v)))!;
  });
  return { grid, roots };
}
