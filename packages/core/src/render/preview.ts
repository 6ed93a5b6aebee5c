// Shaded pictures of a model for people and landmark networks to look at: contact sheets, `ganfit
// models info`, finding landmarks on a new model. Not differentiable, and not the fitting renderer.

import type { Image } from "../image/image.js";
import type { Part, PartKind, UvMap } from "../models/morphable-model.js";
import { vertexNormals } from "./normals.js";
import { barycentricAt, type Raster, rasterize } from "./rasterize.js";

/** Where the viewer stands. */
export interface View {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Degrees by which the head turns to its own left (its nose to the right of the picture). */
  readonly yaw?: number;
  /** Degrees by which the head looks up. */
  readonly pitch?: number;
  /** Degrees by which the picture is turned clockwise. */
  readonly roll?: number;
  /** Point in millimetres that comes to the middle; default the centre of the vertices' box. */
  readonly centre?: readonly [number, number, number];
  /** Millimetres across the picture's height at `centre`; default the box's height and a tenth. */
  readonly span?: number;
  /** Millimetres from the viewer to `centre`; Infinity for a parallel projection. Default 1200. */
  readonly distance?: number;
}

export interface PreviewMesh {
  readonly triangles: Uint32Array;
  readonly parts?: readonly Part[];
  readonly uv?: UvMap | null;
}

export interface PreviewOptions extends View {
  /** Colour of each kind of part, sRGB 0-255. */
  readonly colours?: Partial<Record<PartKind, readonly [number, number, number]>>;
  /** Kinds that are not drawn. */
  readonly hide?: readonly PartKind[];
  /** Worn by `skin`, through the mesh's uv. */
  readonly texture?: Image;
  /** sRGB 0-255. */
  readonly background?: readonly [number, number, number];
  /** Samples along each side of a pixel; default 2. */
  readonly supersampling?: number;
}

export const PREVIEW_COLOURS: Readonly<Record<PartKind, readonly [number, number, number]>> = {
  skin: [214, 170, 146],
  eyes: [238, 236, 232],
  mouth: [150, 70, 70],
  teeth: [236, 230, 214],
  tongue: [200, 110, 110],
  lashes: [60, 45, 40],
  other: [190, 190, 190],
};

/**
 * Screen positions of vertices: x right, y down, pixels, z the distance along the line of sight in
 * millimetres (smaller is nearer); what {@link rasterize} takes.
 *
 * @param vertices `V x 3`, millimetres
 * @returns `V x 3`
 */
export function projectView(vertices: Float32Array, view: View): Float32Array {
  const box = boundingBox(vertices);
  const centre = view.centre ?? box.centre;
  const span = view.span ?? box.size[1] * 1.1;
  const distance = view.distance ?? 1200;
  const rows = viewRotation(view);
  const scale = view.height / span;
  const out = new Float32Array(vertices.length);
  for (let v = 0; v < vertices.length; v += 3) {
    const x = vertices[v]! - centre[0];
    const y = vertices[v + 1]! - centre[1];
    const z = vertices[v + 2]! - centre[2];
    const towards = rows[6]! * x + rows[7]! * y + rows[8]! * z;
    const shrink = Number.isFinite(distance) ? distance / Math.max(distance - towards, 1) : 1;
    out[v] = view.width / 2 + (rows[0]! * x + rows[1]! * y + rows[2]! * z) * scale * shrink;
    out[v + 1] = view.height / 2 - (rows[3]! * x + rows[4]! * y + rows[5]! * z) * scale * shrink;
    out[v + 2] = -towards;
  }
  return out;
}

/** The rotation from the model's frame to the viewer's (x right, y up, z to the viewer), by rows. */
function viewRotation({
  yaw = 0,
  pitch = 0,
  roll = 0,
}: Pick<View, "yaw" | "pitch" | "roll">): number[] {
  const [cy, sy] = [Math.cos((yaw * Math.PI) / 180), Math.sin((yaw * Math.PI) / 180)];
  const [cp, sp] = [Math.cos((pitch * Math.PI) / 180), Math.sin((pitch * Math.PI) / 180)];
  const [cr, sr] = [Math.cos((roll * Math.PI) / 180), Math.sin((roll * Math.PI) / 180)];
  // Roll (clockwise in the picture) after pitch (nose up) after yaw (nose to +x).
  const first = [cy, 0, sy];
  const second = [-sp * sy, cp, sp * cy];
  const third = [-sy * cp, -sp, cp * cy];
  const top = first.map((value, i) => cr * value + sr * second[i]!);
  const middle = first.map((value, i) => -sr * value + cr * second[i]!);
  return [...top, ...middle, ...third];
}

/** Renders vertices with smooth shading under a soft light from above the viewer. */
export function preview(vertices: Float32Array, mesh: PreviewMesh, options: PreviewOptions): Image {
  const factor = options.supersampling ?? 2;
  const large = { ...options, width: options.width * factor, height: options.height * factor };
  const positions = projectView(vertices, large);
  const kinds = kindOfTriangles(mesh);
  const hidden = new Set(options.hide ?? []);
  const shown =
    hidden.size === 0
      ? mesh.triangles
      : // A hidden triangle becomes a point, so that the others keep their indices.
        mesh.triangles.map((vertex, i) =>
          hidden.has(kinds[Math.floor(i / 3)]!) ? mesh.triangles[i - (i % 3)]! : vertex,
        );
  const raster = rasterize({
    positions,
    triangles: shown,
    width: large.width,
    height: large.height,
  });
  return downsample(shade(vertices, positions, mesh, kinds, raster, options), factor);
}

