import { GanfitError } from "../errors.js";
import type { Basis, MorphableModel, PartKind, SurfacePoints } from "./morphable-model.js";

/** Every kind of part, for readers of files. */
export const PART_KINDS = [
  "skin",
  "eyes",
  "mouth",
  "teeth",
  "tongue",
  "lashes",
  "other",
] as const satisfies readonly PartKind[];

/** Smallest and largest plausible extent of a mean head or face along its longest axis, millimetres. */
export const HEAD_SIZE = { min: 50, max: 500 } as const;

/** Farthest that a coefficient of 1 can plausibly move a vertex along an axis, millimetres. */
const MAX_DISPLACEMENT = 500;

/** Longest name of a model, part, mode or UV frame, characters. */
const MAX_NAME = 200;

/** How far barycentric coordinates may be from summing to 1, in float32. */
const BARYCENTRIC_TOLERANCE = 1e-4;

/**
 * Checks that a model keeps every promise of {@link MorphableModel}'s doc comments, and that its size
 * is that of a head: a file in metres or micrometres read as millimetres is caught here.
 *
 * @throws GanfitError `model` naming the first promise that is broken
 */
export function checkModel(model: MorphableModel): void {
  checkName(model.name, "its name");
  if (model.licence.trim() === "") fail(model, "no licence is named");
  if (model.attribution.trim() === "") fail(model, "no attribution is named");
  const vertices = checkMean(model);
  checkIndices(model, "triangles", model.triangles, vertices);
  if (model.triangles.length === 0 || model.triangles.length % 3 !== 0) {
    fail(
      model,
      `triangles hold ${model.triangles.length} indices, which is no multiple of 3 above 0`,
    );
  }
  checkParts(model);
  checkBasis(model, "identity", model.identity);
  checkBasis(model, "expression", model.expression);
  if (model.landmarks) {
    checkPoints(model, "ibug68", model.landmarks.ibug68, 68);
    checkPoints(model, "mediapipe478", model.landmarks.mediapipe478, 478);
  }
  checkSymmetry(model, vertices);
  checkUv(model);
}

function checkMean(model: MorphableModel): number {
  const { mean } = model;
  if (mean.length === 0 || mean.length % 3 !== 0) {
    fail(model, `the mean holds ${mean.length} coordinates, which is no multiple of 3 above 0`);
  }
  const min = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const max = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < mean.length; i++) {
    const value = mean[i]!;
    if (!Number.isFinite(value)) fail(model, `vertex ${Math.floor(i / 3)} of the mean is ${value}`);
    min[i % 3] = Math.min(min[i % 3]!, value);
    max[i % 3] = Math.max(max[i % 3]!, value);
  }
  const size = Math.max(max[0]! - min[0]!, max[1]! - min[1]!, max[2]! - min[2]!);
  if (size < HEAD_SIZE.min || size > HEAD_SIZE.max) {
    fail(
      model,
      `the mean is ${Number(size.toPrecision(3))} mm large, where a head has ${HEAD_SIZE.min} to ` +
        `${HEAD_SIZE.max} mm, so its unit is probably not the millimetre`,
    );
  }
  return mean.length / 3;
}

function checkParts(model: MorphableModel): void {
  const names = new Set<string>();
  let next = 0;
  for (const part of model.parts) {
    checkName(part.name, "a part's name", model);
    if (names.has(part.name)) fail(model, `two parts are named ${part.name}`);
    names.add(part.name);
    if (!PART_KINDS.includes(part.kind)) fail(model, `part ${part.name} is of kind ${part.kind}`);
    if (part.start !== next || !Number.isInteger(part.count) || part.count < 1) {
      fail(
        model,
        `part ${part.name} holds ${part.count} triangles from ${part.start}, where parts must follow ` +
          `one another and the next begins at ${next}`,
      );
    }
    next += part.count;
  }
  if (next !== model.triangles.length / 3) {
    fail(model, `the parts hold ${next} triangles of ${model.triangles.length / 3}`);
  }
}

