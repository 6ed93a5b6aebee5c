import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, describe, expect, it } from "vitest";
import { gradients } from "../differentiate/gradients.js";
import { GraphError } from "../graph/errors.js";
import { Graph } from "../graph/graph.js";
import { add, mul } from "../operators/arithmetic.js";
import { reduceSum } from "../operators/broadcasting.js";
import { conv } from "../operators/convolution.js";
import { gather } from "../operators/indexing.js";
import { reshape } from "../operators/layout.js";
import { upsample } from "../operators/resize.js";
import { COMPILED, type Compiled, compile } from "./compile.node.js";
import type { Program } from "./program.js";

const programs: Program[] = [];
afterAll(() => Promise.all(programs.map((program) => program.dispose())));

async function doubling() {
  const graph = new Graph();
  const x = graph.input("x", "float32", [3]);
  const y = mul(x, 2);
  const program = await compile(graph, { inputs: { x }, outputs: { y } });
  programs.push(program);
  return { graph, x, y, program };
}

describe("a program", () => {
  it("leaves the arrays of earlier runs alone", async () => {
    const { program } = await doubling();
    const first = await program.run({ x: Float32Array.of(1, 2, 3) });
    const second = await program.run({ x: Float32Array.of(4, 5, 6) });
    expect(first.y).toEqual(Float32Array.of(2, 4, 6));
    expect(second.y).toEqual(Float32Array.of(8, 10, 12));
  });

  it("names inputs and outputs as asked, whatever they are called in the graph", async () => {
    const graph = new Graph();
    const x = graph.input("loss", "float32", [2]);
    const y = add(x, 1);
    const constant = graph.constant([5, 6]);
    const program = await compile(graph, {
      inputs: { in: x },
      outputs: { loss: y, again: y, through: x, five: constant },
    });
    programs.push(program);
    expect(await program.run({ in: Float32Array.of(1, 2) })).toEqual({
      loss: Float32Array.of(2, 3),
      again: Float32Array.of(2, 3),
      through: Float32Array.of(1, 2),
      five: Float32Array.of(5, 6),
    });
  });

  it("takes computed values as inputs, and ignores inputs that no output needs", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2]);
    const unused = graph.input("unused", "float32", [1]);
    const middle = mul(x, 10);
    const program = await compile(graph, {
      inputs: { middle, unused },
      outputs: { y: add(middle, 1) },
    });
    programs.push(program);
    const { y } = await program.run({ middle: Float32Array.of(7, 8) });
    expect(y).toEqual(Float32Array.of(8, 9));
  });

  it("does not look behind a computed value that is fed", async () => {
    // Convolutions after upsampling are otherwise written without the upsampled image.
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 1, 2, 2]);
    const w = graph.input("w", "float32", [1, 1, 1, 1]);
    const large = upsample(x, 2);
    const y = conv(large, w);
    const [dw] = gradients(reduceSum(y), [w]);
    const program = await compile(graph, { inputs: { large, w }, outputs: { y, dw: dw! } });
    programs.push(program);
    const fed = Float32Array.from({ length: 16 }, (_, i) => i);
    const results = await program.run({ large: fed, w: Float32Array.of(2) });
    expect(results).toEqual({ y: fed.map((v) => 2 * v), dw: Float32Array.of(120) });

    const g = graph.input("g", "float32", [1, 1, 4, 4]);
    const [back] = gradients(y, [large], { cotangent: g });
    const [dx] = gradients(y, [x], { cotangent: g });
    const summed = await compile(graph, { inputs: { back: back! }, outputs: { dx: dx! } });
    programs.push(summed);
    expect((await summed.run({ back: fed })).dx).toEqual(Float32Array.of(10, 18, 42, 50));
  });

  it("says what is wrong with a feed", async () => {
    const { program } = await doubling();
    const wrong = (feeds: Record<string, Float32Array | Float64Array>) => program.run(feeds);
    await expect(wrong({})).rejects.toThrow('run "x": this input was not fed');
    await expect(wrong({ z: new Float32Array(3) })).rejects.toThrow(
      'run "z": there is no input of this name; there are x',
    );
    await expect(wrong({ x: new Float32Array(4) })).rejects.toThrow(
      'run "x": was fed 4 elements (inputs [3])',
    );
    await expect(wrong({ x: new Float64Array(3) })).rejects.toThrow(
      "feed Float32Array, not Float64Array",
    );
  });

  it("refuses to run twice at once, and after dispose", async () => {
    const { program } = await doubling();
    const running = program.run({ x: new Float32Array(3) });
    await expect(program.run({ x: new Float32Array(3) })).rejects.toThrow("still running");
    await expect(program.dispose()).rejects.toThrow("still running");
    await running;
    await program.dispose();
    await program.dispose();
    await expect(program.run({ x: new Float32Array(3) })).rejects.toThrow("disposed");
  });

  it("passes on ONNX Runtime's errors with the node's name", async () => {
    const graph = new Graph();
    const data = graph.input("data", "float32", [4]);
    const indices = graph.input("indices", "int64", [2]);
    const picked = graph.scope("lookup", () => gather(data, indices));
    const program = await compile(graph, {
      inputs: { data, indices },
      outputs: { y: mul(picked, 2) },
    });
    programs.push(program);
    const run = program.run({ data: new Float32Array(4), indices: BigInt64Array.of(1n, 9n) });
    const error = await run.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphError);
    expect((error as GraphError).operator).toBe("Gather");
    expect((error as GraphError).node).toBe("lookup/Gather");
    const good = { data: Float32Array.of(1, 2, 3, 4), indices: BigInt64Array.of(1n, 3n) };
    expect((await program.run(good)).y).toEqual(Float32Array.of(4, 8));
  });
});

describe("compile", () => {
  it("names a graph input that is missing from the list", async () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", [1]), graph.input("b", "float32", [1])];
    const compiled = compile(graph, { inputs: { a }, outputs: { y: add(a, b) } });
    await expect(compiled).rejects.toThrow('write "b": the outputs depend on this graph input');
  });

  it("refuses tensors of another graph and devices it does not have", async () => {
    const { x, y, graph } = await doubling();
    await expect(compile(new Graph(), { inputs: { x }, outputs: { y } })).rejects.toThrow(
      "belongs to another graph",
    );
    const device = "abacus" as "cpu";
    await expect(compile(graph, { inputs: { x }, outputs: { y }, device })).rejects.toThrow(
      /abacus/,
    );
  });

  it("publishes what it compiled", async () => {
    const seen: Compiled[] = [];
    const note = (message: unknown) => {
      seen.push(message as Compiled);
    };
    subscribe(COMPILED, note);
    const { graph, y, program } = await doubling();
    unsubscribe(COMPILED, note);
    await doubling();
    expect(seen.length).toBe(1);
    expect(seen[0]).toMatchObject({ graph, program, options: { outputs: { y } } });
  });

  it("handles empty tensors and scalars", async () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", []);
    const program = await compile(graph, {
      inputs: { x },
      outputs: { y: reshape(add(x, 1), [1, 1]) },
    });
    programs.push(program);
    expect((await program.run({ x: Float32Array.of(2) })).y).toEqual(Float32Array.of(3));
  });
});
