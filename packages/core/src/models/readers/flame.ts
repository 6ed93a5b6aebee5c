import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel } from "../morphable-model.js";
import { linearModel, listOf, numbered, trianglesOf } from "./linear-model.js";
import { columnsOf, countOf, type NdArray, toC } from "./ndarray.js";

/*
 * FLAME (Li et al., "Learning a model of facial shape and expression from 4D scans", SIGGRAPH Asia 2017) as a
 * linear model. Its files, pickled or in .npz, hold the same arrays; the readers for both end here.
 */

export interface FlameOptions {
  readonly name?: string;
  /**
   * How many of `shapedirs` are of identity; the rest is expression. Three quarters by default: 300 of the 400
   * that every published file has.
   */
  readonly identityModes?: number;
  /**
   * Whether the mouth's opening, which FLAME does by rotating the jaw, is added as the expression `jawOpen`
   * (default true). Give false for `flame2023_no_jaw`, whose expressions open the mouth themselves.
   */
  readonly jaw?: boolean;
}

/**
 * The arrays of a FLAME file that are used: `v_template` (V x 3, metres), `shapedirs` (V x 3 x K, metres for one
 * standard deviation), `f` (T x 3, from 0), `weights` (V x J, how much each joint moves each vertex), `posedirs`
 * (V x 3 x 9 (J - 1), a correction for each entry of each joint's rotation matrix less the identity),
 * `J_regressor` (J x V) or else `J` (J x 3, joints of the mean head, metres).
 */
export const FLAME_NAMES = [
  "v_template",
  "shapedirs",
  "f",
  "weights",
  "posedirs",
  "J_regressor",
  "J",
] as const;

export type FlameArrays = ReadonlyMap<string, NdArray>;

/** Metres in the file. */
const MILLIMETRES = 1000;

/** Joints are root, neck, jaw, left eye, right eye. */
const JAW = 2;

/** Turn of the jaw about the ear-to-ear axis, radians, that `jawOpen` reproduces exactly: a wide open mouth. */
const WIDE_OPEN = 0.36;
/** What a coefficient of 1 does: a third of it. Spoken language mostly stays within this. */
const JAW_SIGMA = WIDE_OPEN / 3;

/**
 * FLAME as a linear model: identities and expressions are the halves of `shapedirs`, whose coefficients are
 * distributed N(0, 1).
 *
 * The expression `jawOpen`, one more mode of that basis, stands for the jaw's rotation: a coefficient of 3 gives
 * exactly the mean head posed at 0.36 rad (linear blend skinning with pose correctives), 1 a third of that
 * displacement. In between the straight path is at most 1.5 mm off the arc at the chin. Negative coefficients would
 * close the mouth beyond the teeth; the neck and the eyes do not turn.
 *
 * @param what names the file in messages
 * @throws GanfitError `model`
 */
export function flameModel(
  arrays: FlameArrays,
  options: FlameOptions,
  what: string,
): MorphableModel {
  const need = (name: (typeof FLAME_NAMES)[number]): NdArray => {
    const array = arrays.get(name);
    if (array === undefined) {
      throw new GanfitError("model", `${what} has no array "${name}": it is another file.`);
    }
    return array;
  };
  const { shape } = need("shapedirs");
  const [vertices = 0, dimensions = 0, modes = 0] = shape;
  if (shape.length !== 3 || vertices === 0 || dimensions !== 3 || modes === 0) {
    throw new GanfitError(
      "model",
      `${what} has shapedirs of shape ${shape.join(" x ")} instead of V x 3 x K.`,
    );
  }
  const identities = options.identityModes ?? Math.round(0.75 * modes);
  if (!Number.isInteger(identities) || identities < 1 || identities > modes) {
    throw new GanfitError(
      "usage",
      `${identities} modes of identity were asked for, and ${what} has ${modes} modes in all.`,
    );
  }
  const coordinates = 3 * vertices;
  const mean = listOf(need("v_template"), coordinates, MILLIMETRES, "v_template", what);
  const jaw = options.jaw === false ? [] : [jawOpen(arrays, mean, what)];

  const columns = asMatrix(need("shapedirs"), coordinates, modes);
  const displacements = new Float32Array((modes + jaw.length) * coordinates);
  columnsOf(columns, new Float32Array(modes).fill(MILLIMETRES), displacements);
  for (const direction of jaw) displacements.set(direction, modes * coordinates);
  const part = (names: string[], from: number): Basis => ({
    names,
    displacements: displacements.subarray(from * coordinates, (from + names.length) * coordinates),
    standardDeviations: new Float32Array(names.length).fill(1),
    prior: "normal",
  });
  return linearModel({
    name: options.name ?? "flame",
    licence:
      "FLAME 2023 Open: CC BY 4.0; all other FLAME models: FLAME licence, non-commercial research",
    attribution:
      "FLAME, Max Planck Institute for Intelligent Systems (T. Li, T. Bolkart, M. J. Black, H. Li, J. Romero, SIGGRAPH Asia 2017), https://flame.is.tue.mpg.de",
    mean,
    triangles: trianglesOf(need("f"), 0, what),
    identity: part(numbered("identity", identities), 0),
    expression: part(
      [...numbered("expression", modes - identities), ...jaw.map(() => "jawOpen")],
      identities,
    ),
  });
}

