// Which vertex is the mirror image of which, for models whose files do not say.
//
// The nearest vertex to each mirrored position is not enough: means of scanned people are askew by up to
// a millimetre or two, more than fine parts of a mesh are apart, and eyelids, lashes or seams have
// vertices at the very same place. So pairs that are clear by position come first. The others are decided
// by their surroundings: where the paired neighbours' errors say the mirror image must be, and which
// candidate adjoins the mirror images of those neighbours. At the end edges must map to edges, otherwise
// the mesh is not symmetric.

/** Vertices considered as the mirror image of one. */
const CANDIDATES = 12;

/** Rounds that fit the plane of symmetry before pairs are made, and vertices used for it. */
const ALIGNMENTS = 5;
const ALIGNMENT_SAMPLES = 2000;

/** A pair is clear where the second nearest vertex is so many times farther than the nearest. */
const CLEAR = 2;

/** Farthest that a mirror image may lie from where it is expected, in median edge lengths. */
const REACH = 2;

/** What a candidate away from the mirror images of all paired neighbours is held to be farther, in edges. */
const APART = 1;

/** Least share of edges whose ends' mirror images must adjoin. */
const MIN_EDGES = 0.995;

/** More vertices than this in one cube of the grid are no mesh of a head. */
const MAX_CROWD = 8192;

const NONE = 0xffffffff;

/**
 * The mirror image of each vertex across x = 0, found from positions and connections.
 *
 * Quads that were cut along different diagonals left and right still count as symmetric: mirror images
 * adjoin where an edge joins them or where they are opposite corners of two triangles with a common edge.
 *
 * @param mean `V x 3` positions, symmetric up to a small asymmetry and a slightly tilted or shifted plane
 * @param triangles `T x 3` vertex indices
 * @returns `V`: an involution; null where the mesh is not symmetric
 */
export function findSymmetry(mean: Float32Array, triangles: Uint32Array): Uint32Array | null {
  const count = mean.length / 3;
  const edge = medianEdge(mean, triangles);
  if (!(edge > 0 && edge < Number.POSITIVE_INFINITY)) return null;
  const grid = new Grid(mean, REACH * edge);
  if (grid.crowd > MAX_CROWD) return null;
  const adjacency = new Adjacency(mean, triangles);

  const mirrored = reflectAcross(mean, fitPlane(mean, grid));
  const image = new Uint32Array(count).fill(NONE);
  pairClear(mirrored, grid, edge, image);
  while (pairBySurroundings(mean, mirrored, grid, adjacency, image)) {
    // Each round reaches the neighbours of what the round before paired.
  }
  if (image.includes(NONE)) return null;
  exchangeNeighbours(adjacency, image);
  return preservesEdges(triangles, adjacency, image) ? image : null;
}

/** A plane: the points with `normal . p = offset`. */
interface Plane {
  readonly normal: readonly [number, number, number];
  readonly offset: number;
}

/** The plane that best lies midway between vertices and their mirror images, starting from x = 0. */
function fitPlane(mean: Float32Array, grid: Grid): Plane {
  let plane: Plane = { normal: [1, 0, 0], offset: 0 };
  const step = Math.ceil(mean.length / 3 / ALIGNMENT_SAMPLES);
  for (let round = 0; round < ALIGNMENTS; round++) {
    const mirrored = reflectAcross(mean, plane);
    const across = [0, 0, 0];
    const middle = [0, 0, 0];
    let pairs = 0;
    for (let v = 0; v < mean.length / 3; v += step) {
      const found = grid.nearest(point(mirrored, v), 1)[0];
      if (!found) continue;
      pairs++;
      // Every pair counted from its left to its right, so that differences add up.
      const sign = mean[3 * v]! >= mean[3 * found.vertex]! ? 1 : -1;
      for (let axis = 0; axis < 3; axis++) {
        const p = mean[3 * v + axis]!;
        const q = mean[3 * found.vertex + axis]!;
        across[axis]! += sign * (p - q);
        middle[axis]! += (p + q) / 2;
      }
    }
    const length = Math.hypot(across[0]!, across[1]!, across[2]!);
    if (!(length > 0)) return plane;
    const normal = across.map((value) => value / length) as [number, number, number];
    const offset = normal.reduce((sum, n, axis) => sum + (n * middle[axis]!) / pairs, 0);
    plane = { normal, offset };
  }
  return plane;
}

