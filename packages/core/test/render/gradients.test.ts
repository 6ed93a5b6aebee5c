/** The graph's gradients against differences of the ray caster, which keeps the triangles it is given. */
import { compile, evaluate, gradients, mul, reduceSum, type Tensor } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import type { Lighting } from "../../src/render/lighting.js";
import { feedsOf, graphRenderer, pixelsOf, withNumbers } from "./graph-renderer.js";
import { colourAt, normalsOf, type Scene } from "./ray-caster.js";
import { cameraAround, HARMONICS, PHONG, randomNumbers, randomScene } from "./scenes.js";

const SIZE = 32;

/** A sum of all colours with different weights, and what it is differentiated by. */
function problem(lighting: Lighting) {
  const scene = randomScene(7, cameraAround(SIZE, 25, 400), lighting);
  const random = randomNumbers(3);
  const weights = Float32Array.from({ length: 3 * SIZE * SIZE }, () => random() - 0.3);
  const pixels = pixelsOf(scene, SIZE);
  const renderer = graphRenderer(scene, SIZE * SIZE);
  const { graph, colours, coverage, parameters } = renderer;
  const weighted = mul(colours, graph.constant(weights, "float32", [SIZE * SIZE, 3]));
  const loss = reduceSum(mul(weighted, coverage));
  const names = Object.keys(parameters);
  const slopes = gradients(loss, Object.values(parameters));
  return { scene, weights, pixels, renderer, names, slopes };
}

function lossOf(scene: Scene, ids: ArrayLike<number | bigint>, weights: Float32Array): number {
  const normals = normalsOf(scene);
  let loss = 0;
  for (let p = 0; p < ids.length; p++) {
    if (Number(ids[p]) < 0) continue;
    const [x, y] = [(p % SIZE) + 0.5, Math.floor(p / SIZE) + 0.5];
    const colour = colourAt(scene, normals, Number(ids[p]), x, y);
    for (let c = 0; c < 3; c++) loss += weights[3 * p + c]! * colour[c]!;
  }
  return loss;
}

/** At most so many elements of a parameter are moved. */
const PROBES = 40;

describe.each([
  ["harmonics", HARMONICS],
  ["Phong", PHONG],
] as const)("gradients under %s", (_, lighting) => {
  it("agree with differences for camera, vertices, texture and light", () => {
    const { scene, weights, pixels, renderer, names, slopes } = problem(lighting);
    const numbers: Record<string, Float64Array> = {};
    for (const [name, data] of Object.entries(feedsOf(scene))) {
      numbers[name] = Float64Array.from(data);
    }
    const feeds = new Map<Tensor, ArrayLike<number>>();
    for (const [name, tensor] of Object.entries(renderer.inputs)) {
      feeds.set(tensor, numbers[name] ?? Float64Array.from(pixels[name as "ids"] as Int32Array));
    }
    const values = evaluate(slopes, feeds);
    const random = randomNumbers(5);
    const lossAt = () => lossOf(withNumbers(scene, numbers), pixels.ids, weights);
    names.forEach((name, k) => {
      const data = numbers[name]!;
      const all = [...data.keys()];
      const probed =
        all.length > PROBES
          ? Array.from({ length: PROBES }, () => Math.floor(random() * all.length))
          : all;
      const scale = Math.max(...values[k]!.map(Math.abs));
      expect(scale).toBeGreaterThan(0);
      for (const i of probed) {
        const original = data[i]!;
        const step = 1e-6 * Math.max(1, Math.abs(original));
        data[i] = original + step;
        const above = lossAt();
        data[i] = original - step;
        const below = lossAt();
        data[i] = original;
        const error = Math.abs((above - below) / (2 * step) - values[k]![i]!);
        expect(error / scale, `${name}[${i}]`).toBeLessThan(1e-5);
      }
    });
  });

  it("are the same on ONNX Runtime in float32", async () => {
    const { scene, pixels, renderer, names, slopes } = problem(lighting);
    const { graph, inputs } = renderer;
    const outputs = Object.fromEntries(names.map((name, k) => [`d_${name}`, slopes[k]!]));
    const program = await compile(graph, { inputs, outputs, threads: 1 });
    const feeds = { ...feedsOf(scene), ...pixels };
    const actual = await program.run(feeds);
    await program.dispose();
    const expected = evaluate(
      slopes,
      new Map(
        Object.entries(inputs).map(([name, tensor]) => [
          tensor,
          (feeds as Record<string, Float32Array>)[name]!,
        ]),
      ),
    );
    names.forEach((name, k) => {
      const scale = Math.max(...expected[k]!.map(Math.abs));
      const worst = expected[k]!.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - Number(actual[`d_${name}`]![i]))),
        0,
      );
      expect(worst / scale, name).toBeLessThan(3e-4);
    });
  });
});
