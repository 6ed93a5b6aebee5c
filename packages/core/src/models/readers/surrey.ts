/**
 * Models of eos (P. Huber et al., A Multiresolution 3D Morphable Face Model and Fitting Framework,
 * VISAPP 2016; https://github.com/patrikhuber/eos), such as the Surrey Face Model: `.bin` files that the
 * C++ library cereal wrote as a little-endian binary archive.
 *
 *     model       = u32 version (1 to 4), pca shape, pca colour,
 *                   [from 2: optional expression], [from 3: optional landmarks],
 *                   vector of 2 f64 (texture coordinates), [in 4: vector of 3 i32 (their triangles)]
 *     pca         = matrix mean (3V x 1), matrix orthonormal basis (3V x K), matrix eigenvalues (K x 1),
 *                   vector of 3 i32 (triangles)
 *     expression  = i32 0, pca | i32 1, blendshapes
 *     blendshapes = vector of (string name, matrix deformation (3V x 1))
 *     landmarks   = vector of (string name, i32 vertex)
 *     matrix      = i32 rows, i32 columns, f32 column after column
 *     vector      = u64 count, items;  string = u64 length, bytes;  optional = u8 is empty, [item]
 */
import { z } from "zod";
import { GanfitError } from "../../errors.js";
import { SurfaceIndex } from "../closest-point.js";
import type { Basis, Landmarks, MorphableModel, UvMap } from "../morphable-model.js";
import { pointsAtVertices, surfacePositions } from "../surface-points.js";
import { findSymmetry } from "../symmetry.js";
import { checkModel, HEAD_SIZE } from "../validate-model.js";
import { moveOrigin, originFromJaw, originFromNose } from "./head-frame.js";
import { numbered } from "./linear-model.js";

/** What lies in files beside a model. */
export interface EosCompanions {
  /** Name to give the model. */
  readonly name?: string;
  /** An archive of blendshapes, such as `expression_blendshapes_3448.bin`. */
  readonly blendshapes?: Uint8Array;
  /** Text of `ibug_to_sfm.txt`: which vertex each of the 68 landmarks is, numbered from 1. */
  readonly landmarks?: string;
  /** JSON text of `sfm_model_contours.json`: vertices along the jaw, from the temples down. */
  readonly contours?: string;
}

/** UV frame of the Surrey Face Model's own layout. */
export const SURREY_UV_FRAME = "surrey-face-model";

const NEWEST_VERSION = 4;

/** Vertices and modes of the Surrey Face Model's published resolution. */
const SURREY = { vertices: 3448, modes: 63 };

/** Units that files are in, as millimetres: a mean fits only one of them. */
const UNITS = [1, 10, 1000, 0.001];

/**
 * Reads a model of eos and what lies beside it. The colour model is passed over. Identity modes are the
 * orthonormal components times the roots of their eigenvalues.
 *
 * Landmarks need both companion texts, since the mapping leaves out the jaw: its points are spread evenly
 * along the contour from the height of the eyes to the chin. The two inner corners of the mouth that the
 * mapping leaves out too are put on the outer corners, which on the Surrey model are the corners of the
 * mouth's opening.
 *
 * @throws GanfitError `model` where a file is cut short, malformed or of an unknown version
 */
export function readEosModel(bytes: Uint8Array, companions: EosCompanions = {}): MorphableModel {
  const archive = new Archive(bytes, "The eos model");
  const parsed = readArchive(archive);
  archive.end();
  const { shape } = parsed;
  const vertexCount = shape.mean.length / 3;
  const surrey =
    vertexCount === SURREY.vertices && shape.standardDeviations.length === SURREY.modes;
  let expression = parsed.expression ?? blendshapeBasis([], shape.mean.length);
  const mean = shape.mean;
  if (parsed.expressionMean) {
    for (let i = 0; i < mean.length; i++) mean[i]! += parsed.expressionMean[i]!;
  }
  if (companions.blendshapes) {
    const file = new Archive(companions.blendshapes, "The file of blendshapes");
    expression = blendshapeBasis(file.blendshapes(), mean.length);
    file.end();
  }

  const unit = findUnit(mean);
  for (let i = 0; i < mean.length; i++) mean[i]! *= unit;
  scale(shape.basis, unit);
  scale(expression.displacements, unit);
  const triangles = outward(mean, shape.triangles);
  const flipped = triangles !== shape.triangles;
  const landmarks = readLandmarks(mean, triangles, companions);
  moveOrigin(mean, landmarks ? jawOrigin(mean, triangles, landmarks) : originFromNose(mean));

  const model: MorphableModel = {
    name: companions.name ?? (surrey ? "surrey-face-model" : "eos-model"),
    licence: surrey
      ? "Surrey Face Model licence: academic and other non-commercial use only"
      : "The file names no licence: the terms of the model's publisher apply",
    attribution: surrey
      ? "Surrey Face Model, University of Surrey: P. Huber et al., A Multiresolution 3D Morphable " +
        "Face Model and Fitting Framework, VISAPP 2016"
      : "The file names no author",
    mean,
    triangles,
    parts: [{ name: "face", kind: "skin", start: 0, count: triangles.length / 3 }],
    identity: {
      names: numbered("identity", shape.standardDeviations.length),
      displacements: shape.basis,
      standardDeviations: shape.standardDeviations,
      prior: "normal",
    },
    expression,
    landmarks,
    symmetry: findSymmetry(mean, triangles),
    uv: readUv(parsed, triangles, flipped, surrey),
  };
  checkModel(model);
  return model;
}

