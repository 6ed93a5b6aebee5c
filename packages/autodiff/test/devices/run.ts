import { compile, type Device, type TypedArray } from "../../src/index.node.js";
import { deviceCase } from "./graph.js";

/** The shared graph's outputs on a device of Node. */
export async function runOn(device: Device): Promise<Record<string, TypedArray>> {
  const { graph, inputs, outputs, feeds } = deviceCase();
  const program = await compile(graph, { inputs, outputs, device });
  try {
    return await program.run(feeds);
  } finally {
    await program.dispose();
  }
}
