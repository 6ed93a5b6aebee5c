import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel } from "../morphable-model.js";
import { looksLikeHdf5 } from "./hdf5.js";
import { EMPTY_BASIS, linearModel, listOf, numbered, trianglesOf } from "./linear-model.js";
import { mat5Holds, readMat } from "./mat.js";
import { mentions } from "./mentions.js";
import { columnsOf, type NdArray } from "./ndarray.js";

/** The three files that add an expression basis, which the Basel Face Model 2009 itself has none of. */
export interface Bfm2009ExpressionFiles {
  /** `Exp_Pca.bin` (Guo et al., "CNN-based Real-time Dense Face Reconstruction", 2018). */
  readonly basis: Uint8Array;
  /** `BFM_exp_idx.mat`: `trimIndex`, the model's vertices that the basis moves (53,215 of 53,490). */
  readonly vertices: Uint8Array;
  /** `std_exp.txt`: standard deviation of each mode, micrometres. */
  readonly standardDeviations: Uint8Array;
}

export interface Bfm2009Options {
  readonly name?: string;
  /**
   * Adds expressions; the model is cut down to the vertices that they move, as everybody does who uses them
   * together. Without it `expression` has no modes.
   */
  readonly expression?: Bfm2009ExpressionFiles;
}

const WHAT = "The Basel Face Model 2009 (01_MorphableModel.mat)";

/** Micrometres in the file. */
const MILLIMETRES = 1e-3;

const VARIABLES = ["shapeMU", "shapePC", "shapeEV", "tl"] as const;

/** Whether the bytes are a MAT-file with the Basel Face Model's variables. */
export const looksLikeBfm2009 = (bytes: Uint8Array): boolean =>
  looksLikeHdf5(bytes) ? mentions(bytes, VARIABLES) : mat5Holds(bytes, VARIABLES);

/**
 * Reads the Basel Face Model 2009 (Paysan et al., "A 3D Face Model for Pose and Illumination Invariant Face
 * Recognition", AVSS 2009): `shapeMU` (3V x 1, micrometres), `shapePC` (3V x K, unit columns), `shapeEV` (K x 1,
 * standard deviations in micrometres), `tl` (T x 3, from 1, clockwise). Colours and segments are not read, nor
 * even expanded. The frame is the file's own, which is already this project's.
 *
 * Memory beyond the file: the basis (128 MB), and where the file is not compressed nothing else.
 *
 * @throws GanfitError `model`
 */
export async function readBfm2009(
  bytes: Uint8Array,
  options: Bfm2009Options = {},
): Promise<MorphableModel> {
  const variables = await readMat(bytes, VARIABLES, WHAT);
  const need = (name: string): NdArray => {
    const array = variables.get(name);
    if (array === undefined) {
      throw new GanfitError(
        "model",
        `${WHAT} has no variable "${name}": it is another MATLAB file.`,
      );
    }
    return array;
  };
  const components = need("shapePC");
  const [coordinates = 0, modes = 0] = components.shape;
  if (components.shape.length !== 2 || coordinates === 0 || coordinates % 3 !== 0 || modes === 0) {
    throw new GanfitError(
      "model",
      `${WHAT} has shapePC of shape ${components.shape.join(" x ")} instead of 3V x K.`,
    );
  }
  const mean = listOf(need("shapeMU"), coordinates, MILLIMETRES, "shapeMU", WHAT);
  const standardDeviations = listOf(need("shapeEV"), modes, MILLIMETRES, "shapeEV", WHAT);
  // Expanded from a compressed file the array is nobody else's, and can be scaled where it is.
  const { data } = components;
  const reusable = data instanceof Float32Array && data.buffer !== bytes.buffer ? data : undefined;
  const identity: Basis = {
    names: numbered("identity", modes),
    displacements: columnsOf(components, standardDeviations, reusable),
    standardDeviations,
    prior: "normal",
  };
  const whole = {
    name: options.name ?? "bfm-2009",
    licence: "Basel Face Model licence: research and education, no commercial use",
    attribution:
      "Basel Face Model 2009, University of Basel (P. Paysan, R. Knothe, B. Amberg, S. Romdhani, T. Vetter, AVSS 2009)",
    mean,
    triangles: trianglesOf(need("tl"), 1, WHAT),
    identity,
    expression: EMPTY_BASIS,
  };
  if (options.expression === undefined) return linearModel(whole);

  const kept = await keptVertices(options.expression.vertices, coordinates / 3);
  const expression = readExpressions(options.expression, kept.length);
  return linearModel({
    ...whole,
    attribution: `${whole.attribution}; expressions by Y. Guo, J. Zhang, J. Cai, B. Jiang, J. Zheng (2018)`,
    mean: pick(mean, coordinates, kept),
    triangles: renumbered(whole.triangles, coordinates / 3, kept),
    identity: { ...identity, displacements: pick(identity.displacements, coordinates, kept) },
    expression,
  });
}