function checkBasis(model: MorphableModel, which: string, basis: Basis): void {
  const { names, displacements, standardDeviations, prior } = basis;
  if (prior !== "normal" && prior !== "unit-interval") {
    fail(model, `the ${which} prior is ${String(prior)}`);
  }
  const seen = new Set<string>();
  for (const name of names) {
    checkName(name, `the name of a mode of ${which}`, model);
    if (seen.has(name)) fail(model, `two ${which} modes are named ${name}`);
    seen.add(name);
  }
  if (displacements.length !== names.length * model.mean.length) {
    fail(
      model,
      `${names.length} ${which} modes of ${model.mean.length / 3} vertices need ` +
        `${names.length * model.mean.length} displacements, not ${displacements.length}`,
    );
  }
  for (let i = 0; i < displacements.length; i++) {
    // Also false for NaN.
    if (!(Math.abs(displacements[i]!) <= MAX_DISPLACEMENT)) {
      const mode = names[Math.floor(i / model.mean.length)];
      fail(model, `mode ${mode} moves a vertex by ${displacements[i]} mm`);
    }
  }
  if (standardDeviations.length !== names.length) {
    fail(model, `${names.length} ${which} modes have ${standardDeviations.length} deviations`);
  }
  for (const [k, deviation] of standardDeviations.entries()) {
    if (!(deviation > 0 && deviation < Number.POSITIVE_INFINITY)) {
      fail(
        model,
        `the standard deviation of mode ${names[k]} is ${deviation}, which is not positive`,
      );
    }
  }
}

function checkPoints(
  model: MorphableModel,
  which: string,
  points: SurfacePoints | null,
  count: number,
): void {
  if (!points) return;
  const { triangles, barycentric } = points;
  if (triangles.length !== count || barycentric.length !== 3 * count) {
    fail(model, `landmarks ${which} hold ${triangles.length} points instead of ${count}`);
  }
  checkIndices(model, `landmarks ${which}`, triangles, model.triangles.length / 3);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    let inside = true;
    for (let c = 0; c < 3; c++) {
      const weight = barycentric[3 * i + c]!;
      inside &&= weight >= -BARYCENTRIC_TOLERANCE;
      sum += weight;
    }
    if (!inside || !(Math.abs(sum - 1) <= BARYCENTRIC_TOLERANCE)) {
      const weights = barycentric.slice(3 * i, 3 * i + 3).join(", ");
      fail(model, `landmark ${i} of ${which} has barycentric coordinates ${weights}`);
    }
  }
}

function checkSymmetry(model: MorphableModel, vertices: number): void {
  const { symmetry } = model;
  if (!symmetry) return;
  if (symmetry.length !== vertices) {
    fail(model, `the symmetry map has ${symmetry.length} entries for ${vertices} vertices`);
  }
  checkIndices(model, "the symmetry map", symmetry, vertices);
  for (let v = 0; v < vertices; v++) {
    if (symmetry[symmetry[v]!] !== v) {
      fail(
        model,
        `the mirror image of vertex ${v} is ${symmetry[v]}, whose mirror image is ` +
          `${symmetry[symmetry[v]!]}`,
      );
    }
  }
}

function checkUv(model: MorphableModel): void {
  const { uv } = model;
  if (!uv) return;
  checkName(uv.frame, "the name of its UV frame", model);
  if (uv.coordinates.length % 2 !== 0) {
    fail(model, `${uv.coordinates.length} texture coordinates are not pairs`);
  }
  for (let i = 0; i < uv.coordinates.length; i++) {
    const value = uv.coordinates[i]!;
    if (!(value >= 0 && value <= 1)) {
      fail(model, `texture coordinate ${Math.floor(i / 2)} has ${value}, outside of 0 to 1`);
    }
  }
  if (uv.triangles.length !== model.triangles.length) {
    fail(model, `${uv.triangles.length / 3} of ${model.triangles.length / 3} triangles have a UV`);
  }
  checkIndices(model, "UV triangles", uv.triangles, uv.coordinates.length / 2);
}

function checkIndices(
  model: MorphableModel,
  what: string,
  indices: Uint32Array,
  count: number,
): void {
  for (let i = 0; i < indices.length; i++) {
    if (indices[i]! >= count) {
      fail(model, `entry ${i} of ${what} is ${indices[i]}, but only ${count} exist`);
    }
  }
}

function checkName(name: string, what: string, model?: MorphableModel): void {
  // Control characters would let a file write to the terminal of whoever lists it.
  if (name.trim() === "" || name.length > MAX_NAME || /\p{Cc}/u.test(name)) {
    const shown = JSON.stringify(name.slice(0, MAX_NAME));
    const sentence = `${what} is ${shown}, which is empty, too long or has control characters`;
    if (model) fail(model, sentence);
    throw new GanfitError("model", `A shape model is wrong: ${sentence}.`);
  }
}

function fail(model: MorphableModel, sentence: string): never {
  throw new GanfitError("model", `Shape model ${model.name} is wrong: ${sentence}.`);
}
