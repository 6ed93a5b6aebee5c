/**
 * Einsum of one or two operands, in NumPy's notation: `"bij,bjk->bik"`, `"...i,i"`, `"ii->i"`.
 *
 * Whatever the equation, what stays in the graph is a product of two operands in which no index
 * repeats within an operand, none is broadcast and each of an operand's indices occurs in the other
 * operand or in the output. Its two adjoints are then products of the same kind:
 *
 *     y = einsum("A,B->Y", a, b)    a' = einsum("Y,B->A", y', b)    b' = einsum("Y,A->B", y', a)
 *
 * The rest becomes simpler operators: an ellipsis is spelled out with free letters, axes of size one
 * that broadcast are reshaped away, a repeated index keeps the diagonal, an index that occurs once
 * is summed, and a single operand is transposed.
 */
import { GraphError } from "../graph/errors.js";
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { stridesOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { reduceSum } from "./broadcasting.js";
import { reshape, transpose } from "./layout.js";
import { where } from "./selection.js";

type EinsumAttributes = { readonly equation: string };

/** One letter per axis. */
interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
  readonly sizes: ReadonlyMap<string, number>;
}

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const TERM = /^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/;

/** Indices that occur exactly once among the operands, in alphabetical order. */
function implicitOutput(terms: readonly string[]): string {
  const letters = [...terms.join("").replaceAll(".", "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return (terms.some((term) => term.includes("...")) ? "..." : "") + once.sort().join("");
}

/** The equation with every ellipsis spelled out and every index sized; fails if it does not fit. */
function equationOf(node: GraphNode<EinsumAttributes>): Equation {
  const equation = node.attributes.equation.replaceAll(" ", "");
  const [left, right, ...more] = equation.split("->") as [string, string | undefined];
  const terms = left.split(",");
  const result = right ?? implicitOutput(terms);
  if (more.length > 0 || ![...terms, result].every((term) => TERM.test(term))) {
    node.fail(`cannot read the equation "${equation}"`);
  }
  if (terms.length !== node.inputs.length) {
    node.fail(`"${equation}" has ${terms.length} operands, ${node.inputs.length} are given`);
  }
  const covered = terms.map((term, i) => {
    const hidden = node.input(i).rank - term.replace("...", "").length;
    if (hidden < 0 || (hidden > 0 && !term.includes("..."))) {
      node.fail(`"${term}" does not name the ${node.input(i).rank} axes of operand ${i}`);
    }
    return hidden;
  });
  const most = Math.max(...covered);
  if (most > 0 && !result.includes("...")) {
    node.fail(`the output of "${equation}" drops the axes that "..." stands for`);
  }
  const free = LETTERS.filter((letter) => !equation.includes(letter)).slice(0, most);
  if (free.length < most) node.fail(`"${equation}" leaves no letters for "..."`);
  const spell = (term: string, count: number) =>
    term.replace("...", free.slice(most - count).join(""));
  const operands = terms.map((term, i) => spell(term, covered[i]!));
  const output = spell(result, most);
  const sizes = sizesOf(node, operands);
  if (new Set(output).size !== output.length) node.fail(`the output "${result}" repeats an index`);
  for (const letter of output) {
    if (!sizes.has(letter)) node.fail(`output index "${letter}" occurs in no operand`);
  }
  return { operands, output, sizes };
}

function sizesOf(node: GraphNode, operands: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach((term, i) => {
    [...term].forEach((letter, axis) => {
      const size = node.input(i).shape[axis]!;
      const known = sizes.get(letter) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        node.fail(`index "${letter}" has sizes ${known} and ${size}`);
      }
      sizes.set(letter, known === 1 ? size : known);
    });
  });
  return sizes;
}

/** It is cut out by a mask of the square of its size. */
const LARGEST_DIAGONAL = 2 ** 10;

/** Only the first of equal axes, along the diagonal. */
function diagonal(x: Tensor, term: string): readonly [Tensor, string] {
  const letter = [...term].find((candidate, axis) => term.indexOf(candidate) < axis);
  if (letter === undefined) return [x, term];
  const [first, second] = [term.indexOf(letter), term.lastIndexOf(letter)];
  const size = x.shape[first]!;
  if (size > LARGEST_DIAGONAL) {
    throw new GraphError("Einsum", undefined, `a diagonal of ${size} elements is not supported`);
  }
  const identity = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const shape = x.shape.map((_, axis) => (axis === first || axis === second ? size : 1));
  const mask = x.graph.constant(identity, "bool", shape);
  return diagonal(
    reduceSum(where(mask, x, 0), [second]),
    term.slice(0, second) + term.slice(second + 1),
  );
}

/** The operand without the axes that `keep` refuses, summed over them. */
function summed(
  [x, term]: readonly [Tensor, string],
  keep: (letter: string) => boolean,
): readonly [Tensor, string] {
  const axes = [...term].flatMap((letter, axis) => (keep(letter) ? [] : [axis]));
  return [axes.length > 0 ? reduceSum(x, axes) : x, [...term].filter(keep).join("")];
}

/** The operand with its axes in the order of `output`, and size one where it has none. */
function aligned([x, term]: readonly [Tensor, string], output: string): Tensor {
  const order = [...output].filter((letter) => term.includes(letter));
  const moved = transpose(
    x,
    order.map((letter) => term.indexOf(letter)),
  );
  let next = 0;
  return reshape(
    moved,
    [...output].map((letter) => (term.includes(letter) ? moved.shape[next++]! : 1)),
  );
}

const within = (term: string, other: string) => [...term].every((letter) => other.includes(letter));

export const Einsum: OperatorDefinition<EinsumAttributes> = defineOperator<EinsumAttributes>({
  type: "Einsum",
  arity: [1, Number.MAX_SAFE_INTEGER],
  required: ["equation"],
  infer(node) {
    if (node.inputs.length > 2) node.unsupported("more than two operands are not supported");
    const { output, sizes } = equationOf(node);
    if (node.inputs[1] && node.inputs[1].dtype !== node.input(0).dtype) {
      node.fail(`element types differ: ${node.input(0).dtype}, ${node.inputs[1].dtype}`);
    }
    return [{ dtype: node.input(0).dtype, shape: [...output].map((letter) => sizes.get(letter)!) }];
  },
  evaluate(node, inputs) {
    const { operands, output, sizes } = equationOf(node);
    const inner = [...sizes.keys()].filter((letter) => !output.includes(letter)).join("");
    const letters = output + inner;
    // An index that an operand has twice walks the diagonal; one of size one stands still.
    const strides = operands.map((term, i) => {
      const { shape } = node.input(i);
      const own = stridesOf(shape);
      return [...letters].map((letter) =>
        [...term].reduce(
          (s, t, axis) => s + (t === letter && shape[axis] !== 1 ? own[axis]! : 0),
          0,
        ),
      );
    });
    const out = new Float64Array(node.output.size);
    const repeats = [...inner].reduce((count, letter) => count * sizes.get(letter)!, 1);
    forEachIndex(
      [...letters].map((letter) => sizes.get(letter)!),
      (flat, index) => {
        let product = 1;
        inputs.forEach((data, i) => {
          product *= data[index.reduce((at, k, axis) => at + k * strides[i]![axis]!, 0)]!;
        });
        out[Math.floor(flat / repeats)]! += product;
      },
    );
    return [out];
  },
  simplify(node) {
    const { operands, output, sizes } = equationOf(node);
    const terms = operands.map((term, i) => {
      const x = node.input(i);
      // Axes of size one that broadcast against a larger one.
      const own = (_: unknown, axis: number) => x.shape[axis] === sizes.get(term[axis]!)!;
      return diagonal(reshape(x, x.shape.filter(own)), [...term].filter(own).join(""));
    });
    const [a, b] = terms.map((term, i) => {
      const other = terms[1 - i]?.[1] ?? "";
      return summed(term, (letter) => output.includes(letter) || other.includes(letter));
    }) as [readonly [Tensor, string], (readonly [Tensor, string])?];
    if (!b) return [aligned(a, output)];
    const contracted = !within(a[1] + b[1], output);
    if (!contracted && (within(a[1], b[1]) || within(b[1], a[1]))) {
      return [mul(aligned(a, output), aligned(b, output))];
    }
    const equation = `${a[1]},${b[1]}->${output}`;
    return equation === node.attributes.equation ? undefined : [einsum(equation, a[0], b[0])];
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const { operands, output } = equationOf(node);
    return wants.map((want, i) => {
      if (!want) return undefined;
      const equation = `${output},${operands[1 - i]}->${operands[i]}`;
      return einsum(equation, g, node.input(1 - i));
    });
  },
});

/**
 * Einstein summation of one or two tensors. Indices are letters; `...` stands for the remaining
 * axes and broadcasts; without `->` the output has the indices that occur once, alphabetically.
 *
 * @throws GraphError when the equation does not fit the shapes, or drops the axes of `...`.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const [first] = operands;
  if (!first) throw new TypeError("einsum needs an operand");
  return first.graph.apply(Einsum, operands, { equation })[0]!;
}
