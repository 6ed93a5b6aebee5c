// A head made ready for shading: its vertices placed, its triangles drawn into the samples of a picture.

import type { Colour } from "../image/composite.js";
import type { Image, Mask } from "../image/image.js";
import { halved } from "../image/sample.js";
import { nostrilOcclusion } from "../models/ambient-occlusion.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { eyeAxes, eyeTexture } from "../models/eyes.js";
import { lashOpacity } from "../models/lashes.js";
import type { MorphableModel, PartKind } from "../models/morphable-model.js";
import {
  isVisible,
  PART_MATERIALS,
  type PartMaterial,
  type SurfaceCoordinates,
  surfaceCoordinates,
} from "../models/part-materials.js";
import type { TexturedHead } from "../models/textured-head.js";
import { type Camera, cameraInPicture, project } from "../render/camera.js";
import type { Lighting } from "../render/lighting.js";
import { vertexNormals } from "../render/normals.js";
import { barycentricAt, type Raster, rasterize } from "../render/rasterize.js";
import { uTangents } from "../render/tangents.js";
import { poseOcclusion } from "./pose-occlusion.js";

export interface RenderHeadOptions {
  readonly camera: Camera;
  readonly lighting: Lighting;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** A colour, or a picture of the same size; transparent where not given. */
  readonly background?: Image | Colour;
  /** Samples along each side of a pixel; default 2. */
  readonly supersampling?: number;
  /** In place of the head's own: one coefficient per identity mode. */
  readonly identity?: Float32Array;
  /** In place of the head's own: one coefficient per expression mode. */
  readonly expression?: Float32Array;
  /** Shape alone: everything of one matt grey, without lashes. */
  readonly clay?: boolean;
  /** Kinds of parts that are not drawn. */
  readonly hide?: readonly PartKind[];
  /** In the layout of the skin's texture: how opaque skin is; 1 throughout where not given. */
  readonly opacity?: Mask;
}

/** Lashes are drawn with so many times as many samples along each side. */
const FINER = 3;

/** All that the shading of a sample looks up. */
export interface HeadSurface {
  readonly model: MorphableModel;
  /** Of `TexturedHead`. */
  readonly exposure: number;
  /** `V x 3`, millimetres. */
  readonly positions: Float32Array;
  /** `V x 3`, unit. */
  readonly normals: Float32Array;
  /** `V x 3`, pixels of the samples and -1 / depth. */
  readonly screen: Float32Array;
  /** `V`: share of light that reaches what is seen and lies hidden. */
  readonly open: Float32Array;
  /** `V`, from `nostrilOcclusion`. */
  readonly nostrils: Float32Array;
  /** `V x 3`, from `eyeAxes`. */
  readonly axes: Float32Array;
  /** For each sample the share that lashes cover; null where there are none. */
  readonly lashes: Float32Array | null;
  readonly coordinates: SurfaceCoordinates;
  readonly raster: Raster;
  /** Index of each triangle's part. */
  readonly partOf: Uint16Array;
  readonly textures: ReadonlyMap<PartMaterial["texture"], Image>;
  /** Of the skin; null where it is smooth. */
  readonly relief: Relief | null;
}

/** A normal map and the directions that it refers to. */
export interface Relief {
  readonly normals: Image;
  /** One for each of `coordinates`, from `uTangents`. */
  readonly tangents: Float32Array;
}

export function headSurface(head: TexturedHead, options: RenderHeadOptions): HeadSurface {
  const { model } = head;
  const { clay = false, supersampling: scale = 2 } = options;
  const positions = evaluateModel(
    model,
    options.identity ?? head.identity,
    options.expression ?? head.expression,
  );
  const camera = cameraInPicture(options.camera, { scale, rotation: 0, tx: 0, ty: 0 });
  const screen = project(positions, camera);
  const hidden = new Set<PartKind>(options.hide ?? []);
  if (clay) hidden.add("lashes");
  const partOf = new Uint16Array(model.triangles.length / 3);
  const drawn = model.triangles.slice();
  const lashes: number[] = [];
  model.parts.forEach((part, index) => {
    const { start, count, kind } = part;
    partOf.fill(index, start, start + count);
    const visible = isVisible(part) && !hidden.has(kind);
    if (visible && kind !== "lashes") return;
    if (visible) lashes.push(...model.triangles.subarray(3 * start, 3 * (start + count)));
    // Triangles that are points keep the places of the others.
    drawn.fill(model.triangles[3 * start] ?? 0, 3 * start, 3 * (start + count));
  });
  const coordinates = remembered(COORDINATES, model, surfaceCoordinates);
  const textures = new Map<PartMaterial["texture"], Image>();
  const smoothed = (image: Image, kind: PartKind) =>
    atDensity(image, texelsPerSample(image, kind, model, coordinates, screen));
  if (!clay) {
    if (model.uv) textures.set("skin", smoothed(head.skin, "skin"));
    if (model.parts.some(({ kind }) => kind === "eyes")) {
      textures.set(
        "eyes",
        smoothed(
          remembered(EYES, head, (of) => eyeTexture(of)),
          "eyes",
        ),
      );
    }
  }
  const normals = vertexNormals(positions, model.triangles);
  const raster = rasterize({
    positions: screen,
    triangles: drawn,
    width: options.width * scale,
    height: options.height * scale,
  });
  const seen = new Set(raster.triangle);
  seen.delete(-1);
  const hollow = [...seen].filter(
    (t) => clay || PART_MATERIALS[model.parts[partOf[t]!]!.kind].shaded,
  );
  return {
    model,
    exposure: head.exposure,
    positions,
    normals,
    screen,
    open: poseOcclusion(
      model,
      positions,
      hollow.flatMap((t) => Array.from(model.triangles.subarray(3 * t, 3 * t + 3))),
    ),
    nostrils: nostrilOcclusion(model),
    axes: eyeAxes(model, normals),
    lashes:
      lashes.length > 0
        ? lashCover(screen, Uint32Array.from(lashes), lashOpacity(model), raster)
        : null,
    coordinates,
    raster,
    partOf,
    textures,
    relief:
      head.normals && model.uv
        ? {
            normals: smoothed(head.normals, "skin"),
            tangents: uTangents({
              positions,
              triangles: model.triangles,
              coordinates: coordinates.coordinates,
              coordinateTriangles: coordinates.triangles,
            }),
          }
        : null,
  };
}

