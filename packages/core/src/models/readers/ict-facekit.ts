/**
 * ICT-FaceKit, the light version of the face model of the USC Institute for Creative Technologies
 * (R. Li et al., Learning Formation of Physically-Based Face Attributes, CVPR 2020): a folder of OBJ
 * files of one topology, a neutral head, 100 identities and 57 expressions, in centimetres.
 *
 * https://github.com/ICT-VGL/ICT-FaceKit, MIT.
 */
import { z } from "zod";
import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel, Part, PartKind, UvMap } from "../morphable-model.js";
import { pointsAtVertices, surfacePositions } from "../surface-points.js";
import { findSymmetry } from "../symmetry.js";
import { checkModel } from "../validate-model.js";
import { moveOrigin, originFromJaw } from "./head-frame.js";
import { type ObjPolygons, parsePolygons, scanVertices } from "./ict-obj.js";

/** A folder that files can be read from. */
export interface Folder {
  /** For errors. */
  readonly name: string;
  /** Names of the files in it, without those of folders in it. */
  list(): Promise<readonly string[]>;
  /** @throws GanfitError `model` where the file is missing or unreasonably large */
  read(file: string): Promise<Uint8Array>;
}

/** Vertices of the published topology. */
export const ICT_VERTICES = 26_719;

/** UV frame of the model's own layout, each material in a square of its own. */
export const ICT_UV_FRAME = "ict-facekit";

export const ICT_NEUTRAL = "generic_neutral_mesh.obj";

const CENTIMETRE = 10;

/** Polygons of each part, in order: the table "Face Model Topology" of the model's README. */
const PARTS: readonly (readonly [name: string, kind: PartKind, polygons: number])[] = [
  ["face", "skin", 9230],
  ["head-and-neck", "skin", 1914],
  ["mouth-socket", "mouth", 2082],
  ["eye-socket-left", "other", 404],
  ["eye-socket-right", "other", 404],
  // One connected surface with one material.
  ["gums-and-tongue", "tongue", 2972],
  ["teeth", "teeth", 4490],
  ["eyeball-left", "eyes", 1598],
  ["eyeball-right", "eyes", 1598],
  ["lacrimal-fluid-left", "other", 163],
  ["lacrimal-fluid-right", "other", 163],
  ["eye-blend-left", "other", 15],
  ["eye-blend-right", "other", 15],
  ["eye-occlusion-left", "other", 128],
  ["eye-occlusion-right", "other", 128],
  ["eyelashes-left", "lashes", 540],
  ["eyelashes-right", "lashes", 540],
];

/**
 * "Right jawline" and "Left jawline" of the model's README, from the ears to the chin: points 0-7 and
 * 9-16. The list of 68 itself marks the outline that a picture from the front shows, two centimetres in
 * front of the bone; these keep their place on the skin, as other models' jaws do.
 */
const RIGHT_JAW = [1278, 1272, 12, 1834, 243, 781, 2199, 1447];
const LEFT_JAW = [3661, 4390, 3022, 2484, 4036, 2253, 3490, 3496];

const indicesSchema = z.object({
  expressions: z.array(z.string().regex(/^\w{1,60}$/)).min(1),
  idx_to_landmark_verts: z
    .array(
      z
        .int()
        .min(0)
        .max(ICT_VERTICES - 1),
    )
    .length(68),
});

/**
 * Reads the folder `FaceXModel` of ICT-FaceKit Light.
 *
 * The identity files are the neutral head moved by one standard deviation along a principal component
 * (the model's own scripts draw coefficients from N(0, 1)), so their differences from it are taken as
 * they are and `standardDeviations` are all 1: the scale is in the published files already.
 *
 * Expressions get ARKit's names: `_L` and `_R` become `Left` and `Right`. Where ARKit has one shape for
 * both sides (`browInnerUp`, `cheekPuff`), this model has two, named `browInnerUpLeft` and so on, whose
 * sum it is. ARKit's `tongueOut` is missing; `cheekRaiser` and `pupilDilate` are extra.
 *
 * iBUG's jaw is the model's jawline on the bone, not the outline of its list of 68 points.
 *
 * Quads are cut along their shorter diagonal on the neutral head. The model's own texture layout is kept
 * in `uv`, frame {@link ICT_UV_FRAME}, its tiles moved into one square: every part lies in one tile.
 *
 * @throws GanfitError `model` where a file is missing, malformed or of another topology
 */