async function keptVertices(bytes: Uint8Array, vertexCount: number): Promise<Uint32Array> {
  const what = "The vertex list of the expressions (BFM_exp_idx.mat)";
  const index = (await readMat(bytes, ["trimIndex"], what)).get("trimIndex");
  if (index === undefined) throw new GanfitError("model", `${what} has no variable "trimIndex".`);
  const kept = Uint32Array.from(index.data, (i) => i - 1);
  const seen = new Set<number>();
  for (const [i, v] of kept.entries()) {
    if (v >= vertexCount || v !== index.data[i]! - 1 || seen.has(v)) {
      throw new GanfitError(
        "model",
        `${what} names vertex ${index.data[i]} twice, or it is none of the model's ${vertexCount}.`,
      );
    }
    seen.add(v);
  }
  return kept;
}

/**
 * `Exp_Pca.bin`: the number of modes (int32), a mean (3V float32, micrometres), then mode after mode (3V float32
 * each, unit length). The mean is left out, as in Deep3DFaceReconstruction, where these files come from.
 */
function readExpressions(files: Bfm2009ExpressionFiles, vertexCount: number): Basis {
  const what = "The expression basis (Exp_Pca.bin)";
  const { basis } = files;
  const view = new DataView(basis.buffer, basis.byteOffset, basis.byteLength);
  const modes = basis.length >= 4 ? view.getInt32(0, true) : 0;
  const coordinates = 3 * vertexCount;
  if (!(modes > 0) || basis.length !== 4 + 4 * coordinates * (1 + modes)) {
    throw new GanfitError(
      "model",
      `${what} is ${basis.length} bytes long, which does not fit ${modes} modes of ${vertexCount} vertices.`,
    );
  }
  const numbers = new TextDecoder()
    .decode(files.standardDeviations)
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  if (numbers.length < modes) {
    throw new GanfitError(
      "model",
      `The standard deviations of the expressions (std_exp.txt) are ${numbers.length} for ${modes} modes.`,
    );
  }
  const standardDeviations = Float32Array.from(numbers.slice(0, modes), (s) => s * MILLIMETRES);
  const displacements = new Float32Array(modes * coordinates);
  let at = 4 + 4 * coordinates;
  for (let k = 0, i = 0; k < modes; k++) {
    const scale = standardDeviations[k]!;
    for (let c = 0; c < coordinates; c++, i++, at += 4) {
      displacements[i] = view.getFloat32(at, true) * scale;
    }
  }
  return {
    names: numbered("expression", modes),
    displacements,
    standardDeviations,
    prior: "normal",
  };
}

/** The kept vertices of `K x V x 3` numbers. */
function pick(data: Float32Array, coordinates: number, kept: Uint32Array): Float32Array {
  const rows = data.length / coordinates;
  const out = new Float32Array(rows * kept.length * 3);
  let to = 0;
  for (let row = 0; row < data.length; row += coordinates) {
    for (const v of kept) {
      for (let d = 0; d < 3; d++) out[to++] = data[row + 3 * v + d]!;
    }
  }
  return out;
}

/** The triangles all of whose corners are kept, in the kept vertices' numbers. */
function renumbered(triangles: Uint32Array, vertexCount: number, kept: Uint32Array): Uint32Array {
  const place = new Int32Array(vertexCount).fill(-1);
  for (const [i, v] of kept.entries()) place[v] = i;
  const out: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [0, 1, 2].map((c) => place[triangles[t + c]!] ?? -1);
    if (corners.every((v) => v >= 0)) out.push(...corners);
  }
  return Uint32Array.from(out);
}
