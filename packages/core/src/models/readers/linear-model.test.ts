import { describe, expect, test } from "vitest";
import { refusal } from "../../../test/published-models.js";
import { flameModel } from "./flame.js";
import {
  EMPTY_BASIS,
  linearModel,
  listOf,
  type PublishedModel,
  trianglesOf,
} from "./linear-model.js";
import type { NdArray } from "./ndarray.js";

const TEXT = {
  name: "m",
  licence: "l",
  attribution: "a",
  identity: EMPTY_BASIS,
  expression: EMPTY_BASIS,
};

/** A head of two pieces: a cube of 150 mm and a smaller one beside it. */
function cubes(offset: readonly number[], inward: boolean): PublishedModel {
  const corners = (half: number, x: number): number[] =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
      x + (i & 1 ? half : -half) + offset[0]!,
      (i & 2 ? half : -half) + offset[1]!,
      (i & 4 ? half : -half) + offset[2]!,
    ]);
  const faces = [
    1, 3, 2, 1, 2, 0, 4, 6, 7, 4, 7, 5, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3, 0, 4, 5, 0, 5, 1, 2, 3,
    7, 2, 7, 6,
  ];
  const small = faces.map((v) => v + 8);
  const big = inward ? faces.map((_, i) => faces[3 * Math.floor(i / 3) + 2 - (i % 3)]!) : faces;
  return {
    ...TEXT,
    mean: Float32Array.from([...corners(75, 0), ...corners(9, 30)]),
    // The large piece has as many triangles; the first of them decides then.
    triangles: Uint32Array.from([...big, ...small]),
  };
}

describe("linearModel", () => {
  test.each([false, true])("turns pieces that are inside out (%s) and names them", (inward) => {
    const model = linearModel(cubes([0, 0, 0], inward));
    expect(model.parts).toEqual([
      { name: "skin", kind: "skin", start: 0, count: 12 },
      { name: "eye-left", kind: "eyes", start: 12, count: 12 },
    ]);
    for (let t = 0; t < 12; t++) {
      const [a, b, c] = [0, 1, 2].map((i) => {
        const v = 3 * model.triangles[3 * t + i]!;
        return Array.from(model.mean.subarray(v, v + 3));
      }) as [number[], number[], number[]];
      const cross = [0, 1, 2].map((d) => {
        const [e, f] = [(d + 1) % 3, (d + 2) % 3];
        return (b[e]! - a[e]!) * (c[f]! - a[f]!) - (b[f]! - a[f]!) * (c[e]! - a[e]!);
      });
      // The normal of a face of the cube around 0 points away from 0.
      expect(cross.reduce((sum, x, d) => sum + x * a[d]!, 0)).toBeGreaterThan(0);
    }
  });

  test("leaves a plausible origin, and moves another behind the nose", () => {
    const near = linearModel(cubes([5, 10, 20], false));
    expect(near.mean[0]).toBe(-70);
    const far = linearModel(cubes([1000, 0, -300], false));
    // The foremost points are at z = 75 before; originFromNose puts them 140 mm in front.
    expect(far.mean.reduce((a, v, i) => (i % 3 === 2 ? Math.max(a, v) : a), -1e9)).toBe(140);
    expect(far.mean.reduce((a, v, i) => (i % 3 === 0 ? Math.max(a, v) : a), -1e9)).toBe(75);
  });

  test("refuses triangles at vertices that are not there, and heads in other units", async () => {
    const model = cubes([0, 0, 0], false);
    const wrong = Uint32Array.of(0, 1, 16);
    expect(await refusal(() => linearModel({ ...model, triangles: wrong }))).toMatch(/only 16/);
    const mean = model.mean.map((x) => x / 1000);
    expect(await refusal(() => linearModel({ ...model, mean }))).toMatch(/unit/);
  });
});

