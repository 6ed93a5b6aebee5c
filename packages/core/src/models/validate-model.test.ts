import { expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.js";
import { GanfitError } from "../errors.js";
import type { MorphableModel } from "./morphable-model.js";
import { checkModel } from "./validate-model.js";

const model = sampleModel();
const set = <T extends Float32Array | Uint32Array>(array: T, at: number, value: number): T => {
  const copy = array.slice() as T;
  copy[at] = value;
  return copy;
};
const points = model.landmarks!.ibug68!;
const { identity, parts } = model;

/** What is broken, and the words that the error must have. */
const BROKEN: readonly [string, Partial<MorphableModel>, RegExp][] = [
  ["empty name", { name: " " }, /its name is/],
  ["control character in a name", { name: "a\u001b[2J" }, /control characters/],
  ["no licence", { licence: "" }, /licence/],
  ["no attribution", { attribution: "" }, /attribution/],
  ["mean of no whole vertices", { mean: model.mean.slice(1) }, /multiple of 3/],
  ["NaN in the mean", { mean: set(model.mean, 4, Number.NaN) }, /vertex 1 of the mean is NaN/],
  ["metres", { mean: model.mean.map((x) => x / 1000) }, /unit is probably not the millimetre/],
  ["micrometres", { mean: model.mean.map((x) => x * 1000) }, /unit is probably not/],
  ["no triangles", { triangles: new Uint32Array(0) }, /multiple of 3 above 0/],
  ["vertex that is missing", { triangles: set(model.triangles, 5, 108) }, /only 108 exist/],
  ["gap between parts", { parts: [parts[0]!] }, /parts hold \d+ triangles of/],
  ["parts out of order", { parts: [parts[1]!, parts[0]!] }, /must follow/],
  ["two parts of a name", { parts: [parts[0]!, { ...parts[1]!, name: "skin" }] }, /two parts/],
  ["unknown part", { parts: [parts[0]!, { ...parts[1]!, kind: "x" as "skin" }] }, /of kind x/],
  ["empty part", { parts: [{ ...parts[0]!, count: 0 }, parts[1]!] }, /0 triangles/],
  ["two modes of a name", mode({ names: ["a", "a", "c", "d", "e"] }), /two identity modes/],
  ["mode without displacements", mode({ names: ["a"] }), /need 324 displacements/],
  ["unknown prior", mode({ prior: "x" as "normal" }), /prior is x/],
  ["NaN in a mode", mode({ displacements: set(identity.displacements, 9, Number.NaN) }), /NaN mm/],
  ["kilometres in a mode", mode({ displacements: set(identity.displacements, 9, 1e6) }), /shape0/],
  ["deviation of 0", mode({ standardDeviations: set(identity.standardDeviations, 2, 0) }), /is 0/],
  ["infinite deviation", mode({ standardDeviations: new Float32Array(5).fill(1 / 0) }), /Infin/],
  ["deviation too many", mode({ standardDeviations: new Float32Array(6) }), /have 6 deviations/],
  ["67 landmarks", landmark({ triangles: points.triangles.slice(1) }), /67 points instead of 68/],
  ["landmark nowhere", landmark({ triangles: set(points.triangles, 3, 1e6) }), /entry 3 of landm/],
  ["weights not 1", landmark({ barycentric: set(points.barycentric, 0, 1.5) }), /landmark 0 of/],
  ["NaN weight", landmark({ barycentric: set(points.barycentric, 0, Number.NaN) }), /landmark 0/],
  ["symmetry too short", { symmetry: new Uint32Array(3) }, /3 entries for 108/],
  ["symmetry out of range", { symmetry: set(model.symmetry!, 0, 500) }, /only 108 exist/],
  [
    "symmetry no involution",
    { symmetry: set(model.symmetry!, 0, 1) },
    /mirror image of vertex 0 is 1/,
  ],
  ["uv above 1", uv({ coordinates: set(model.uv!.coordinates, 0, 1.01) }), /outside of 0 to 1/],
  ["uv NaN", uv({ coordinates: set(model.uv!.coordinates, 0, Number.NaN) }), /outside of 0 to 1/],
  ["uv out of range", uv({ triangles: set(model.uv!.triangles, 0, 1e6) }), /UV triangles is/],
  ["uv of fewer triangles", uv({ triangles: new Uint32Array(3) }), /1 of 192 triangles/],
];

function mode(part: Partial<MorphableModel["identity"]>): Partial<MorphableModel> {
  return { identity: { ...identity, ...part } };
}

function landmark(part: Partial<typeof points>): Partial<MorphableModel> {
  return { landmarks: { ibug68: { ...points, ...part }, mediapipe478: null } };
}

function uv(part: Partial<NonNullable<MorphableModel["uv"]>>): Partial<MorphableModel> {
  return { uv: { ...model.uv!, ...part } };
}

test("a sound model passes, with and without what may be missing", () => {
  checkModel(model);
  checkModel({ ...model, landmarks: null, symmetry: null, uv: null });
  checkModel({ ...model, landmarks: { ibug68: null, mediapipe478: null } });
});

test.each(BROKEN)("%s is found", (_, change, message) => {
  const check = () => checkModel({ ...model, ...change });
  expect(check).toThrow(message);
  expect(check).toThrow(GanfitError);
});