/** `V x 3 x K` as `3V x K`, columns of which are modes. */
function asMatrix(array: NdArray, rows: number, columns: number): NdArray {
  return { ...toC(array), shape: [rows, columns] };
}

/**
 * Displacement of every vertex, millimetres, for one `JAW_SIGMA`: `v' = (1 - w) (v + B) + w (R (v + B - j) + j)`
 * with the jaw's skinning weight w, its joint j and the pose corrective B, less v.
 */
function jawOpen(arrays: FlameArrays, mean: Float32Array, what: string): Float32Array {
  const [weights, posedirs] = [arrays.get("weights"), arrays.get("posedirs")];
  const joints = jointsOf(arrays, what);
  const vertices = mean.length / 3;
  if (weights === undefined || posedirs === undefined || joints === undefined) {
    throw new GanfitError(
      "model",
      `${what} lacks what turns the jaw (weights, posedirs, and J_regressor or J): read it with the option jaw: false.`,
    );
  }
  const jointCount = weights.shape[1] ?? 0;
  const features = 9 * (jointCount - 1);
  const fits =
    weights.shape.length === 2 &&
    weights.shape[0] === vertices &&
    jointCount > JAW &&
    countOf(posedirs.shape) === 3 * vertices * features &&
    posedirs.shape.at(-1) === features &&
    joints.shape.length === 2 &&
    joints.shape[0]! > JAW &&
    joints.shape[1] === 3;
  if (!fits) {
    throw new GanfitError(
      "model",
      `${what} has weights, posedirs and joints of shapes that do not go together (${[weights, posedirs, joints].map((a) => a.shape.join(" x ")).join("; ")}).`,
    );
  }
  const [cos, sin] = [Math.cos(WIDE_OPEN), Math.sin(WIDE_OPEN)];
  // A turn about x, which points to the person's left: the chin goes down and back.
  const rotation = [1, 0, 0, 0, cos, -sin, 0, sin, cos];
  const feature = rotation.map((r, i) => r - (i % 4 === 0 ? 1 : 0));
  const first = 9 * (JAW - 1);
  const skin = toC(weights).data;
  const corrective = toC(posedirs).data;
  const joint = Array.from(toC(joints).data.subarray(3 * JAW, 3 * JAW + 3), (x) => x * MILLIMETRES);
  const out = new Float32Array(mean.length);
  for (let v = 0; v < vertices; v++) {
    const w = skin[v * jointCount + JAW]!;
    const from = [0, 1, 2].map((d) => {
      let b = 0;
      for (let i = 0; i < 9; i++)
        b += corrective[(3 * v + d) * features + first + i]! * feature[i]!;
      return mean[3 * v + d]! + b * MILLIMETRES;
    });
    for (let d = 0; d < 3; d++) {
      let turned = joint[d]!;
      for (let e = 0; e < 3; e++) turned += rotation[3 * d + e]! * (from[e]! - joint[e]!);
      const posed = (1 - w) * from[d]! + w * turned;
      out[3 * v + d] = (posed - mean[3 * v + d]!) * (JAW_SIGMA / WIDE_OPEN);
    }
  }
  return out;
}

/** Joints of the mean head, `J x 3`, metres: the regressor times the template, or as given. */
function jointsOf(arrays: FlameArrays, what: string): NdArray | undefined {
  const [regressor, template] = [arrays.get("J_regressor"), arrays.get("v_template")];
  if (regressor === undefined || template === undefined) return arrays.get("J");
  const [count = 0, vertices = 0] = regressor.shape;
  if (regressor.shape.length !== 2 || countOf(template.shape) !== 3 * vertices) {
    throw new GanfitError(
      "model",
      `${what} has a J_regressor of shape ${regressor.shape.join(" x ")} for v_template of shape ${template.shape.join(" x ")}.`,
    );
  }
  const weights = toC(regressor).data;
  const points = toC(template).data;
  const data = new Float64Array(3 * count);
  for (let j = 0; j < count; j++) {
    for (let v = 0; v < vertices; v++) {
      const w = weights[j * vertices + v]!;
      if (w !== 0) for (let d = 0; d < 3; d++) data[3 * j + d]! += w * points[3 * v + d]!;
    }
  }
  return { shape: [count, 3], data, order: "C" };
}
