import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile, conv, Graph, gradients, matmul, mul, reduceSum } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { fit } from "../src/fit/fit.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { readImage } from "../src/image/decode.node.js";
import { flopsOf } from "./fit-speed-flops.js";
import { gradientsOf, withStepGraph } from "./fit-speed-graph.js";
import { nodeTimes, partOf, profileOf, summed } from "./fit-speed-profile.js";
import { difference, TorchIteration } from "./fit-speed-torch.js";

const python = pythonWith("numpy, torch");
if (!python) console.log("PyTorch is absent: install python3-torch to compare a fit's gradient");
const portrait = fileURLToPath(new URL("../../../examples/portrait.png", import.meta.url));

async function smallStep() {
  const graph = new Graph();
  const latent = graph.input("latent", "float32", [4]);
  const energy = reduceSum(mul(mul(latent, latent), latent));
  const [slope] = gradients(energy, [latent]);
  const [, step] = await withStepGraph(async () => {
    const outputs = { energy, "d-latent": slope! };
    const program = await compile(graph, { inputs: { latent }, outputs });
    await program.run({ latent: Float32Array.of(1, 2, 3, 4) });
    await program.dispose();
  });
  return step;
}

describe("the arithmetic of a graph", () => {
  it("is two operations for each multiply-add, each node once", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 3, 8, 8]);
    const w = graph.input("w", "float32", [5, 3, 3, 3]);
    const y = conv(x, w);
    expect(flopsOf([y, y])).toBe(2 * 5 * 6 * 6 * 3 * 9);
    const [back] = gradients(reduceSum(y), [x]);
    expect(flopsOf([back!])).toBe(2 * 5 * 6 * 6 * 3 * 9);
    const a = graph.input("a", "float32", [2, 3]);
    const b = graph.input("b", "float32", [3, 7]);
    expect(flopsOf([matmul(a, b)])).toBe(2 * 2 * 3 * 7);
  });
});

describe("a profile", () => {
  const event = (name: string, dur: number, op = "Mul") => ({
    cat: "Node",
    name: `${name}_kernel_time`,
    dur,
    args: { op_name: op },
  });

  it("gives each node's median without the first runs", () => {
    const events = [9000, 1000, 3000, 2000].map((dur) => event("texture/Mul", dur));
    const other = [1, 1, 1, 1].map(() => event("gradient/texture/Conv", 5000, "Conv"));
    const session = { cat: "Session", name: "model_run", dur: 1, args: {} };
    const nodes = nodeTimes([session, ...events, ...other], 1);
    expect(nodes).toEqual([
      { name: "gradient/texture/Conv", operator: "Conv", milliseconds: 5 },
      { name: "texture/Mul", operator: "Mul", milliseconds: 2 },
    ]);
    expect(summed(nodes, partOf)).toEqual({ "gradient/texture": 5, texture: 2 });
  });

  it("names the part of the graph that a node belongs to", () => {
    const of = (name: string, operator = "Mul") => partOf({ name, operator, milliseconds: 0 });
    expect(of("render/camera/Mul")).toBe("render");
    expect(of("gradient/render/camera/Mul")).toBe("gradient/render");
    expect(of("gradient/Mul")).toBe("gradient");
    expect(of("Mul_3")).toBe("other");
    expect(of("ReorderInput_token_3", "ReorderInput")).toBe("layout");
  });

  it("is made by ONNX Runtime", async () => {
    const nodes = await profileOf(await smallStep(), 3, 1);
    expect(nodes.length).toBeGreaterThan(2);
    expect(nodes.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(nodes.map(({ operator }) => operator)).toContain("Mul");
  });
});

describe("looking through a compiled graph", () => {
  it("finds that of the energy and its last feeds", async () => {
    const step = await smallStep();
    expect(gradientsOf(step)).toEqual(["latent"]);
    expect(step.feeds).toEqual({ latent: Float32Array.of(1, 2, 3, 4) });
  });

  it("says when there is none", async () => {
    await expect(withStepGraph(async () => {})).rejects.toThrow("no graph of an energy");
  });
});

describe.skipIf(!python)("an iteration in PyTorch", () => {
  it("has the closed form's gradient", async () => {
    const torch = await TorchIteration.open(python!, await smallStep(), 1);
    expect(torch.result).toEqual({ energy: 100, gradients: { latent: [3, 12, 27, 48] } });
    expect(await torch.time()).toBeGreaterThan(0);
    await torch.end();
  });

  it.skipIf(!existsSync(portrait))("has the energy and gradients of a fit's step", async () => {
    const models = await loadFitModels({});
    const photo = await readImage(portrait);
    const [, step] = await withStepGraph(() => fit(photo, models, { threads: 2, steps: 2 }));
    await models.dispose();
    const program = await compile(step.graph, { ...step.options, threads: 2 });
    const ours = await program.run(step.feeds);
    await program.dispose();
    const torch = await TorchIteration.open(python!, step, 2);
    await torch.end();
    expect(difference(ours.energy as Float32Array, [torch.result.energy])).toBeLessThan(1e-3);
    expect(Object.keys(torch.result.gradients)).toContain("identity");
    for (const [name, gradient] of Object.entries(torch.result.gradients)) {
      const found = ours[`d-${name}`] as Float32Array;
      // Rounding moves a few of the recognition network's millions of kinks to the other side.
      expect(difference(found, gradient), name).toBeLessThan(0.01);
    }
  });
});
