/**
 * The normal map of a skin: what wrinkles, folds and coarse pores do to the light, where the shape has no
 * vertices for them. The height is `skinRelief`'s guess; its slopes are measured on the head itself, so that they are
 * millimetres over millimetres whatever the layout stretches.
 *
 * A texel's normal is (-a, -b, 1) brought to unit length, a and b the slopes of the height along the unit
 * tangents T, the way u grows, and B, upwards in the picture and square to T. That is the frame that MikkTSpace
 * gives, and the handedness that glTF asks for: red to the right, green up, blue out. A slope s is
 * softened to s / sqrt(1 + (s / STEEPEST)^2).
 */
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { clampedByte } from "../image/tensor.js";
import type { MorphableModel } from "../models/morphable-model.js";
import type { FaceRegions } from "./face-regions.js";
import { skinRelief } from "./skin-relief.js";
import { type TexturePositions, texturePositions } from "./texture-positions.js";

export interface NormalMapInput {
  /** With texture coordinates. */
  readonly model: MorphableModel;
  /** `V x 3`: the head, whose size makes slopes metric, millimetres. */
  readonly vertices: Float32Array;
  /** Albedo, gamma-coded, square: light and shadow in it would be taken for relief. */
  readonly skin: Image;
  /** In the layout of the model, of the skin's size. */
  readonly regions: FaceRegions;
  /** `size x size` in [0, 1]: how far each texel shows the person's own skin; 1 where not given. */
  readonly confidence?: Float32Array;
}

/** No slope is as large. */
const STEEPEST = 0.5;

/**
 * A tangent-space normal map of the skin's size, for glTF's `normalTexture`. A coordinate c of the normal is the
 * byte 128 + 127 c, so that (128, 128, 255) is exactly flat, which unseen texels are; glTF reads
 * bytes as 2 byte / 255 - 1, which differs from c by 0.004 at most.
 *
 * @throws GanfitError `usage` where the model has no texture coordinates or the sizes differ
 */
export function normalMap(input: NormalMapInput): Image {
  const { model, vertices, skin, regions, confidence } = input;
  const places = texturePositions(model, regions.size);
  const texel = texelSize(model, vertices, places, regions);
  const height = skinRelief({ skin, regions, texel, ...(confidence && { confidence }) });
  return normalsOfHeight(model, vertices, { size: regions.size, height });
}

export interface HeightMap {
  /** Texels along each side. */
  readonly size: number;
  /** `size x size`, millimetres along the normal; 0 at the border of what has relief. */
  readonly height: Float32Array;
}

/**
 * The normals of a head's surface raised by a height, relative to its own, as {@link normalMap} writes them.
 *
 * @param vertices `V x 3`, millimetres
 * @throws GanfitError `usage` where the model has no texture coordinates
 */
export function normalsOfHeight(
  model: MorphableModel,
  vertices: Float32Array,
  { size, height }: HeightMap,
): Image {
  const { triangle } = texturePositions(model, size);
  const metric = metricOf(model, vertices, size);
  const data = new Uint8Array(3 * size * size);
  for (let i = 0; i < data.length; i += 3) data.set(FLAT, i);
  for (let row = 1; row < size - 1; row++) {
    for (let column = 1; column < size - 1; column++) {
      const i = row * size + column;
      const t = triangle[i]!;
      const across = (height[i + 1]! - height[i - 1]!) / 2;
      const down = (height[i + size]! - height[i - size]!) / 2;
      if (t < 0 || (across === 0 && down === 0)) continue;
      const alongU = metric.u[t]!;
      const alongV = metric.v[t]!;
      // Triangles that the layout squeezes to a line say nothing of slopes.
      if (!(alongU > 0 && alongV > 0)) continue;
      const right = across / alongU;
      const up = -(down - metric.shear[t]! * right) / alongV;
      writeNormal(data, 3 * i, right, up);
    }
  }
  return { width: size, height: size, data };
}

const FLAT = [128, 128, 255] as const;

function writeNormal(data: Uint8Array, at: number, right: number, up: number): void {
  const soft = 1 / Math.sqrt(1 + (right * right + up * up) / STEEPEST ** 2);
  const [x, y] = [-right * soft, -up * soft];
  const length = Math.sqrt(x * x + y * y + 1);
  data[at] = clampedByte(128 + (127 * x) / length);
  data[at + 1] = clampedByte(128 + (127 * y) / length);
  data[at + 2] = clampedByte(128 + 127 / length);
}

/**
 * For each triangle: a step of a texel to the right is `u` millimetres along T, one down is `v` millimetres
 * along -B and `shear` along T.
 */
interface Metric {
  readonly u: Float32Array;
  readonly v: Float32Array;
  readonly shear: Float32Array;
}

function metricOf(model: MorphableModel, vertices: Float32Array, size: number): Metric {
  const { uv } = model;
  if (!uv) {
    throw new GanfitError("usage", `${model.name} has no texture coordinates: complete it first.`);
  }
  const count = model.triangles.length / 3;
  const metric = {
    u: new Float32Array(count),
    v: new Float32Array(count),
    shear: new Float32Array(count),
  };
  for (let t = 0; t < count; t++) {
    const [a, b, c] = [0, 1, 2].map((k) => 3 * model.triangles[3 * t + k]!);
    const [p, q, r] = [0, 1, 2].map((k) => 2 * uv.triangles[3 * t + k]!);
    const at = (i: number, k: number) => size * uv.coordinates[i + k]!;
    const [x1, y1] = [at(q!, 0) - at(p!, 0), at(q!, 1) - at(p!, 1)];
    const [x2, y2] = [at(r!, 0) - at(p!, 0), at(r!, 1) - at(p!, 1)];
    const area = x1 * y2 - x2 * y1;
    if (area === 0) continue;
    let [uu, uv_, vv] = [0, 0, 0];
    for (let k = 0; k < 3; k++) {
      const e1 = vertices[b! + k]! - vertices[a! + k]!;
      const e2 = vertices[c! + k]! - vertices[a! + k]!;
      const du = (e1 * y2 - e2 * y1) / area;
      const dv = (e2 * x1 - e1 * x2) / area;
      uu += du * du;
      uv_ += du * dv;
      vv += dv * dv;
    }
    metric.u[t] = Math.sqrt(uu);
    metric.shear[t] = uu > 0 ? uv_ / Math.sqrt(uu) : 0;
    metric.v[t] = Math.sqrt(Math.max(0, vv - metric.shear[t]! ** 2));
  }
  return metric;
}

/** Side of a square as large as a texel of the face is on the skin, in the middle of all, millimetres. */
function texelSize(
  model: MorphableModel,
  vertices: Float32Array,
  { triangle }: TexturePositions,
  { skin }: FaceRegions,
): number {
  const { u, v } = metricOf(model, vertices, Math.sqrt(triangle.length));
  const areas: number[] = [];
  for (let i = 0; i < triangle.length; i++) {
    const t = triangle[i]!;
    if (t >= 0 && skin[i]! > 0.5) areas.push(u[t]! * v[t]!);
  }
  areas.sort((a, b) => a - b);
  return Math.sqrt(areas[areas.length >> 1] ?? 1);
}
