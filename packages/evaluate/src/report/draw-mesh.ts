/** A shaded picture of a mesh whose vertices carry a number. */
import {
  barycentricAt,
  byteOfLinear,
  type Colour,
  type Image,
  LINEAR_OF_BYTE,
  projectView,
  rasterize,
  vertexNormals,
} from "@ganfit/core";

export interface DrawMeshInput {
  /** `V x 3`, y up and z to the viewer, any unit. A triangle with a vertex that is not finite is left out. */
  readonly positions: Float64Array;
  /** `T x 3`. */
  readonly triangles: Uint32Array;
  /** `V`; a triangle with a corner that is NaN is NaN all over. */
  readonly values: Float32Array;
}

export interface DrawMeshView {
  /** Pixels, each side. */
  readonly size: number;
  /** Degrees by which a head turns to its own left, its nose to the right of the picture. */
  readonly yaw: number;
  /** Of a value, sRGB 0-255; seen so where the surface faces the viewer, darker towards its rim. */
  readonly colour: (value: number) => Colour;
}

/** Samples along each side of a pixel. */
const FINE = 2;

/** Share of the picture's side that the mesh takes. */
const FILL = 0.92;

/** From the surface to the lamp, left above the viewer; as core's `preview` has it. */
const LAMP = [-0.35, 0.5, 0.79] as const;

/** Light that comes from everywhere; the lamp gives the rest of what a surface facing the viewer gets. */
const AMBIENT = 0.55;

/** The mesh fills the picture; white around it. */
export function drawMesh(mesh: DrawMeshInput, { size, yaw, colour }: DrawMeshView): Image {
  const { values } = mesh;
  const triangles = finiteTriangles(mesh);
  const fine = size * FINE;
  const upright = unitBox(mesh.positions, triangles);
  const positions = onScreen(upright, triangles, yaw, fine);
  const { triangle: ids } = rasterize({ positions, triangles, width: fine, height: fine });
  const lights = vertexLights(upright, triangles, yaw);
  // Linear light, so that the samples of a pixel may be averaged.
  const sums = new Float32Array(size * size * 3);
  const weights = [0, 0, 0];
  for (let p = 0; p < ids.length; p++) {
    const t = ids[p]!;
    const column = p % fine;
    const row = Math.floor(p / fine);
    const to = 3 * (Math.floor(row / FINE) * size + Math.floor(column / FINE));
    if (t < 0) {
      for (let c = 0; c < 3; c++) sums[to + c]! += 1;
      continue;
    }
    barycentricAt(positions, triangles, t, column + 0.5, row + 0.5, weights);
    let value = 0;
    let light = 0;
    for (let corner = 0; corner < 3; corner++) {
      const v = triangles[3 * t + corner]!;
      value += weights[corner]! * values[v]!;
      light += weights[corner]! * lights[v]!;
    }
    const painted = colour(value);
    for (let c = 0; c < 3; c++) {
      sums[to + c]! += Math.min(1, light * LINEAR_OF_BYTE[painted[c]!]!);
    }
  }
  const data = new Uint8Array(sums.length);
  for (let i = 0; i < data.length; i++) data[i] = byteOfLinear(sums[i]! / FINE ** 2);
  return { width: size, height: size, data };
}

/** One broken corner would take the normals of its neighbours with it. */
function finiteTriangles({ positions, triangles }: DrawMeshInput): Uint32Array {
  const kept = new Uint32Array(triangles.length);
  let count = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    let sum = 0;
    for (let i = 0; i < 9; i++) sum += positions[3 * triangles[t + Math.floor(i / 3)]! + (i % 3)]!;
    if (!Number.isFinite(sum)) continue;
    kept.set(triangles.subarray(t, t + 3), count);
    count += 3;
  }
  return kept.subarray(0, count);
}

/**
 * The mesh's box with its centre at the origin, 200 along its longest side: about a head in millimetres,
 * which is what the projection's distances are made for.
 */
function unitBox(positions: Float64Array, triangles: Uint32Array): Float32Array {
  const box = boxOf(positions, triangles, 3);
  const scale = 200 / (Math.max(...box.map(([low, high]) => high - low)) || 1);
  const centre = box.map(([low, high]) => (low + high) / 2);
  const out = new Float32Array(positions.length);
  for (let i = 0; i < out.length; i++) out[i] = (positions[i]! - centre[i % 3]!) * scale;
  return out;
}

/** `V x 3` for the rasteriser: seen from a metre away, and as large as the picture allows. */
function onScreen(
  vertices: Float32Array,
  triangles: Uint32Array,
  yaw: number,
  size: number,
): Float32Array {
  const out = projectView(vertices, {
    width: 0,
    height: 1,
    span: 1,
    centre: [0, 0, 0],
    distance: 1000,
    yaw,
  });
  const [across, down] = boxOf(out, triangles, 2) as [Range, Range];
  const widest = Math.max(across[1] - across[0], down[1] - down[0]);
  const scale = (FILL * size) / (widest || 1);
  for (let v = 0; v < out.length; v += 3) {
    out[v] = size / 2 + (out[v]! - (across[0] + across[1]) / 2) * scale;
    out[v + 1] = size / 2 + (out[v + 1]! - (down[0] + down[1]) / 2) * scale;
  }
  return out;
}

type Range = readonly [low: number, high: number];

/** Of the vertices that triangles use: a file may hold others far away. */
function boxOf(positions: ArrayLike<number>, triangles: Uint32Array, axes: 2 | 3): Range[] {
  const low = new Float64Array(axes).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(axes).fill(Number.NEGATIVE_INFINITY);
  for (const v of triangles) {
    for (let a = 0; a < axes; a++) {
      const at = positions[3 * v + a]!;
      low[a] = Math.min(low[a]!, at);
      high[a] = Math.max(high[a]!, at);
    }
  }
  return Array.from(low, (value, a) => (value <= high[a]! ? [value, high[a]!] : [0, 0]));
}

/**
 * `V`: 1 for a surface that faces the viewer. Both sides are lit: scans have holes, and not every file
 * keeps its triangles' winding.
 */
function vertexLights(vertices: Float32Array, triangles: Uint32Array, yaw: number): Float32Array {
  const normals = vertexNormals(vertices, triangles);
  const cos = Math.cos((yaw * Math.PI) / 180);
  const sin = Math.sin((yaw * Math.PI) / 180);
  return Float32Array.from({ length: vertices.length / 3 }, (_, v) => {
    const [x, y, z] = [normals[3 * v]!, normals[3 * v + 1]!, normals[3 * v + 2]!];
    const towards = -sin * x + cos * z;
    const side = towards < 0 ? -1 : 1;
    const right = cos * x + sin * z;
    const lamp = side * (LAMP[0] * right + LAMP[1] * y + LAMP[2] * towards);
    return AMBIENT + ((1 - AMBIENT) * Math.max(0, lamp)) / LAMP[2];
  });
}
