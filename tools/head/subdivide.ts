// Catmull-Clark subdivision of a chosen region of a quad mesh (Catmull and Clark 1978), closed without
// cracks towards the coarse rest.

import {
  blendRows,
  composeStencils,
  packRows,
  type Row,
  type Stencils,
} from "./geometry-stencils.js";

/** A polygon of the subdivided mesh. */
export interface Polygon {
  /** 3 to 6 indices of fine vertices. */
  readonly corners: readonly number[];
  /** For each corner, its place in the coarse quad: (s, t) in [0, 1]^2, (0,0) (1,0) (1,1) (0,1) its corners. */
  readonly places: readonly (readonly [number, number])[];
  /** Which corners are the middle of an edge of an otherwise whole quad; none for a plain quad or triangle. */
  readonly middles: readonly number[];
  /** The coarse quad it lies in. */
  readonly face: number;
}

export interface Subdivision {
  /** Fine vertices from coarse ones. Every coarse vertex comes first, under its own index. */
  readonly stencils: Stencils;
  readonly polygons: readonly Polygon[];
}

const PLACES = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const;
const middle = (a: readonly [number, number], b: readonly [number, number]) =>
  [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;

const edgeKey = (a: number, b: number, count: number) => Math.min(a, b) * count + Math.max(a, b);

/** Quads to split so that no quad left whole has three or four of its edges split. */
function closeRegion(
  quads: Uint32Array,
  vertexCount: number,
  chosen: (face: number) => boolean,
): Set<number> {
  const faces = quads.length / 4;
  const split = new Set<number>();
  for (let f = 0; f < faces; f++) if (chosen(f)) split.add(f);
  for (;;) {
    const edges = new Set<number>();
    for (const f of split) {
      for (let i = 0; i < 4; i++) {
        edges.add(edgeKey(quads[f * 4 + i]!, quads[f * 4 + ((i + 1) % 4)]!, vertexCount));
      }
    }
    const before = split.size;
    for (let f = 0; f < faces; f++) {
      if (split.has(f)) continue;
      let n = 0;
      for (let i = 0; i < 4; i++) {
        if (edges.has(edgeKey(quads[f * 4 + i]!, quads[f * 4 + ((i + 1) % 4)]!, vertexCount))) n++;
      }
      if (n >= 3) split.add(f);
    }
    if (split.size === before) return split;
  }
}

/** The polygons of a mesh with some quads split in four, and what each new vertex lies between. */
interface Split {
  readonly polygons: readonly Polygon[];
  /** For each new vertex, numbered after the coarse ones: the 2 ends of an edge or the 4 corners of a quad. */
  readonly parents: readonly (readonly number[])[];
}

function splitRegion(
  quads: Uint32Array,
  vertexCount: number,
  chosen: (face: number) => boolean,
): Split {
  const split = closeRegion(quads, vertexCount, chosen);
  const parents: number[][] = [];
  const middleOf = new Map<number, number>();
  const centreOf = new Map<number, number>();
  const corners = (f: number) => [...quads.subarray(f * 4, f * 4 + 4)];
  for (const f of [...split].sort((a, b) => a - b)) {
    const q = corners(f);
    q.forEach((v, i) => {
      const next = q[(i + 1) % 4]!;
      const key = edgeKey(v, next, vertexCount);
      if (middleOf.has(key)) return;
      middleOf.set(key, vertexCount + parents.length);
      parents.push([v, next]);
    });
    centreOf.set(f, vertexCount + parents.length);
    parents.push(q);
  }
  const polygons: Polygon[] = [];
  for (let f = 0; f < quads.length / 4; f++) {
    const q = corners(f);
    const middles = q.map((v, i) => middleOf.get(edgeKey(v, q[(i + 1) % 4]!, vertexCount)));
    const midPlaces = PLACES.map((place, i) => middle(place, PLACES[(i + 1) % 4]!));
    const centre = centreOf.get(f);
    if (centre === undefined) {
      const outline = q.flatMap((v, i) => {
        const own = { corner: v, place: PLACES[i]! as readonly [number, number], isMiddle: false };
        const m = middles[i];
        return m === undefined ? [own] : [own, { corner: m, place: midPlaces[i]!, isMiddle: true }];
      });
      polygons.push({
        corners: outline.map(({ corner }) => corner),
        places: outline.map(({ place }) => place),
        middles: outline.flatMap(({ isMiddle }, i) => (isMiddle ? [i] : [])),
        face: f,
      });
      continue;
    }
    q.forEach((v, i) => {
      const before = (i + 3) % 4;
      polygons.push({
        corners: [v, middles[i]!, centre, middles[before]!],
        places: [PLACES[i]!, midPlaces[i]!, [0.5, 0.5], midPlaces[before]!],
        middles: [],
        face: f,
      });
    });
  }
  return { polygons, parents };
}

const one = (v: number): Row => new Map([[v, 1]]);

const averageOf = (rows: readonly Row[]): Row =>
  blendRows(rows.map((row): [Row, number] => [row, 1 / rows.length]));

/**
 * One level of Catmull-Clark on the chosen quads. Coarse vertices move to their Catmull-Clark places
 * everywhere, so that the two densities lie on the same smooth surface; a quad next to the region
 * keeps its corners and takes the neighbours' edge points into its outline.
 *
 * Borders follow Catmull-Clark's rule for creases: they smooth among themselves.
 *
 * @param quads `F x 4`, a manifold with or without border
 */
export function subdivideRegion(
  quads: Uint32Array,
  vertexCount: number,
  chosen: (face: number) => boolean,
): Subdivision {
  const edges = new Map<number, { ends: [number, number]; faces: number[] }>();
  const facesOf: number[][] = Array.from({ length: vertexCount }, () => []);
  const edgesOf: number[][] = Array.from({ length: vertexCount }, () => []);
  for (let f = 0; f < quads.length / 4; f++) {
    for (let i = 0; i < 4; i++) {
      const [a, b] = [quads[f * 4 + i]!, quads[f * 4 + ((i + 1) % 4)]!];
      facesOf[a]!.push(f);
      const key = edgeKey(a, b, vertexCount);
      const edge = edges.get(key);
      if (edge) edge.faces.push(f);
      else {
        edges.set(key, { ends: [a, b], faces: [f] });
        edgesOf[a]!.push(key);
        edgesOf[b]!.push(key);
      }
    }
  }

  const facePoint = (f: number) => averageOf([...quads.subarray(f * 4, f * 4 + 4)].map(one));
  const newPoint = (from: readonly number[]): Row => {
    const middlePoint = averageOf(from.map(one));
    if (from.length === 4) return middlePoint;
    const { faces } = edges.get(edgeKey(from[0]!, from[1]!, vertexCount))!;
    if (faces.length !== 2) return middlePoint;
    return averageOf([middlePoint, averageOf(faces.map(facePoint))]);
  };
  const vertexPoint = (v: number): Row => {
    const border = edgesOf[v]!.filter((key) => edges.get(key)!.faces.length === 1);
    const other = (key: number) => {
      const [a, b] = edges.get(key)!.ends;
      return a === v ? b : a;
    };
    if (border.length === 2 && facesOf[v]!.length > 1) {
      return blendRows([
        [one(v), 0.75],
        ...border.map((key): [Row, number] => [one(other(key)), 0.125]),
      ]);
    }
    // A vertex of no face, or the corner of a single one, stays.
    if (border.length > 0 || facesOf[v]!.length === 0) return one(v);
    const n = facesOf[v]!.length;
    return blendRows([
      [one(v), (n - 2) / n],
      ...edgesOf[v]!.map((key): [Row, number] => [one(other(key)), 1 / (n * n)]),
      ...facesOf[v]!.map((f): [Row, number] => [facePoint(f), 1 / (n * n)]),
    ]);
  };

  const { polygons, parents } = splitRegion(quads, vertexCount, chosen);
  const smoothed = Array.from({ length: vertexCount }, (_, v) => vertexPoint(v));
  const rows = [...smoothed, ...parents.map(newPoint)];
  // Smoothing draws lips, lids and nostrils thin. Fed with points moved the other way first, the surface
  // passes through the given ones up to the second order of the smoothing.
  const opposite = smoothed.map((row, v) =>
    blendRows([
      [one(v), 2],
      [row, -1],
    ]),
  );
  return { stencils: composeStencils(packRows(rows), packRows(opposite)), polygons };
}

/** Half the opening of the cone around z in which an eyeball is refined twice, degrees. */
const FRONT = 75;

/**
 * Refines an eyeball once, and its front, where the cornea lies, a second time. Coarse vertices stay, new
 * ones lie as far from the centre (the mean of all) as those they come between do on average in
 * `shape`: Catmull-Clark would shrink a coarse ball away from its lids. Linear in the vertices, so it
 * moves and scales with them.
 *
 * @param quads `F x 4`, a closed ball
 * @param shape `N x 3`, the vertices as they are on average
 */
export function refineEyeball(quads: Uint32Array, shape: ArrayLike<number>): Subdivision {
  const used = [...new Set(quads)];
  const centreRow = averageOf(used.map(one));
  const position = (row: Row) => {
    const p: [number, number, number] = [0, 0, 0];
    for (const [v, w] of row) for (let i = 0; i < 3; i++) p[i]! += w * shape[v * 3 + i]!;
    return p;
  };
  const centre = position(centreRow);
  const fromCentre = (row: Row) => position(row).map((x, i) => x - centre[i]!);
  const radius = (row: Row) => Math.hypot(...fromCentre(row));
  const between = (rows: readonly Row[]): Row => {
    const middlePoint = averageOf(rows);
    const wanted = rows.reduce((sum, row) => sum + radius(row), 0) / rows.length;
    const scale = wanted / radius(middlePoint);
    return blendRows([
      [middlePoint, scale],
      [centreRow, 1 - scale],
    ]);
  };
  const rows: Row[] = Array.from({ length: shape.length / 3 }, (_, v) => one(v));
  const refine = (faces: Uint32Array, chosen: (face: number) => boolean) => {
    const { polygons, parents } = splitRegion(faces, rows.length, chosen);
    const added = parents.map((from) => between(from.map((v) => rows[v]!)));
    rows.push(...added);
    return polygons;
  };

  const first = refine(quads, () => true);
  const finer = Uint32Array.from(first.flatMap(({ corners }) => [...corners]));
  const second = refine(finer, (f) => {
    const corners = [...finer.subarray(f * 4, f * 4 + 4)].map((v) => rows[v]!);
    const direction = fromCentre(averageOf(corners));
    return direction[2]! > Math.cos((FRONT * Math.PI) / 180) * Math.hypot(...direction);
  });
  return {
    stencils: packRows(rows),
    polygons: second.map((polygon) => {
      const parent = first[polygon.face]!;
      const places = polygon.places.map((place) => placeIn(parent, place));
      return { ...polygon, places, face: parent.face };
    }),
  };
}

/** A place within a quarter of a quad as a place within the whole. */
function placeIn(quarter: Polygon, [s, t]: readonly [number, number]): readonly [number, number] {
  const weights = [(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t];
  const along = (k: 0 | 1) =>
    weights.reduce((sum, weight, i) => sum + weight * quarter.places[i]![k], 0);
  return [along(0), along(1)];
}