/** Every picture of a model, and of a head, asks again. */
const COORDINATES = new WeakMap<MorphableModel, SurfaceCoordinates>();
const EYES = new WeakMap<TexturedHead, Image>();

function remembered<K extends object, V>(known: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const found = known.get(key) ?? make(key);
  known.set(key, found);
  return found;
}

/**
 * Hairs are thinner than samples: they are drawn over again, finer, and cover a share of a sample where
 * they lie in front of what it shows.
 */
function lashCover(
  screen: Float32Array,
  triangles: Uint32Array,
  opacity: Float32Array,
  raster: Raster,
): Float32Array {
  const { width, height, depth } = raster;
  const cover = new Float32Array(width * height);
  const xs = Array.from(triangles, (v) => screen[3 * v]!).filter(Number.isFinite);
  const ys = Array.from(triangles, (v) => screen[3 * v + 1]!).filter(Number.isFinite);
  const bound = (values: number[], size: number) => {
    const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return [Math.max(0, Math.floor(low)), Math.min(size, Math.ceil(high))] as const;
  };
  const [left, right] = bound(xs, width);
  const [top, bottom] = bound(ys, height);
  if (right <= left || bottom <= top) return cover;
  const positions = screen.slice();
  for (let v = 0; v < positions.length; v += 3) {
    positions[v] = FINER * (positions[v]! - left);
    positions[v + 1] = FINER * (positions[v + 1]! - top);
  }
  const fine = rasterize({
    positions,
    triangles,
    width: FINER * (right - left),
    height: FINER * (bottom - top),
  });
  const weights = [0, 0, 0];
  for (let p = 0; p < fine.depth.length; p++) {
    if (fine.triangle[p]! < 0) continue;
    const x = p % fine.width;
    const y = Math.floor(p / fine.width);
    const at = (top + Math.floor(y / FINER)) * width + left + Math.floor(x / FINER);
    if (fine.depth[p]! >= depth[at]!) continue;
    barycentricAt(positions, triangles, fine.triangle[p]!, x + 0.5, y + 0.5, weights);
    for (let k = 0; k < 3; k++) {
      const share = opacity[triangles[3 * fine.triangle[p]! + k]!]!;
      cover[at]! += (Math.min(1, Math.max(0, weights[k]!)) * share) / (FINER * FINER);
    }
  }
  return cover;
}

/** How many texels of a kind's picture lie beside one another in a sample, over all that faces the viewer. */
function texelsPerSample(
  { width, height }: Image,
  kind: PartKind,
  model: MorphableModel,
  { coordinates, triangles }: SurfaceCoordinates,
  screen: Float32Array,
): number {
  let texels = 0;
  let samples = 0;
  for (const part of model.parts) {
    if (part.kind !== kind) continue;
    for (let t = 3 * part.start; t < 3 * (part.start + part.count); t += 3) {
      const facing = -doubleArea(screen, model.triangles, t, 3);
      if (!(facing > 0)) continue;
      samples += facing;
      texels += Math.abs(doubleArea(coordinates, triangles, t, 2)) * width * height;
    }
  }
  return samples > 0 ? Math.sqrt(texels / samples) : 1;
}

/** Twice the signed area; negative in the picture for what is seen from its front. */
export function doubleArea(
  points: Float32Array,
  triangles: Uint32Array,
  t: number,
  stride: number,
) {
  const [a, b, c] = [0, 1, 2].map((k) => stride * triangles[t + k]!) as [number, number, number];
  return (
    (points[b]! - points[a]!) * (points[c + 1]! - points[a + 1]!) -
    (points[c]! - points[a]!) * (points[b + 1]! - points[a + 1]!)
  );
}

/** Smaller by so many halvings that texels and samples are about as dense, so that nothing flickers. */
function atDensity(image: Image, texels: number): Image {
  let result = image;
  for (let left = texels; left > Math.SQRT2; left /= 2) result = halved(result);
  return result;
}
