import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { type DepthToSpaceMode, depthToSpace, spaceToDepth } from "./blocks.js";
import { reshape, transpose } from "./layout.js";

const small = fc.integer({ min: 1, max: 3 });
const pictures = fc.record({
  n: fc.integer({ min: 1, max: 2 }),
  c: small,
  h: small,
  w: small,
  b: small,
  mode: fc.constantFrom<DepthToSpaceMode>("DCR", "CRD"),
});

/** Whether two functions of a tensor agree on 0, 1, 2, ... */
function expectEqual(shape: number[], f: (x: Tensor) => Tensor, g: (x: Tensor) => Tensor): void {
  const x = new Graph().input("x", "float32", shape);
  const [a, b] = [f(x), g(x)];
  expect(a.shape).toEqual(b.shape);
  const [left, right] = evaluate([a, b], new Map([[x, range(sizeOf(shape))]]));
  expect(left).toEqual(right);
}

describe("DepthToSpace and SpaceToDepth", () => {
  it("are the transpositions the ONNX specification gives", () => {
    fc.assert(
      fc.property(pictures, ({ n, c, h, w, b, mode }) => {
        expectEqual(
          [n, c * b * b, h, w],
          (x) => depthToSpace(x, b, mode),
          (x) => {
            const [split, perm] =
              mode === "DCR"
                ? [
                    [n, b, b, c, h, w],
                    [0, 3, 4, 1, 5, 2],
                  ]
                : [
                    [n, c, b, b, h, w],
                    [0, 1, 4, 2, 5, 3],
                  ];
            return reshape(transpose(reshape(x, split), perm), [n, c, h * b, w * b]);
          },
        );
        expectEqual(
          [n, c, h * b, w * b],
          (x) => depthToSpace(spaceToDepth(x, b), b),
          (x) => x,
        );
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("have right first and second adjoints", () => {
    fc.assert(
      fc.property(pictures, fc.integer(), ({ n, c, h, w, b, mode }, seed) => {
        const check = (shape: number[], f: (x: Tensor) => Tensor) =>
          checkGradients({
            inputs: { x: { shape } },
            build: ({ x }) => {
              const y = f(x!);
              return mul(y, y);
            },
            random: generator(seed),
          });
        check([n, c * b * b, h, w], (x) => depthToSpace(x, b, mode));
        check([n, c, h * b, w * b], (x) => spaceToDepth(x, b));
      }),
      { seed: 2, numRuns: 20 },
    );
  });

  it("refuse what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 6, 3, 4]);
    expect(depthToSpace(x, 1)).toBe(x);
    expect(() => depthToSpace(x, 2)).toThrow(/DepthToSpace.*6 channels.*2 x 2.*\[1,6,3,4\]/);
    expect(() => spaceToDepth(x, 2)).toThrow("3 x 4 pixels are not blocks of 2 x 2");
    expect(() => spaceToDepth(x, 0)).toThrow("block size 0 is not a positive integer");
    expect(() => depthToSpace(x, 2, "DCT" as never)).toThrow('mode "DCT" is neither DCR nor CRD');
    expect(() => depthToSpace(reshape(x, [6, 12]), 2)).toThrow("takes pictures");
  });
});
