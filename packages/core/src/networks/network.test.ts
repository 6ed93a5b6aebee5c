import { Graph, matmul, mul, writeModel } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { openNetwork } from "./network.js";

const signature = {
  purpose: "the doubler",
  inputs: { x: [1, 3] },
  outputs: { y: [1, 3] },
};

function doubler(): Uint8Array {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 3]);
  return writeModel({ inputs: { x }, outputs: { y: mul(x, 2) } });
}

describe("a network", () => {
  it("runs, also when asked twice at once, until it is disposed of", async () => {
    const network = await openNetwork(doubler(), signature);
    const runs = [1, 2].map((value) => network.run({ x: new Float32Array(3).fill(value) }));
    const [first, second] = await Promise.all(runs);
    expect(first!.y).toEqual(Float32Array.of(2, 2, 2));
    expect(second!.y).toEqual(Float32Array.of(4, 4, 4));
    await network.dispose();
    await expect(network.run({ x: new Float32Array(3) })).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("the doubler"),
    });
  });

  it("goes on after a feed that does not fit", async () => {
    const network = await openNetwork(doubler(), signature);
    await expect(network.run({ x: new Float32Array(2) })).rejects.toMatchObject({
      code: "network",
    });
    expect((await network.run({ x: new Float32Array(3) })).y).toEqual(new Float32Array(3));
    await network.dispose();
  });

  it("is refused when its file is another than promised", async () => {
    const refusal = async (bytes: Uint8Array, change: Partial<typeof signature> = {}) =>
      openNetwork(bytes, { ...signature, ...change }).then(
        () => "opened",
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    const bytes = doubler();
    expect(await refusal(bytes, { inputs: { x: [1, 4] } })).toBe(
      'network: This network cannot be the doubler: it wants float32 [1,3] for "x", not float32 [1,4].',
    );
    const inputs = { x: [1, 3], z: [1] };
    expect(await refusal(bytes, { inputs })).toContain('it has no input "z"');
    const outputs = { q: [1] } as never;
    expect(await refusal(bytes, { outputs })).toContain('it has no output "q"');
    expect(await refusal(bytes, { outputs: { y: [3] } })).toContain(
      '[1,3] for "y", not float32 [3]',
    );
    expect(await refusal(bytes, { inputs: {} as never })).toContain('an input "x" that nothing');
    expect(await refusal(bytes.subarray(0, 50))).toMatch(/^network: /);
    expect(await refusal(new TextEncoder().encode("no network"))).toMatch(/^network: /);
    expect(await refusal(new Uint8Array(0))).toMatch(/^network: /);
    const graph = new Graph();
    const x = graph.input("x", "float64", [1, 3]);
    const y = matmul(x, graph.constant(new Float64Array(9), "float64", [3, 3]));
    const wide = writeModel({ inputs: { x }, outputs: { y } });
    expect(await refusal(wide)).toContain("wants float64 [1,3]");
  });
});
