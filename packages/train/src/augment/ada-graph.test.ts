import { compile, evaluate, Graph, gradients, mul, reduceSum } from "@ganfit/autodiff";
import { randomUniform } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { adaInputs, augmentInGraph } from "./ada-graph.js";
import { type AdaParameters, adaShapes, type ImageShape, sampleAda } from "./ada-parameters.js";

const SHAPE: ImageShape = [3, 3, 6, 8];
const KEYS = Object.keys(adaShapes(SHAPE)) as (keyof AdaParameters)[];

function randomImages(seed: number): Float32Array {
  const random = randomUniform(seed);
  return Float32Array.from({ length: SHAPE.reduce((a, b) => a * b) }, () => 2 * random() - 1);
}

/** What the graph computes, texel by texel. */
function plainly(images: ArrayLike<number>, parameters: AdaParameters): Float64Array {
  const [n, , h, w] = SHAPE;
  const out = new Float64Array(images.length);
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const from = parameters.mirror[i] === 1 ? w - 1 - x : x;
        for (let c = 0; c < 3; c++) {
          const to = ((i * 3 + c) * h + y) * w + x;
          let value = parameters.offset[3 * i + c]! + parameters.noise[to]!;
          for (let k = 0; k < 3; k++) {
            value +=
              parameters.colour[9 * i + 3 * c + k]! * images[((i * 3 + k) * h + y) * w + from]!;
          }
          const cut = parameters.rows[i * h + y] === 1 && parameters.columns[i * w + x] === 1;
          out[to] = cut ? 0 : value;
        }
      }
    }
  }
  return out;
}

function built(dtype: "float32" | "float64") {
  const graph = new Graph();
  const images = graph.input("images", dtype, SHAPE);
  const inputs = adaInputs(graph, SHAPE, "ada", dtype);
  return { graph, images, inputs, result: augmentInGraph(images, inputs) };
}

describe("augmentInGraph", () => {
  test("does what a loop over texels does", () => {
    const { images, inputs, result } = built("float64");
    for (let seed = 0; seed < 8; seed++) {
      const parameters = sampleAda(0.7, SHAPE, seed);
      const values = randomImages(seed);
      const feeds = new Map([
        [images, values],
        ...KEYS.map((k) => [inputs[k], parameters[k]] as const),
      ]);
      const [found] = evaluate([result], feeds);
      const expected = plainly(values, parameters);
      found!.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 12);
      });
    }
  });

  test("has the gradient of finite differences", () => {
    const { images, inputs, result } = built("float64");
    const loss = reduceSum(mul(mul(result, result), result));
    const [slope] = gradients(loss, [images]);
    const parameters = sampleAda(0.8, SHAPE, 11);
    const values = Float64Array.from(randomImages(5));
    const feeds = new Map<typeof images, ArrayLike<number>>([
      [images, values],
      ...KEYS.map((k) => [inputs[k], parameters[k]] as const),
    ]);
    const [found] = evaluate([slope!], feeds);
    const at = (i: number, change: number) => {
      const moved = values.slice();
      moved[i]! += change;
      return evaluate([loss], new Map(feeds).set(images, moved))[0]![0]!;
    };
    for (let i = 0; i < values.length; i += 5) {
      const difference = (at(i, 1e-5) - at(i, -1e-5)) / 2e-5;
      expect(found![i]).toBeCloseTo(difference, 5);
    }
  });

  test("runs on ONNX Runtime", async () => {
    const { graph, images, inputs, result } = built("float32");
    const program = await compile(graph, {
      inputs: { images, ...inputs },
      outputs: { result },
      device: "cpu",
      threads: 1,
    });
    const parameters = sampleAda(0.9, SHAPE, 2);
    const values = randomImages(7);
    const found = (await program.run({ images: values, ...parameters })).result as Float32Array;
    const expected = plainly(values, parameters);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });
});

describe("sampleAda", () => {
  test("at p = 0 changes nothing", () => {
    const values = randomImages(1);
    expect(plainly(values, sampleAda(0, SHAPE, 5))).toEqual(Float64Array.from(values));
  });

  test("is the same for a seed, and applies each to about p of the images", () => {
    expect(sampleAda(0.5, SHAPE, 9)).toEqual(sampleAda(0.5, SHAPE, 9));
    const many: ImageShape = [2000, 3, 4, 4];
    const { mirror, offset, rows, noise } = sampleAda(0.4, many, 1);
    const share = (values: Float32Array, each: number) => {
      let count = 0;
      for (let i = 0; i < 2000; i++) {
        if (values.subarray(i * each, (i + 1) * each).some((value) => value !== 0)) count++;
      }
      return count / 2000;
    };
    expect(share(mirror, 1)).toBeCloseTo(0.2, 1);
    expect(share(offset, 3)).toBeCloseTo(0.4, 1);
    expect(share(noise, 48)).toBeCloseTo(0.4, 1);
    expect(share(rows, 4)).toBeCloseTo(0.4, 1);
  });

  test("turns and scales colours around grey only", () => {
    const { colour } = sampleAda(1, [50, 3, 4, 4], 3);
    for (let i = 0; i < 50; i++) {
      const sums = [0, 1, 2].map((row) => {
        const [a, b, c] = colour.subarray(9 * i + 3 * row, 9 * i + 3 * row + 3);
        return a! + b! + c!;
      });
      // Grey stays grey, by the contrast.
      expect(sums[1]! / sums[0]!).toBeCloseTo(1, 4);
      expect(sums[2]! / sums[0]!).toBeCloseTo(1, 4);
    }
  });

  test("no probability is refused", () => {
    expect(() => sampleAda(1.5, SHAPE, 1)).toThrow(/probability 1.5/);
  });
});
