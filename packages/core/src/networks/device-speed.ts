import { compile, Graph, matmul, mul } from "@ganfit/autodiff";
import type { NetworkOptions } from "./network.js";

/** Enough work that copying to a graphics card and back does not decide. */
const SIZE = 512;
const PRODUCTS = 6;
const RUNS = 3;

/**
 * Whether a device computes right and faster than the cpu: a driver that imitates a graphics card in
 * software does not.
 *
 * @throws GraphError where the device cannot be had
 */
export async function isFasterThanCpu(
  device: NonNullable<NetworkOptions["device"]>,
): Promise<boolean> {
  return (await timeOf(device)) < (await timeOf("cpu"));
}

/** Milliseconds of the fastest of a few runs; Infinity where the result is wrong. */
async function timeOf(device: NonNullable<NetworkOptions["device"]>): Promise<number> {
  const graph = new Graph();
  const input = graph.input("input", "float32", [SIZE, SIZE]);
  let product = input;
  for (let i = 0; i < PRODUCTS; i++) product = mul(matmul(product, input), 2 / SIZE);
  const program = await compile(graph, {
    inputs: { input },
    outputs: { product },
    device,
  });
  const values = new Float32Array(SIZE * SIZE).fill(1);
  let fastest = Infinity;
  try {
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      const result = (await program.run({ input: values })).product as Float32Array;
      fastest = Math.min(fastest, performance.now() - start);
      if (Math.abs(result[0]! / 2 ** PRODUCTS - 1) > 1e-3) return Infinity;
    }
  } finally {
    await program.dispose();
  }
  return fastest;
}