describe("trianglesOf", () => {
  const rows = [0, 1, 2, 3, 4, 5];
  const array = (shape: number[], order: "C" | "F", data: number[]): NdArray => ({
    shape,
    order,
    data: Float64Array.from(data),
  });

  test.each<[string, NdArray]>([
    ["T x 3, rows first", array([2, 3], "C", rows)],
    ["T x 3, columns first", array([2, 3], "F", [0, 3, 1, 4, 2, 5])],
    ["3 x T, rows first", array([3, 2], "C", [0, 3, 1, 4, 2, 5])],
    ["3 x T, columns first", array([3, 2], "F", rows)],
  ])("reads %s", (_, triangles) => {
    expect(Array.from(trianglesOf(triangles, 0, "It"))).toEqual(rows);
  });

  test("refuses other shapes, fractions and indices below the first", async () => {
    const read = (triangles: NdArray, base: 0 | 1) => () => trianglesOf(triangles, base, "It");
    expect(await refusal(read(array([2, 2], "C", [0, 1, 2, 3]), 0))).toMatch(/2 x 2/);
    expect(await refusal(read(array([6], "C", rows), 0))).toMatch(/shape 6/);
    expect(await refusal(read(array([0, 3], "C", []), 0))).toMatch(/0 x 3/);
    expect(await refusal(read(array([1, 3], "C", [0, 1, 2]), 1))).toMatch(/\(-1\)/);
    expect(await refusal(read(array([1, 3], "C", [0, 1, 0.5]), 0))).toMatch(/0\.5/);
    expect(await refusal(read(array([1, 3], "C", [0, 1, Number.NaN]), 0))).toMatch(/NaN/);
    expect(await refusal(read(array([1, 3], "C", [0, 1, 2 ** 32]), 0))).toMatch(/4294967296/);
  });
});

test("listOf refuses another number of numbers", async () => {
  const data = Float64Array.of(1, 2, 3);
  expect(listOf({ shape: [3, 1], data, order: "F" }, 3, 10, "x", "It")).toEqual(
    Float32Array.of(10, 20, 30),
  );
  expect(await refusal(() => listOf({ shape: [3, 1], data, order: "F" }, 4, 1, "x", "It"))).toMatch(
    /3 x 1/,
  );
});

describe("flameModel refuses", () => {
  const zeros = (...shape: number[]): NdArray => {
    const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
    return { shape, data, order: "C" };
  };
  // A head 100 mm high that is all there is to it.
  const template: NdArray = {
    ...zeros(4, 3),
    data: Float64Array.of(0, 0, 0.1, 0.1, 0, 0, 0, 0.1, 0, 0, -0.1, 0),
  };
  const whole = new Map<string, NdArray>([
    ["v_template", template],
    ["shapedirs", zeros(4, 3, 4)],
    ["f", { shape: [2, 3], data: Uint32Array.of(0, 1, 2, 0, 2, 3), order: "C" }],
    ["weights", zeros(4, 5)],
    ["posedirs", zeros(4, 3, 36)],
    ["J", zeros(5, 3)],
  ]);

  test("nothing of a whole one", () => {
    const model = flameModel(whole, {}, "It");
    expect(model.identity.names.length).toBe(3);
    expect(model.expression.names).toEqual(["expression-1", "jawOpen"]);
  });

  test.each<[string, string, NdArray | null, RegExp]>([
    ["a missing template", "v_template", null, /no array "v_template"/],
    ["missing directions", "shapedirs", null, /no array "shapedirs"/],
    ["missing triangles", "f", null, /no array "f"/],
    ["flat directions", "shapedirs", zeros(12, 4), /12 x 4/],
    ["a template of other size", "v_template", zeros(5, 3), /5 x 3/],
    ["missing weights", "weights", null, /jaw: false/],
    ["missing joints", "J", null, /jaw: false/],
    ["weights without a jaw", "weights", zeros(4, 2), /do not go together/],
    ["weights of other vertices", "weights", zeros(5, 5), /do not go together/],
    ["correctives of other joints", "posedirs", zeros(4, 3, 27), /do not go together/],
    ["a regressor of other vertices", "J_regressor", zeros(5, 9), /J_regressor of shape 5 x 9/],
  ])("%s", async (_, name, array, sentence) => {
    const arrays = new Map(whole);
    if (array === null) arrays.delete(name);
    else arrays.set(name, array);
    expect(await refusal(() => flameModel(arrays, {}, "It"))).toMatch(sentence);
  });
});