/** Whether a file looks like a model of eos: a version and a mean of plausible size. */
export function isEosModel(start: Uint8Array, size: number): boolean {
  if (start.length < 12) return false;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = view.getUint32(0, true);
  const rows = view.getInt32(4, true);
  return (
    version >= 1 &&
    version <= 64 &&
    rows >= 9 &&
    rows % 3 === 0 &&
    view.getInt32(8, true) === 1 &&
    12 + 4 * rows <= size
  );
}

/** Whether a file looks like blendshapes of eos: a count, then the length of a printable name. */
export function isEosBlendshapes(start: Uint8Array): boolean {
  if (start.length < 24) return false;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const count = view.getBigUint64(0, true);
  const length = view.getBigUint64(8, true);
  if (count < 1n || count > 1000n || length < 1n || length > 200n) return false;
  const name = start.subarray(16, Math.min(16 + Number(length), start.length));
  return name.every((byte) => byte >= 32 && byte < 127);
}

interface Pca {
  readonly mean: Float32Array;
  /** `K x 3V`, of unit length times the deviation. */
  readonly basis: Float32Array;
  readonly standardDeviations: Float32Array;
  readonly triangles: Uint32Array;
}

interface Parsed {
  readonly shape: Pca;
  readonly expression: Basis | null;
  /** Of a PCA of expressions, whose mean is no neutral face. */
  readonly expressionMean: Float32Array | null;
  /** `M x 2`. */
  readonly uvs: Float32Array;
  /** Empty where texture coordinates are the vertices'. */
  readonly uvTriangles: Uint32Array;
}

function readArchive(archive: Archive): Parsed {
  const version = archive.uint32();
  if (version < 1 || version > NEWEST_VERSION) {
    throw archive.error(`has version ${version}, and versions 1 to ${NEWEST_VERSION} are known`);
  }
  const shape = archive.pca();
  if (shape.mean.length === 0 || shape.triangles.length === 0) {
    throw archive.error("has no vertices or no triangles");
  }
  archive.pca(); // colour
  let expression: Basis | null = null;
  let expressionMean: Float32Array | null = null;
  if (version >= 2 && archive.optional()) {
    const kind = archive.int32();
    if (kind === 0) {
      const pca = archive.pca();
      if (pca.mean.length !== shape.mean.length) {
        throw archive.error("has expressions of another number of vertices");
      }
      expressionMean = pca.mean;
      expression = {
        names: numbered("expression", pca.standardDeviations.length),
        displacements: pca.basis,
        standardDeviations: pca.standardDeviations,
        prior: "normal",
      };
    } else if (kind === 1) {
      expression = blendshapeBasis(archive.blendshapes(), shape.mean.length);
    } else throw archive.error(`has expressions of the unknown kind ${kind}`);
  }
  if (version >= 3 && archive.optional()) archive.landmarkNames();
  const uvs = archive.uvs();
  const uvTriangles = version >= 4 ? archive.triangles() : new Uint32Array(0);
  return { shape, expression, expressionMean, uvs, uvTriangles };
}

/** Reads the archive from its beginning to its end, never past it. */
class Archive {
  private at = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  error(sentence: string): GanfitError {
    return new GanfitError("model", `${this.name} ${sentence} (byte ${this.at}).`);
  }

