import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.js";
import { evaluateModel } from "./evaluate-model.js";

const model = sampleModel({ rows: 40, columns: 60 });
const zeros = (n: number) => new Float32Array(n);

test("zero coefficients give the mean, a unit coefficient adds its mode", () => {
  expect(evaluateModel(model, zeros(5), zeros(3))).toEqual(model.mean);
  const one = evaluateModel(model, [0, 0, 1, 0, 0], zeros(3));
  const mode = model.identity.displacements.subarray(2 * model.mean.length);
  expect(one).toEqual(model.mean.map((m, i) => m + mode[i]!));
});

test("is the sum as written, term by term in double precision", () => {
  const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
  const vector = (n: number) => fc.array(coefficient, { minLength: n, maxLength: n });
  fc.assert(
    fc.property(vector(5), vector(3), fc.nat(model.mean.length - 1), (p, e, i) => {
      let expected = model.mean[i]!;
      for (const [k, c] of p.entries()) {
        expected += c * model.identity.displacements[k * model.mean.length + i]!;
      }
      for (const [k, c] of e.entries()) {
        expected += c * model.expression.displacements[k * model.mean.length + i]!;
      }
      expect(evaluateModel(model, p, e)[i]).toBeCloseTo(expected, 4);
    }),
    { seed: 3, numRuns: 50 },
  );
});

test("reuses a buffer", () => {
  const out = zeros(model.mean.length).fill(7);
  expect(evaluateModel(model, [1, 0, 0, 0, 0], zeros(3), out)).toBe(out);
  expect(out).toEqual(evaluateModel(model, [1, 0, 0, 0, 0], zeros(3)));
});

test("refuses wrong lengths and coefficients that are not finite", () => {
  expect(() => evaluateModel(model, zeros(4), zeros(3))).toThrow(/5 identity modes, but 4/);
  expect(() => evaluateModel(model, zeros(5), zeros(4))).toThrow(/3 expression modes, but 4/);
  expect(() => evaluateModel(model, zeros(5), zeros(3), zeros(6))).toThrow(/6 numbers instead/);
  expect(() => evaluateModel(model, [0, Number.NaN, 0, 0, 0], zeros(3))).toThrow(/1 is NaN/);
});
