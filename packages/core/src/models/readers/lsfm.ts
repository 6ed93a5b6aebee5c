import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel } from "../morphable-model.js";
import { looksLikeHdf5 } from "./hdf5.js";
import {
  boundsOf,
  EMPTY_BASIS,
  linearModel,
  listOf,
  numbered,
  trianglesOf,
} from "./linear-model.js";
import { mat5Holds, readMat } from "./mat.js";
import { mentions } from "./mentions.js";
import { columnsOf, type NdArray } from "./ndarray.js";

export interface LsfmOptions {
  readonly name?: string;
}

const WHAT = "The LSFM model (.mat)";

/** Variables of the published files, as menpo's `export_lsfm_model` writes them. */
const VARIABLES = ["mean", "components", "eigenvalues", "trilist"] as const;
/** Fields of the struct in the files that head2head and others use. */
const STRUCT = ["mean", "faces", "id_basis", "exp_basis"].map((field) => `fmod/${field}`);

/** Whether the bytes are a MAT-file with LSFM's variables. */
export const looksLikeLsfm = (bytes: Uint8Array): boolean =>
  looksLikeHdf5(bytes)
    ? mentions(bytes, VARIABLES) || mentions(bytes, ["fmod", "id_basis"])
    : mat5Holds(bytes, VARIABLES) || mat5Holds(bytes, ["fmod"]);

/**
 * Reads a Large Scale Facial Model (Booth et al., "A 3D Morphable Model learnt from 10,000 faces", CVPR 2016), one
 * of the files `GENDER_ETHNICITY_AGE{_cropped}.mat`, in the three forms that are in use:
 *
 * - as published (menpo/lsfm, MODELS.md): `mean` (3V), `components` (3V x K, unit columns), `eigenvalues` (K,
 *   variances), `trilist` (T x 3, from 0);
 * - the same with `n_trunc_ids`: that many components are of identity, the rest of expression;
 * - a struct `fmod` with `mean`, `faces` (from 1), `id_basis` and `exp_basis`, whose columns are taken to be scaled
 *   to one standard deviation, since their users bound all coefficients alike.
 *
 * The files do not say their unit of length (those seen are in 100 mm): it is the power of ten that makes the mean
 * the size of a head.
 *
 * @throws GanfitError `model`
 */
export async function readLsfm(
  bytes: Uint8Array,
  options: LsfmOptions = {},
): Promise<MorphableModel> {
  const variables = await readMat(bytes, [...VARIABLES, "n_trunc_ids", ...STRUCT], WHAT);
  const surface = variables.has("fmod/mean") ? fromStruct(variables) : fromPublished(variables);
  return linearModel({
    name: options.name ?? "lsfm",
    licence: "LSFM licence: non-commercial research",
    attribution:
      "Large Scale Facial Model, Imperial College London (J. Booth, A. Roussos, S. Zafeiriou, A. Ponniah, D. Dunaway, CVPR 2016)",
    ...surface,
  });
}

type Variables = ReadonlyMap<string, NdArray>;
type Surface = Pick<MorphableModel, "mean" | "triangles" | "identity" | "expression">;

function fromPublished(variables: Variables): Surface {
  const components = matrix(variables, "components");
  const [coordinates = 0, modes = 0] = components.shape;
  const { mean, unit } = meanOf(need(variables, "mean"), coordinates);
  const standardDeviations = listOf(
    need(variables, "eigenvalues"),
    modes,
    1,
    "eigenvalues",
    WHAT,
  ).map((variance) => Math.sqrt(variance) * unit);
  const displacements = columnsOf(components, standardDeviations);
  const count = variables.get("n_trunc_ids");
  const identities = count === undefined ? modes : (count.data[0] ?? 0);
  if (!Number.isInteger(identities) || identities < 1 || identities > modes) {
    throw new GanfitError(
      "model",
      `${WHAT} says ${identities} of its ${modes} components are of identity.`,
    );
  }
  const part = (kind: string, from: number, to: number): Basis => ({
    names: numbered(kind, to - from),
    displacements: displacements.subarray(from * coordinates, to * coordinates),
    standardDeviations: standardDeviations.subarray(from, to),
    prior: "normal",
  });
  return {
    mean,
    triangles: trianglesOf(need(variables, "trilist"), 0, WHAT),
    identity: part("identity", 0, identities),
    expression: identities === modes ? EMPTY_BASIS : part("expression", identities, modes),
  };
}

function fromStruct(variables: Variables): Surface {
  const identities = matrix(variables, "fmod/id_basis");
  const [coordinates = 0] = identities.shape;
  const { mean, unit } = meanOf(need(variables, "fmod/mean"), coordinates);
  const part = (kind: string, columns: NdArray): Basis => {
    const count = columns.shape[1]!;
    const ones = new Float32Array(count).fill(1);
    const displacements = columnsOf(columns, new Float32Array(count).fill(unit));
    return {
      names: numbered(kind, count),
      displacements,
      standardDeviations: ones,
      prior: "normal",
    };
  };
  return {
    mean,
    triangles: trianglesOf(need(variables, "fmod/faces"), 1, WHAT),
    identity: part("identity", identities),
    expression: variables.has("fmod/exp_basis")
      ? part("expression", matrix(variables, "fmod/exp_basis"))
      : EMPTY_BASIS,
  };
}

function need(variables: Variables, name: string): NdArray {
  const array = variables.get(name);
  if (array === undefined) {
    throw new GanfitError("model", `${WHAT} has no variable "${name}": it is another MATLAB file.`);
  }
  return array;
}

function matrix(variables: Variables, name: string): NdArray {
  const array = need(variables, name);
  const [rows = 0, columns = 0] = array.shape;
  if (array.shape.length !== 2 || rows === 0 || rows % 3 !== 0 || columns === 0) {
    throw new GanfitError(
      "model",
      `${WHAT} has ${name} of shape ${array.shape.join(" x ")} instead of 3V x K.`,
    );
  }
  return array;
}

/** Extents of faces and heads lie within a factor of ten, so that one power of ten fits at most. */
const SMALLEST = 100;
const LARGEST = 600;
const UNITS = [1e-3, 1, 10, 100, 1000];

function meanOf(array: NdArray, coordinates: number): { mean: Float32Array; unit: number } {
  const mean = listOf(array, coordinates, 1, "mean", WHAT);
  const { min, max } = boundsOf(mean);
  const extent = Math.max(...max.map((hi, d) => hi - min[d]!));
  const unit = UNITS.find((u) => extent * u >= SMALLEST && extent * u <= LARGEST);
  if (unit === undefined) {
    throw new GanfitError(
      "model",
      `${WHAT} has a mean ${extent.toPrecision(3)} units across, which is a head in no unit of length.`,
    );
  }
  return { mean: mean.map((x) => x * unit), unit };
}