  end(): void {
    if (this.at !== this.bytes.length) {
      throw this.error(`goes on for ${this.bytes.length - this.at} bytes after its end`);
    }
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  optional(): boolean {
    const empty = this.bytes[this.take(1)]!;
    if (empty > 1) throw this.error("has an optional value that is neither there nor missing");
    return empty === 0;
  }

  pca(): Pca {
    const mean = this.matrix();
    const basis = this.matrix();
    const eigenvalues = this.matrix();
    const triangles = this.triangles();
    const size = mean.values.length;
    const modes = eigenvalues.values.length;
    if (
      size % 3 !== 0 ||
      basis.values.length !== size * modes ||
      (modes > 0 && basis.rows !== size)
    ) {
      throw this.error(
        `has a basis of ${basis.rows} x ${basis.columns} for a mean of ${size} coordinates and ` +
          `${modes} eigenvalues`,
      );
    }
    if (triangles.some((vertex) => vertex >= size / 3)) {
      throw this.error("has a triangle with a vertex that is missing");
    }
    const standardDeviations = eigenvalues.values.map(Math.sqrt);
    for (let k = 0; k < modes; k++) {
      scale(basis.values.subarray(k * size, (k + 1) * size), standardDeviations[k]!);
    }
    return { mean: mean.values, basis: basis.values, standardDeviations, triangles };
  }

  blendshapes(): { name: string; deformation: Float32Array }[] {
    // A name of no characters and an empty matrix.
    const count = this.count(16);
    const shapes = [];
    for (let k = 0; k < count; k++) {
      shapes.push({ name: this.string(), deformation: this.matrix().values });
    }
    return shapes;
  }

  /** Passed over: they are names of eos's own, such as `center.nose.tip`. */
  landmarkNames(): void {
    const count = this.count(12);
    for (let i = 0; i < count; i++) {
      this.string();
      this.int32();
    }
  }

  uvs(): Float32Array {
    const count = this.count(16);
    const start = this.take(16 * count);
    return Float32Array.from({ length: 2 * count }, (_, i) =>
      this.view.getFloat64(start + 8 * i, true),
    );
  }

  triangles(): Uint32Array {
    const count = this.count(12);
    const start = this.take(12 * count);
    // Negative ones become too large to be an index.
    return Uint32Array.from({ length: 3 * count }, (_, i) =>
      this.view.getUint32(start + 4 * i, true),
    );
  }

  private matrix(): { rows: number; columns: number; values: Float32Array } {
    const rows = this.int32();
    const columns = this.int32();
    if (rows < 0 || columns < 0) throw this.error(`has a matrix of ${rows} x ${columns}`);
    const start = this.take(4 * rows * columns);
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < values.length; i++) values[i] = this.view.getFloat32(start + 4 * i, true);
    return { rows, columns, values };
  }

  private string(): string {
    const length = this.count(1);
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  /** How many items follow, each of at least so many bytes. */
  private count(itemBytes: number): number {
    const count = this.view.getBigUint64(this.take(8), true);
    if (count > BigInt(Math.floor((this.bytes.length - this.at) / itemBytes))) {
      throw this.error(`is cut short or malformed: ${count} items cannot follow`);
    }
    return Number(count);
  }

  /** Goes past so many bytes and returns where they begin. */
  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) {
      throw this.error(`is cut short: ${length} bytes should follow`);
    }
    this.at += length;
    return start;
  }
}

function blendshapeBasis(
  shapes: readonly { name: string; deformation: Float32Array }[],
  size: number,
): Basis {
  const displacements = new Float32Array(shapes.length * size);
  for (const [k, { name, deformation }] of shapes.entries()) {
    if (deformation.length !== size) {
      throw new GanfitError(
        "model",
        `Blendshape ${JSON.stringify(name)} has ${deformation.length / 3} vertices and its model ` +
          `${size / 3}: they do not belong together.`,
      );
    }
    displacements.set(deformation, k * size);
  }
  return {
    names: shapes.map((shape) => shape.name),
    displacements,
    standardDeviations: new Float32Array(shapes.length).fill(1),
    prior: "unit-interval",
  };
}

/** Millimetres in the file's unit, told by the size of the mean; 1 where none fits, for the check. */
function findUnit(mean: Float32Array): number {
  let size = 0;
  for (let axis = 0; axis < 3; axis++) {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = axis; i < mean.length; i += 3) {
      min = Math.min(min, mean[i]!);
      max = Math.max(max, mean[i]!);
    }
    size = Math.max(size, max - min);
  }
  return UNITS.find((u) => size * u >= 2 * HEAD_SIZE.min && size * u <= HEAD_SIZE.max) ?? 1;
}

/** Triangles as they are, or turned over where most of the surface faces backwards. */
function outward(mean: Float32Array, triangles: Uint32Array): Uint32Array {
  let area = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
    area +=
      (mean[b]! - mean[a]!) * (mean[c + 1]! - mean[a + 1]!) -
      (mean[b + 1]! - mean[a + 1]!) * (mean[c]! - mean[a]!);
  }
  return area >= 0 ? triangles : turnOver(triangles);
}

function turnOver(triangles: Uint32Array): Uint32Array {
  const swap = [0, 2, 1];
  return triangles.map((_, i) => triangles[i - (i % 3) + swap[i % 3]!]!);
}

