import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering, expectClose, typesOf } from "../../test/properties.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { conv, convTranspose } from "../operators/convolution.js";
import { concat, Slice, slice } from "../operators/slicing.js";
import { lower } from "./index.js";
import { lowerSlicedConv } from "./partial-convolution.js";
import { ANY_TARGET } from "./target.js";

describe("a convolution of channels of which some are constant", () => {
  it("is a sum of which one part has no inputs", () => {
    const census = new Census();
    const parts = fc.array(
      fc.record({ channels: fc.integer({ min: 1, max: 3 }), known: fc.boolean() }),
      {
        minLength: 2,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(parts, fc.boolean(), fc.integer(), (list, bias, seed) => {
        const random = generator(seed);
        const graph = new Graph();
        const noise = (shape: readonly number[]) =>
          graph.constant(
            uniform(
              random,
              shape.reduce((a, b) => a * b, 1),
            ),
            "float64",
            shape,
          );
        const inputs = list.map(({ channels, known }, i) => {
          const shape = [1, channels, 4, 5];
          return known ? noise(shape) : graph.input(`x${i}`, "float64", shape);
        });
        const total = list.reduce((sum, { channels }) => sum + channels, 0);
        const y = conv(concat(inputs, 1), noise([2, total, 3, 2]), bias ? noise([2]) : undefined, {
          pads: [1, 0, 1, 1],
          strides: [1, 2],
        });
        if (!y.producer) return;
        const fed = inputs.filter(({ data }) => !data);
        const feeds = fed.map((tensor) => [tensor, uniform(random, tensor.size)] as const);
        const types = checkLowering(y, feeds);
        const mixed = fed.length > 0 && fed.length < inputs.length;
        expect(types !== undefined).toBe(mixed);
        if (mixed) expect(types).toContain("Add");
        census.note({ mixed, "all fed": fed.length === inputs.length, bias, bare: !bias });
      }),
    );
    census.require(5);
  });

  it("leaves a Concat of anything but channels alone", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2, 3, 3]);
    const rows = concat([x, graph.constant(1, "float32", [1, 2, 1, 3])], 2);
    const y = conv(rows, graph.constant(0.5, "float32", [1, 2, 2, 2]));
    expect(lower(y.producer!)).toBeUndefined();
  });
});

describe("some channels of a convolution", () => {
  const graph = new Graph();
  const x = graph.input("x", "float64", [2, 3, 4, 4]);
  const random = generator(5);
  const noise = (...shape: number[]) =>
    graph.constant(
      uniform(
        random,
        shape.reduce((a, b) => a * b, 1),
      ),
      "float64",
      shape,
    );
  const feeds = [[x, uniform(random, x.size)]] as const;
  const forward = conv(x, noise(5, 3, 3, 3), noise(5), { pads: [1, 1, 1, 1] });
  const back = convTranspose(x, noise(3, 5, 3, 3), undefined, { strides: [2, 2] });

  it.each([
    ["Conv", forward],
    ["ConvTranspose", back],
  ])("are a smaller %s", (type, whole) => {
    for (const [from, to, step] of [
      [1, 3, 1],
      [0, 5, 2],
      [4, 0, -1],
    ] as const) {
      const some = slice(whole, [from], [to], [1], [step]);
      const smaller = lowerSlicedConv(producedBy(some, Slice)!, ANY_TARGET)![0]!;
      expect(typesOf(smaller)).toEqual([type]);
      const [expected, found] = evaluate([some, smaller], new Map(feeds));
      expectClose(found!, expected!);
    }
  });

  it("are taken from the whole where something else reads it or where pixels are cut", () => {
    const some = producedBy(slice(forward, [1], [3], [1]), Slice)!;
    expect(lowerSlicedConv(some, { ...ANY_TARGET, readers: () => 2 })).toBeUndefined();
    expect(lowerSlicedConv(some, { ...ANY_TARGET, isFed: () => true })).toBeUndefined();
    expect(lower(slice(forward, [1], [3], [2]).producer!)).toBeUndefined();
    const grouped = conv(x, noise(3, 1, 3, 3), undefined, { group: 3 });
    expect(lower(slice(grouped, [1], [3], [1]).producer!)).toBeUndefined();
  });
});
