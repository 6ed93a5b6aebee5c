import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  abuse,
  expected,
  expectModel,
  fixture,
  headOf,
  largestDifference,
  refusal,
} from "../../../test/published-models.js";
import { looksLikeFlameNpz, readFlameNpz } from "./flame-npz.js";
import { looksLikeFlamePickle, readFlamePickle } from "./flame-pickle.js";

const PICKLES = [
  "generic_model.pkl",
  "generic_model-0.pkl",
  "flame2023_Open-2.pkl",
  "flame2023_Open-5.pkl",
];
const ARCHIVES = ["flame.npz", "flame-small.npz"];
const want = expected("flame");

const read = (name: string) =>
  name.endsWith(".pkl") ? readFlamePickle(fixture(name)) : readFlameNpz(fixture(name));

describe("FLAME", () => {
  test.each([...PICKLES, ...ARCHIVES])("is read from %s", (name) => {
    const model = read(name);
    expectModel(model, want, 1);
    expect(model.expression.names).toEqual(["expression-1", "jawOpen"]);
    const parts = model.parts.map((part) => [part.name, part.count]);
    expect([parts[0], ...parts.slice(1).sort()]).toEqual(want.parts);
    expect(model.parts.map((part) => part.kind)).toEqual(["skin", "eyes", "eyes"]);
  });

  test.each([...PICKLES, ...ARCHIVES])("in %s opens its mouth as posing its jaw does", (name) => {
    const model = read(name);
    // The fixture's expected head is posed by numpy over the whole chain of joints.
    const open = headOf(model, [], [0, 3]);
    // One of the files keeps the skinning weights and correctives in float32.
    expect(largestDifference(open, want.posed!)).toBeLessThan(1e-3);
    expect(largestDifference(open, Array.from(model.mean))).toBeGreaterThan(10);
  });

  test("keeps the identity modes that are asked for, and no jaw where none is wanted", () => {
    const model = readFlameNpz(fixture("flame.npz"), { identityModes: 2, jaw: false, name: "f" });
    expect(model.identity.names.length).toBe(2);
    expect(model.expression.names).toEqual(["expression-1", "expression-2"]);
    expect(model.name).toBe("f");
    expect(() => readFlameNpz(fixture("flame.npz"), { identityModes: 5 })).toThrow(/5 modes/);
  });

  test("turns the outside of the eyes out", () => {
    const { mean, triangles, parts } = read("generic_model.pkl");
    for (const part of parts.slice(1)) {
      const side = part.name === "eye-left" ? 31 : -31;
      for (let t = part.start; t < part.start + part.count; t++) {
        const [a, b, c] = [0, 1, 2].map((i) => {
          const v = 3 * triangles[3 * t + i]!;
          return [mean[v]! - side, mean[v + 1]! - 20, mean[v + 2]! - 60];
        }) as [number[], number[], number[]];
        const volume =
          a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) +
          a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!) +
          a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
        expect(volume).toBeGreaterThan(-1e-3);
      }
    }
  });

  test("is told apart from other files", async () => {
    for (const name of PICKLES) expect(looksLikeFlamePickle(fixture(name))).toBe(true);
    for (const name of ARCHIVES) expect(looksLikeFlameNpz(fixture(name))).toBe(true);
    expect(looksLikeFlamePickle(fixture("flame.npz"))).toBe(false);
    expect(looksLikeFlameNpz(fixture("generic_model.pkl"))).toBe(false);
    expect(await refusal(() => readFlameNpz(fixture("Exp_Pca.bin")))).toMatch(/not an \.npz/);
    expect(await refusal(() => readFlamePickle(fixture("Exp_Pca.bin")))).toMatch(/pickle/);
    expect(await refusal(() => readFlamePickle(new Uint8Array(0)))).toMatch(/pickle/);
  });

  test("executes nothing", async () => {
    const bytes = fixture("hostile.pkl");
    expect(looksLikeFlamePickle(bytes)).toBe(true);
    const sentence = await refusal(() => readFlamePickle(bytes));
    expect(sentence).toMatch(/"posix\.system"/);
    expect(sentence).toMatch(/nothing was executed/);
    expect(existsSync("/tmp/ganfit-was-here")).toBe(false);
  });

  test.each(["generic_model.pkl", "flame2023_Open-5.pkl"])("refuses %s cut off", async (name) => {
    const { cut, cuts } = await abuse(fixture(name), readFlamePickle, 300, 77);
    expect(cut).toBe(cuts);
  });

  test.each(ARCHIVES)("refuses %s cut off", async (name) => {
    const { cut, cuts } = await abuse(fixture(name), readFlameNpz, 300, 77);
    expect(cut).toBe(cuts);
  });
});