function readUv(
  parsed: Parsed,
  triangles: Uint32Array,
  flipped: boolean,
  surrey: boolean,
): UvMap | null {
  const { uvs, uvTriangles } = parsed;
  if (uvs.length === 0) return null;
  const own = flipped ? turnOver(uvTriangles) : uvTriangles;
  return {
    frame: surrey ? SURREY_UV_FRAME : "eos-model",
    coordinates: uvs,
    triangles: own.length > 0 ? own : triangles,
  };
}

const contoursSchema = z.object({
  model_contour: z.object({
    right_contour: z.array(z.int().min(0)).min(2).max(1000),
    left_contour: z.array(z.int().min(0)).min(2).max(1000),
  }),
});

function readLandmarks(
  mean: Float32Array,
  triangles: Uint32Array,
  { landmarks, contours }: EosCompanions,
): Landmarks | null {
  if (landmarks === undefined || contours === undefined) return null;
  const vertices = parseMapping(landmarks, mean.length / 3);
  const { right_contour, left_contour } = parseContours(contours, mean.length / 3);
  const position = (v: number) => mean.subarray(3 * v, 3 * v + 3);
  const chin = vertices.get(9)!;
  const surface = new SurfaceIndex(mean, triangles);
  const points = pointsAtVertices(
    triangles,
    Array.from({ length: 68 }, (_, i) => (i < 17 ? chin : vertices.get(i + 1)!)),
  );
  for (const [contour, eye, from] of [
    [right_contour, 37, 0],
    [left_contour, 46, 16],
  ] as const) {
    const height = position(vertices.get(eye)!)[1]!;
    const off = (v: number) => Math.abs(position(v)[1]! - height);
    const start = contour.reduce((best, v, i) => (off(v) < off(contour[best]!) ? i : best), 0);
    const line = [...contour.slice(start), chin].map(position);
    for (const [k, p] of spread(line, 9).entries()) {
      const hit = surface.closest(...p)!;
      points.triangles[Math.abs(from - k)] = hit.triangle;
      points.barycentric.set(hit.barycentric, 3 * Math.abs(from - k));
    }
  }
  return { ibug68: points, mediapipe478: null };
}

/** Vertex of each landmark but the jaw's, by number from 1. */
function parseMapping(text: string, vertexCount: number): Map<number, number> {
  const vertices = new Map<number, number>();
  for (const line of text.split("\n")) {
    const match = /^\s*(\d{1,2})\s*=\s*(\d{1,9})\s*(?:#.*)?$/.exec(line);
    if (match) vertices.set(Number(match[1]), Number(match[2]));
  }
  for (const [inner, outer] of [
    [61, 49],
    [65, 55],
  ] as const) {
    const corner = vertices.get(outer);
    if (!vertices.has(inner) && corner !== undefined) vertices.set(inner, corner);
  }
  for (const landmark of [9, ...Array.from({ length: 51 }, (_, i) => 18 + i)]) {
    const vertex = vertices.get(landmark);
    if (vertex === undefined || vertex >= vertexCount) {
      throw new GanfitError(
        "model",
        `The landmark mapping gives ${vertex === undefined ? "no vertex" : `vertex ${vertex}`} for ` +
          `landmark ${landmark}, which its model does not have.`,
      );
    }
  }
  return vertices;
}

function parseContours(
  text: string,
  vertexCount: number,
): z.infer<typeof contoursSchema>["model_contour"] {
  try {
    const { model_contour: contour } = contoursSchema.parse(JSON.parse(text));
    if ([...contour.right_contour, ...contour.left_contour].every((v) => v < vertexCount)) {
      return contour;
    }
  } catch (cause) {
    throw new GanfitError("model", "The file of contours does not list right and left contours.", {
      cause,
    });
  }
  throw new GanfitError(
    "model",
    "The file of contours names vertices that its model does not have.",
  );
}

type Vec3 = [number, number, number];

/** `count` points at equal distances along a line of points, its ends included. */
function spread(line: readonly Float32Array[], count: number): Vec3[] {
  const lengths = line.map((p, i) => {
    const q = line[i - 1] ?? p;
    return Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!, p[2]! - q[2]!);
  });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: count }, (_, k) => {
    let rest = (total * k) / (count - 1);
    let i = 1;
    while (i < line.length - 1 && rest > lengths[i]!) rest -= lengths[i++]!;
    const t = lengths[i]! > 0 ? Math.min(1, rest / lengths[i]!) : 0;
    const at = (axis: number) => (1 - t) * line[i - 1]![axis]! + t * line[i]![axis]!;
    return [at(0), at(1), at(2)];
  });
}

function jawOrigin(
  mean: Float32Array,
  triangles: Uint32Array,
  landmarks: Landmarks,
): [number, number, number] {
  const jaw = surfacePositions(mean, triangles, landmarks.ibug68!);
  return originFromJaw(jaw.subarray(0, 3), jaw.subarray(3 * 16, 3 * 17));
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}
