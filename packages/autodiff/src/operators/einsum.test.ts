import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { sizeOf } from "../graph/shape.js";
import { Einsum, einsum } from "./einsum.js";

const runs = { seed: 12, numRuns: 60 };

/** An equation of one or two operands over letters of fixed sizes, one of which is 1. */
const SIZES: Readonly<Record<string, number>> = { i: 2, j: 3, k: 1, b: 2 };
const term = fc.array(fc.constantFrom("i", "j", "k", "b"), { maxLength: 3 });
const distinct = (letters: readonly string[]) => [...new Set(letters)];
const equations = fc
  .tuple(
    term,
    fc.option(term.map(distinct)),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  )
  .map(([a, b, kept]) => {
    const operands = b ? [a, b] : [a];
    const output = distinct(operands.flat())
      .filter((_, i) => kept[i])
      .reverse();
    return { operands, output };
  });

/** The definition, with the letters' values in a table: no strides, nothing simplified. */
function direct(
  operands: readonly (readonly string[])[],
  output: readonly string[],
  data: readonly Float64Array[],
): number[] {
  const letters = distinct([...output, ...operands.flat()]);
  const out = new Array<number>(sizeOf(output.map((l) => SIZES[l]!))).fill(0);
  const value: Record<string, number> = {};
  const place = (term: readonly string[]) => term.reduce((at, l) => at * SIZES[l]! + value[l]!, 0);
  const visit = (depth: number): void => {
    const letter = letters[depth];
    if (letter === undefined) {
      out[place(output)]! += data.reduce((p, d, i) => p * d[place(operands[i]!)]!, 1);
      return;
    }
    for (value[letter] = 0; value[letter] < SIZES[letter]!; value[letter]++) visit(depth + 1);
  };
  visit(0);
  return out;
}

describe("einsum", () => {
  it("equals its definition, whatever is summed, repeated or left alone", () => {
    fc.assert(
      fc.property(equations, fc.integer(), ({ operands, output }, seed) => {
        const random = generator(seed);
        const graph = new Graph();
        const shapes = operands.map((letters) => letters.map((letter) => SIZES[letter]!));
        const xs = shapes.map((shape, i) => graph.input(`x${i}`, "float64", shape));
        const data = shapes.map((shape) => uniform(random, sizeOf(shape)));
        const equation = `${operands.map((o) => o.join("")).join(", ")} -> ${output.join("")}`;
        const y = einsum(equation, ...xs);
        expect(y.shape).toEqual(output.map((letter) => SIZES[letter]!));
        const [value] = evaluate([y], new Map(xs.map((x, i) => [x, data[i]!])));
        const expected = direct(operands, output, data);
        expect([...value!]).toEqual(expected.map((v) => expect.closeTo(v, 10)));
      }),
      { ...runs, numRuns: 200 },
    );
  });

  it("differentiates twice", () => {
    fc.assert(
      fc.property(equations, fc.integer(), ({ operands, output }, seed) => {
        const shapes = operands.map((letters) => letters.map((letter) => SIZES[letter]!));
        checkGradients({
          inputs: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape }])),
          build: (xs) =>
            einsum(
              `${operands.map((o) => o.join("")).join(",")}->${output.join("")}`,
              ...Object.values(xs),
            ),
          random: generator(seed),
        });
      }),
      runs,
    );
  });

  it.each([
    ["...ij,...jk->...ik", [2, 3, 2, 4], [3, 4, 2], [2, 3, 2, 2]],
    ["...ij,...jk", [2, 1, 2, 4], [3, 4, 1], [2, 3, 2, 1]],
    ["b...,b->...", [2, 3, 2], [2], [3, 2]],
    ["...,...->...", [2, 1], [1, 3], [2, 3]],
    ["i...,i...", [2, 3], [2], [3]],
    ["ij,jk->ik", [2, 1], [3, 2], [2, 2]],
    ["ba,ac", [2, 3], [3, 2], [2, 2]],
  ])("broadcasts and infers the output of %s", (equation, a, b, shape) => {
    checkGradients({
      inputs: { a: { shape: a }, b: { shape: b } },
      build: (xs) => {
        const y = einsum(equation, xs.a!, xs.b!);
        expect(y.shape).toEqual(shape);
        return y;
      },
      random: generator(3),
    });
  });

  it("keeps a product only where something is contracted", () => {
    const graph = new Graph();
    const a = graph.input("a", "float32", [2, 3]);
    const b = graph.input("b", "float32", [3, 4]);
    expect(einsum("ij , jk -> ik", a, b).producer!.definition).toBe(Einsum);
    expect(einsum("ij,jk->ik", a, b)).toBe(einsum("ij , jk", a, b));
    expect(einsum("ij->ji", a).producer!.definition.type).toBe("Transpose");
    expect(einsum("ij,i->ij", a, graph.input("c", "float32", [2])).producer!.definition.type).toBe(
      "Mul",
    );
  });

  it("says what does not fit", () => {
    const graph = new Graph();
    const a = graph.input("a", "float32", [2, 3]);
    const b = graph.input("b", "float32", [4, 2]);
    expect(() => einsum("ij,jk->ik", a, b)).toThrow(/index "j" has sizes 3 and 4/);
    expect(() => einsum("ijk->i", a)).toThrow(/"ijk" does not name the 2 axes of operand 0/);
    expect(() => einsum("i->i", a)).toThrow(/"i" does not name the 2 axes/);
    expect(() => einsum("ij->k", a)).toThrow(/output index "k" occurs in no operand/);
    expect(() => einsum("ij->ii", a)).toThrow(/the output "ii" repeats an index/);
    expect(() => einsum("ij", a, b)).toThrow(/has 1 operands, 2 are given/);
    expect(() => einsum("i1->i", a)).toThrow(/cannot read the equation/);
    expect(() => einsum("...j->j", a)).toThrow(/drops the axes/);
    expect(() => einsum("ij->j")).toThrow(/needs an operand/);
  });
});
