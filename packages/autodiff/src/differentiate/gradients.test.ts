import { describe, expect, it } from "vitest";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { add, mul, pow, sub } from "../operators/arithmetic.js";
import { reduceSum } from "../operators/broadcasting.js";
import { exp, log, sin } from "../operators/elementary.js";
import { argMax } from "../operators/generators.js";
import { gather, scatterElements } from "../operators/indexing.js";
import { cast } from "../operators/layout.js";
import { gradients } from "./gradients.js";

function scalar(graph: Graph, name: string): Tensor {
  return graph.input(name, "float64", []);
}

function value(tensor: Tensor, feeds: [Tensor, number[]][]): number[] {
  return [...evaluate([tensor], new Map(feeds))[0]!];
}

describe("gradients", () => {
  it("names what it makes by the scope that it differentiates", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [2]);
    const y = graph.scope("network", () => reduceSum(sin(exp(x))));
    const [dx] = gradients(y, [x]);
    const before = new Set(ancestors([y]));
    const made = ancestors([dx!]).filter((node) => !before.has(node));
    expect(made.length).toBeGreaterThan(0);
    for (const { name } of made) expect(name).toMatch(/^gradient\/network\//);
  });

  it("differentiates again and again: x^5", () => {
    const x = scalar(new Graph(), "x");
    let y = pow(x, 5);
    for (const expected of [5 * 2 ** 4, 20 * 2 ** 3, 60 * 2 ** 2, 120 * 2]) {
      y = gradients(y, [x])[0]!;
      expect(value(y, [[x, [2]]])[0]).toBeCloseTo(expected, 10);
    }
    y = gradients(y, [x])[0]!;
    expect(value(y, [[x, [2]]])[0]).toBeCloseTo(120, 10);
  });

  it("adds what arrives on several paths, once per value", () => {
    const graph = new Graph();
    const x = scalar(graph, "x");
    // A ladder of 40 doublings: 2^40 paths, but one cotangent a rung.
    let y = x;
    for (let i = 0; i < 40; i++) y = add(y, sin(y));
    const [dx] = gradients(y, [x]);
    expect(ancestors([dx!]).length).toBeLessThan(40 * 6);
  });

  it("gives zeros for what y does not depend on, and visits no dead branch", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [2]);
    const other = graph.input("other", "float64", [3]);
    const [dx, none] = gradients(reduceSum(mul(x, reduceSum(exp(other)))), [x, other]) as [
      Tensor,
      Tensor,
    ];
    expect(dx.shape).toEqual([2]);
    expect(none.shape).toEqual([3]);
    const [unrelated] = gradients(reduceSum(x), [other]);
    expect(value(unrelated!, [])).toEqual([0, 0, 0]);
    // The gradient of a product needs no gradient of the other factor.
    const [only] = gradients(reduceSum(mul(x, log(reduceSum(exp(other))))), [x]);
    const types = ancestors([only!]).map((node) => node.definition.type);
    expect(types).not.toContain("Div");
  });

  it("differentiates with respect to inner values", () => {
    const graph = new Graph();
    const x = scalar(graph, "x");
    const inner = mul(x, 3);
    const y = mul(inner, inner);
    const [dInner, dx] = gradients(y, [inner, x]) as [Tensor, Tensor];
    expect(value(dInner, [[x, [2]]])).toEqual([12]);
    expect(value(dx, [[x, [2]]])).toEqual([36]);
    expect(value(gradients(y, [y])[0]!, [])).toEqual([1]);
  });

  it("takes a cotangent for values of several elements", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [3]);
    const cotangent = graph.constant([1, 10, 100], "float64");
    const [dx] = gradients(mul(x, x), [x], { cotangent });
    expect(value(dx!, [[x, [1, 2, 3]]])).toEqual([2, 40, 600]);
  });

  it("lets nothing flow through integers and comparisons", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [3]);
    const peak = gather(x, argMax(x, 0));
    const [dx] = gradients(reduceSum(add(peak, cast(cast(x, "int64"), "float64"))), [x]);
    expect(value(dx!, [[x, [1, 5, 2]]])).toEqual([0, 3, 0]);
  });

  it("says what cannot be differentiated", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const n = graph.input("n", "int64", [2]);
    expect(() => gradients(x, [x])).toThrow('gradients "x": has 2 elements; only a scalar');
    expect(() => gradients(reduceSum(x), [n])).toThrow('"n": int64 values have no gradient');
    const foreign = scalar(new Graph(), "y");
    expect(() => gradients(reduceSum(x), [foreign])).toThrow('"y": belongs to another graph');
    expect(() => gradients(sub(x, 1), [x], { cotangent: graph.constant(1) })).toThrow(
      "the cotangent's shape [] is not the value's [2]",
    );
    const largest = graph.scope("peaks", () => scatterElements(x, n, x, 0, "max"));
    expect(() => gradients(reduceSum(largest), [x])).toThrow(/ScatterElements "peaks\/Scatter/);
  });
});
