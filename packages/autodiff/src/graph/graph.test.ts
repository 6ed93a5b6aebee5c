import { describe, expect, it } from "vitest";
import { Graph } from "./graph.js";
import { defineOperator } from "./operator.js";

const Probe = defineOperator({
  type: "Probe",
  arity: [1, 2],
  infer: (node) => [{ dtype: node.input(0).dtype, shape: node.input(0).shape }],
});

describe("equal nodes", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  const probe = (attributes: Record<string, number | string | readonly number[]>) =>
    graph.apply(Probe, [x], attributes)[0]!;

  it("are one, whatever the order of their attributes", () => {
    expect(probe({ a: 1, b: [1, 2] })).toBe(probe({ b: [1, 2], a: 1 }));
    expect(probe({ a: Number.NaN })).toBe(probe({ a: Number.NaN }));
  });

  it("differ in any attribute, infinities and text included", () => {
    const different = [
      {},
      { a: 1 },
      { a: "1" },
      { a: [1] },
      { b: 1 },
      { a: Number.POSITIVE_INFINITY },
      { a: [Number.POSITIVE_INFINITY] },
      { a: [Number.NEGATIVE_INFINITY] },
      { a: [Number.NaN] },
    ].map(probe);
    expect(new Set(different).size).toBe(different.length);
  });

  it("have names of their own, in the scope they were made in", () => {
    const outer = graph.scope("a", () => graph.scope("b", () => probe({ c: 1 })));
    expect(outer.name).toMatch(/^a\/b\/Probe/);
    expect(probe({ c: 1 })).toBe(outer);
    expect(probe({ c: 2 }).name).not.toBe(probe({ c: 3 }).name);
  });
});

describe("constants", () => {
  const graph = new Graph();

  it("of equal type and content are one", () => {
    expect(graph.constant([1, 2])).toBe(graph.constant(Float32Array.of(1, 2)));
    expect(graph.constant(1)).toBe(graph.constant(1));
    expect(graph.constant(1)).not.toBe(graph.constant(1, "float64"));
    expect(graph.constant(0)).not.toBe(graph.constant(-0));
    expect(graph.constant([1, 2], "float32", [1, 2])).not.toBe(graph.constant([1, 2]));
  });

  it("must fill their shape", () => {
    expect(() => graph.constant([1, 2], "float32", [3], "w")).toThrow(
      'constant "w": 2 elements do not fill the shape [3]',
    );
    expect(() => graph.constant(Float64Array.of(1), "float32")).toThrow(/Float64Array does not/);
  });
});

describe("operands", () => {
  it("of another graph are named", () => {
    const x = new Graph().input("x", "float32", [2]);
    expect(() => new Graph().apply(Probe, [x], {}, "p")).toThrow(
      'Probe "p": "x" belongs to another graph',
    );
  });

  it("are counted", () => {
    const graph = new Graph();
    expect(() => graph.apply(Probe, [], {}, "p")).toThrow('Probe "p": takes 1 to 2 inputs, not 0');
    expect(() => graph.input("x", "float32", [2, -1])).toThrow(/\[2,-1\] is not a static shape/);
  });
});