function reflectAcross(positions: Float32Array, plane: Plane): Float64Array {
  const [x, y, z] = plane.normal;
  const out = new Float64Array(positions.length);
  for (let i = 0; i < positions.length; i += 3) {
    const p = positions[i]!;
    const q = positions[i + 1]!;
    const r = positions[i + 2]!;
    const twice = 2 * (x * p + y * q + z * r - plane.offset);
    out[i] = p - twice * x;
    out[i + 1] = q - twice * y;
    out[i + 2] = r - twice * z;
  }
  return out;
}

/** Pairs whose ends are each other's nearest, with nothing else near. */
function pairClear(mirrored: Float64Array, grid: Grid, edge: number, image: Uint32Array): void {
  const nearest = new Uint32Array(image.length).fill(NONE);
  for (let v = 0; v < image.length; v++) {
    const [first, second] = grid.nearest(point(mirrored, v), 2);
    if (!first) continue;
    // Vertices in the same place are never clear.
    const clear = !second || second.distance > CLEAR * first.distance + 1e-4 * edge;
    if (clear) nearest[v] = first.vertex;
  }
  for (let v = 0; v < image.length; v++) {
    const other = nearest[v]!;
    if (other !== NONE && nearest[other] === v) image[v] = other;
  }
}

/**
 * One round over the vertices without an image: each takes the candidate that suits its paired neighbours
 * best, if that would take it too. Pairs count at once, so that of two layers in the same place the second
 * decision follows the first.
 *
 * @returns whether any pair was made
 */
function pairBySurroundings(
  mean: Float32Array,
  mirrored: Float64Array,
  grid: Grid,
  adjacency: Adjacency,
  image: Uint32Array,
): boolean {
  const propose = (v: number): number => {
    const paired = [...adjacency.neighbours(v)].filter((n) => image[n] !== NONE);
    if (paired.length === 0) return NONE;
    const expected = point(mirrored, v);
    for (const n of paired) {
      for (let axis = 0; axis < 3; axis++) {
        expected[axis]! += (mean[3 * image[n]! + axis]! - mirrored[3 * n + axis]!) / paired.length;
      }
    }
    let best = NONE;
    let bestScore = Number.POSITIVE_INFINITY;
    for (const { vertex, distance } of grid.nearest(expected, CANDIDATES)) {
      if (image[vertex] !== NONE) continue;
      const apart = paired.filter((n) => !adjacency.adjoin(image[n]!, vertex)).length;
      const score = distance / adjacency.edge(v) + (APART * apart) / paired.length;
      if (score < bestScore) {
        best = vertex;
        bestScore = score;
      }
    }
    return best;
  };
  let made = false;
  for (let v = 0; v < image.length; v++) {
    if (image[v] !== NONE) continue;
    const other = propose(v);
    if (other === NONE || propose(other) !== v) continue;
    image[v] = other;
    image[other] = v;
    made = true;
  }
  return made;
}

/**
 * Where the mean is more askew than two neighbours are apart, each can have got the other's image: exchanges
 * them where more edges then map to edges.
 */
function exchangeNeighbours(adjacency: Adjacency, image: Uint32Array): void {
  const broken = (vertices: readonly number[]) => {
    let count = 0;
    for (const v of vertices) {
      for (const n of adjacency.joined(v)) {
        if (!adjacency.joined(image[v]!).has(image[n]!)) count++;
      }
    }
    return count;
  };
  const pair = (a: number, b: number) => {
    image[a] = b;
    image[b] = a;
  };
  for (let v = 0; v < image.length; v++) {
    if (broken([v]) === 0) continue;
    for (const n of adjacency.joined(v)) {
      const a = image[v]!;
      const b = image[n]!;
      const four = [v, n, a, b];
      // A vertex of the midline keeps its place.
      if (new Set(four).size < 4) continue;
      const before = broken(four);
      pair(v, b);
      pair(n, a);
      if (broken(four) < before) break;
      pair(v, a);
      pair(n, b);
    }
  }
}

function preservesEdges(triangles: Uint32Array, adjacency: Adjacency, image: Uint32Array): boolean {
  let kept = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    for (let c = 0; c < 3; c++) {
      const a = image[triangles[t + c]!]!;
      const b = image[triangles[t + ((c + 1) % 3)]!]!;
      if (adjacency.adjoin(a, b)) kept++;
    }
  }
  return kept >= MIN_EDGES * triangles.length;
}

/** Vertices joined by an edge, or opposite one another across one. */
class Adjacency {
  private readonly near: Set<number>[];
  private readonly edges: Set<number>[];
  /** Mean length of the edges at each vertex. */
  private readonly lengths: Float64Array;