function kindOfTriangles(mesh: PreviewMesh): PartKind[] {
  const kinds = new Array<PartKind>(mesh.triangles.length / 3).fill("skin");
  for (const { kind, start, count } of mesh.parts ?? []) kinds.fill(kind, start, start + count);
  return kinds;
}

function shade(
  vertices: Float32Array,
  positions: Float32Array,
  mesh: PreviewMesh,
  kinds: readonly PartKind[],
  raster: Raster,
  options: PreviewOptions,
): Image {
  const { width, height, triangle: ids } = raster;
  const background = options.background ?? [255, 255, 255];
  const colours = { ...PREVIEW_COLOURS, ...options.colours };
  const normals = vertexNormals(vertices, mesh.triangles);
  const rows = viewRotation(options);
  const data = new Uint8Array(width * height * 3);
  const weights = [0, 0, 0];
  for (let p = 0; p < ids.length; p++) {
    const t = ids[p]!;
    if (t < 0) {
      data.set(background, p * 3);
      continue;
    }
    const x = (p % width) + 0.5;
    const y = Math.floor(p / width) + 0.5;
    barycentricAt(positions, mesh.triangles, t, x, y, weights);
    let nx = 0;
    let ny = 0;
    let nz = 0;
    for (let corner = 0; corner < 3; corner++) {
      const v = mesh.triangles[t * 3 + corner]! * 3;
      nx += weights[corner]! * normals[v]!;
      ny += weights[corner]! * normals[v + 1]!;
      nz += weights[corner]! * normals[v + 2]!;
    }
    const length = Math.hypot(nx, ny, nz) || 1;
    const right = (rows[0]! * nx + rows[1]! * ny + rows[2]! * nz) / length;
    const up = (rows[3]! * nx + rows[4]! * ny + rows[5]! * nz) / length;
    const towards = (rows[6]! * nx + rows[7]! * ny + rows[8]! * nz) / length;
    const key = Math.max(0, -0.35 * right + 0.5 * up + 0.79 * towards);
    const light = 0.32 + 0.1 * up + 0.66 * key;
    const colour =
      kinds[t] === "skin" && options.texture && mesh.uv
        ? texel(options.texture, mesh.uv, t, weights)
        : colours[kinds[t]!];
    for (let c = 0; c < 3; c++) {
      // Light multiplies linear intensity; 2.2 is near enough to sRGB's curve for a preview.
      data[p * 3 + c] = Math.round(
        255 * Math.min(1, Math.max(0, light) * (colour[c]! / 255) ** 2.2) ** (1 / 2.2),
      );
    }
  }
  return { width, height, data };
}

function texel(texture: Image, uv: UvMap, triangle: number, weights: readonly number[]): number[] {
  let u = 0;
  let v = 0;
  for (let corner = 0; corner < 3; corner++) {
    const index = uv.triangles[triangle * 3 + corner]! * 2;
    u += weights[corner]! * uv.coordinates[index]!;
    v += weights[corner]! * uv.coordinates[index + 1]!;
  }
  const x = Math.min(texture.width - 1, Math.max(0, u * texture.width - 0.5));
  const y = Math.min(texture.height - 1, Math.max(0, v * texture.height - 0.5));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const x1 = Math.min(x0 + 1, texture.width - 1);
  const y1 = Math.min(y0 + 1, texture.height - 1);
  const at = (column: number, row: number, c: number) =>
    texture.data[(row * texture.width + column) * 3 + c]!;
  return [0, 1, 2].map(
    (c) =>
      (1 - (y - y0)) * ((1 - (x - x0)) * at(x0, y0, c) + (x - x0) * at(x1, y0, c)) +
      (y - y0) * ((1 - (x - x0)) * at(x0, y1, c) + (x - x0) * at(x1, y1, c)),
  );
}

function downsample(image: Image, factor: number): Image {
  if (factor === 1) return image;
  const width = image.width / factor;
  const height = image.height / factor;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) {
            sum += image.data[((y * factor + dy) * image.width + x * factor + dx) * 3 + c]!;
          }
        }
        data[(y * width + x) * 3 + c] = Math.round(sum / (factor * factor));
      }
    }
  }
  return { width, height, data };
}

function boundingBox(vertices: Float32Array) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let v = 0; v < vertices.length; v++) {
    const axis = v % 3;
    if (vertices[v]! < low[axis]!) low[axis] = vertices[v]!;
    if (vertices[v]! > high[axis]!) high[axis] = vertices[v]!;
  }
  const axis = (i: number) => (low[i]! + high[i]!) / 2;
  return {
    centre: [axis(0), axis(1), axis(2)] as [number, number, number],
    size: [high[0]! - low[0]!, high[1]! - low[1]!, high[2]! - low[2]!] as const,
  };
}