export async function readIctFaceKit(folder: Folder): Promise<MorphableModel> {
  const files = await folder.list();
  const indices = await readIndices(folder);
  const identityFiles = identityNames(folder.name, files);
  const expressionNames = expressionFiles(folder.name, files, indices.expressions);

  const neutral = await folder.read(ICT_NEUTRAL);
  const centimetres = scanVertices(neutral, ICT_VERTICES, ICT_NEUTRAL);
  const { uvs, polygons } = parsePolygons(neutral, ICT_VERTICES, ICT_NEUTRAL);
  const mesh = triangulate(centimetres, polygons);
  const mean = Float32Array.from(centimetres, (value) => value * CENTIMETRE);
  const listed = indices.idx_to_landmark_verts;
  const ends = pointsAtVertices(mesh.triangles, [listed[0]!, listed[16]!]);
  const jaw = surfacePositions(mean, mesh.triangles, ends);
  moveOrigin(mean, originFromJaw(jaw.subarray(0, 3), jaw.subarray(3, 6)));
  const places = [...RIGHT_JAW, listed[8]!, ...LEFT_JAW, ...listed.slice(17)];
  const ibug68 = pointsAtVertices(mesh.triangles, places);

  const model: MorphableModel = {
    name: "ict-facekit",
    licence: "MIT",
    attribution:
      "ICT-FaceKit, ICT Face Model Light, copyright (c) 2020 USC Institute for Creative " +
      "Technologies, https://github.com/ICT-VGL/ICT-FaceKit",
    mean,
    triangles: mesh.triangles,
    parts: mesh.parts,
    identity: await readModes(folder, centimetres, identityFiles, "normal"),
    expression: await readModes(folder, centimetres, expressionNames, "unit-interval"),
    landmarks: { ibug68, mediapipe478: null },
    symmetry: findSymmetry(mean, mesh.triangles),
    uv: foldTiles(uvs, mesh.uvTriangles),
  };
  checkModel(model);
  return model;
}

/** Name of an expression file as ARKit writes it: `browDown_L` is `browDownLeft`. */
export function arkitName(file: string): string {
  const name = file.replace(/_L$/, "Left").replace(/_R$/, "Right");
  return name.charAt(0).toLowerCase() + name.slice(1);
}

async function readIndices(folder: Folder): Promise<z.infer<typeof indicesSchema>> {
  const name = "vertex_indices.json";
  try {
    return indicesSchema.parse(JSON.parse(new TextDecoder().decode(await folder.read(name))));
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    throw new GanfitError(
      "model",
      `${name} in ${folder.name} does not list ICT-FaceKit's expressions and 68 landmarks.`,
      { cause },
    );
  }
}

/** `identity000` and on, without a gap. */
function identityNames(folder: string, files: readonly string[]): string[] {
  const names = files
    .filter((file) => /^identity\d{3}\.obj$/.test(file))
    .map((file) => file.slice(0, -4))
    .sort();
  const gap = names.findIndex((name, k) => name !== `identity${String(k).padStart(3, "0")}`);
  if (names.length === 0 || gap >= 0) {
    const missing = `identity${String(Math.max(gap, 0)).padStart(3, "0")}.obj`;
    throw new GanfitError("model", `${folder} is no whole ICT-FaceKit: ${missing} is missing.`);
  }
  return names;
}