  constructor(mean: Float32Array, triangles: Uint32Array) {
    const count = mean.length / 3;
    this.near = Array.from({ length: count }, () => new Set());
    this.edges = Array.from({ length: count }, () => new Set());
    this.lengths = new Float64Array(count);
    const degrees = new Uint32Array(count);
    const opposite = new Map<number, number>();
    for (let t = 0; t < triangles.length; t += 3) {
      for (let c = 0; c < 3; c++) {
        const a = triangles[t + c]!;
        const b = triangles[t + ((c + 1) % 3)]!;
        const third = triangles[t + ((c + 2) % 3)]!;
        for (const sets of [this.near, this.edges]) {
          sets[a]!.add(b);
          sets[b]!.add(a);
        }
        for (const end of [a, b]) {
          degrees[end]!++;
          this.lengths[end]! += distance(point(mean, a), point(mean, b));
        }
        const key = Math.min(a, b) * count + Math.max(a, b);
        const across = opposite.get(key);
        if (across !== undefined && across !== third) {
          this.near[across]!.add(third);
          this.near[third]!.add(across);
        }
        opposite.set(key, third);
      }
    }
    for (let v = 0; v < count; v++) this.lengths[v]! /= Math.max(1, degrees[v]!);
  }

  neighbours(vertex: number): ReadonlySet<number> {
    return this.near[vertex]!;
  }

  /** Vertices joined by an edge. */
  joined(vertex: number): ReadonlySet<number> {
    return this.edges[vertex]!;
  }

  /** Whether two vertices adjoin or are the same. */
  adjoin(a: number, b: number): boolean {
    return a === b || this.near[a]!.has(b);
  }

  edge(vertex: number): number {
    return Math.max(this.lengths[vertex]!, Number.MIN_VALUE);
  }
}

interface Found {
  readonly vertex: number;
  readonly distance: number;
}

/** Vertices by cubes of space. */
class Grid {
  private readonly cells = new Map<number, number[]>();
  /** Most vertices in one cube. */
  crowd = 0;

  /** @param size side of a cube, the farthest that {@link nearest} looks */
  constructor(
    private readonly positions: Float32Array,
    private readonly size: number,
  ) {
    for (let v = 0; v < positions.length / 3; v++) {
      const [x, y, z] = this.cell(point(positions, v));
      const key = cellKey(x!, y!, z!);
      const cell = this.cells.get(key) ?? [];
      cell.push(v);
      this.cells.set(key, cell);
      this.crowd = Math.max(this.crowd, cell.length);
    }
  }

  /** The `k` vertices nearest to a point, at most a cube's side away: nearest first, then by index. */
  nearest(p: readonly number[], k: number): Found[] {
    const { positions } = this;
    const found: Found[] = [];
    const [x, y, z] = this.cell(p) as [number, number, number];
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (let l = -1; l <= 1; l++) {
          for (const vertex of this.cells.get(cellKey(x + i, y + j, z + l)) ?? []) {
            const dx = positions[3 * vertex]! - p[0]!;
            const dy = positions[3 * vertex + 1]! - p[1]!;
            const dz = positions[3 * vertex + 2]! - p[2]!;
            const d = Math.sqrt(dx * dx + dy * dy + dz * dz);
            const limit = found.length < k ? this.size : found.at(-1)!.distance;
            if (d <= limit) insert(found, { vertex, distance: d }, k);
          }
        }
      }
    }
    return found;
  }

  private cell(p: readonly number[]): number[] {
    return p.map((value) => Math.floor(value / this.size));
  }
}

/** Distinct for cubes within 2^16 of the origin along each axis; farther ones may share a key. */
function cellKey(x: number, y: number, z: number): number {
  return (x + 65_536) * 2 ** 34 + (y + 65_536) * 2 ** 17 + (z + 65_536);
}

/** Keeps the `k` nearest in order. */
function insert(found: Found[], item: Found, k: number): void {
  let at = found.length;
  while (at > 0 && before(item, found[at - 1]!)) at--;
  if (at >= k) return;
  found.splice(at, 0, item);
  if (found.length > k) found.pop();
}

function before(a: Found, b: Found): boolean {
  return a.distance < b.distance || (a.distance === b.distance && a.vertex < b.vertex);
}

function point(positions: ArrayLike<number>, vertex: number): number[] {
  return [positions[3 * vertex]!, positions[3 * vertex + 1]!, positions[3 * vertex + 2]!];
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
}

function medianEdge(mean: Float32Array, triangles: Uint32Array): number {
  const lengths = new Float64Array(triangles.length);
  for (let t = 0; t < triangles.length; t++) {
    const next = triangles[t % 3 === 2 ? t - 2 : t + 1]!;
    lengths[t] = distance(point(mean, triangles[t]!), point(mean, next));
  }
  return lengths.sort()[Math.floor(lengths.length / 2)] ?? 0;
}