/** The expressions that the model lists, then those that lie beside them. */
function expressionFiles(
  folder: string,
  files: readonly string[],
  listed: readonly string[],
): string[] {
  const present = new Set(
    files
      .filter((file) => /^\w+\.obj$/.test(file) && file !== ICT_NEUTRAL && !/^identity/.test(file))
      .map((file) => file.slice(0, -4)),
  );
  const missing = listed.find((name) => !present.has(name));
  if (missing !== undefined) {
    throw new GanfitError("model", `${folder} is no whole ICT-FaceKit: ${missing}.obj is missing.`);
  }
  for (const name of listed) present.delete(name);
  return [...listed, ...[...present].sort()];
}

async function readModes(
  folder: Folder,
  neutral: Float64Array,
  files: readonly string[],
  prior: Basis["prior"],
): Promise<Basis> {
  const stride = neutral.length;
  const displacements = new Float32Array(files.length * stride);
  for (const [k, file] of files.entries()) {
    const name = `${file}.obj`;
    const shape = scanVertices(await folder.read(name), ICT_VERTICES, name);
    for (let i = 0; i < stride; i++) {
      displacements[k * stride + i] = (shape[i]! - neutral[i]!) * CENTIMETRE;
    }
  }
  const names = prior === "normal" ? files : files.map(arkitName);
  const standardDeviations = new Float32Array(files.length).fill(1);
  return { names, displacements, standardDeviations, prior };
}

interface Triangulated {
  readonly triangles: Uint32Array;
  readonly uvTriangles: Uint32Array;
  readonly parts: readonly Part[];
}

function triangulate(positions: Float64Array, polygons: ObjPolygons): Triangulated {
  const count = polygons.starts.length - 1;
  const expected = PARTS.reduce((sum, [, , n]) => sum + n, 0);
  if (count !== expected) {
    throw new GanfitError(
      "model",
      `${ICT_NEUTRAL} has ${count} polygons where ICT-FaceKit has ${expected}: it is another mesh.`,
    );
  }
  const corners: number[] = [];
  const parts: Part[] = [];
  let polygon = 0;
  for (const [name, kind, polygonCount] of PARTS) {
    const start = corners.length / 3;
    for (const end = polygon + polygonCount; polygon < end; polygon++) {
      cut(positions, polygons, polygon, corners);
    }
    parts.push({ name, kind, start, count: corners.length / 3 - start });
  }
  return {
    triangles: Uint32Array.from(corners, (corner) => polygons.vertices[corner]!),
    uvTriangles: Uint32Array.from(corners, (corner) => polygons.uvs[corner]!),
    parts,
  };
}

/** Appends a polygon's triangles as corners of the file; a quad is cut along its shorter diagonal. */
function cut(
  positions: Float64Array,
  polygons: ObjPolygons,
  polygon: number,
  corners: number[],
): void {
  const first = polygons.starts[polygon]!;
  const size = polygons.starts[polygon + 1]! - first;
  const diagonal = (a: number, b: number) => {
    const p = 3 * polygons.vertices[first + a]!;
    const q = 3 * polygons.vertices[first + b]!;
    return Math.hypot(
      positions[p]! - positions[q]!,
      positions[p + 1]! - positions[q + 1]!,
      positions[p + 2]! - positions[q + 2]!,
    );
  };
  const turn = size === 4 && diagonal(1, 3) < diagonal(0, 2) ? 1 : 0;
  for (let k = 1; k < size - 1; k++) {
    corners.push(
      first + (turn % size),
      first + ((turn + k) % size),
      first + ((turn + k + 1) % size),
    );
  }
}

/** Tiles beside one another (UDIM) moved into one square, and v turned downwards. */
function foldTiles(uvs: Float64Array, triangles: Uint32Array): UvMap {
  const coordinates = new Float32Array(uvs.length);
  for (let i = 0; i < uvs.length; i += 2) {
    coordinates[i] = uvs[i]! - Math.floor(uvs[i]!);
    coordinates[i + 1] = 1 - (uvs[i + 1]! - Math.floor(uvs[i + 1]!));
  }
  return { frame: ICT_UV_FRAME, coordinates, triangles };
}
