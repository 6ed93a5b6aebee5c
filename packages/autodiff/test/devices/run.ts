import { compile, type Device, type TypedArray } from "../../src/index.node.js";
import type { DeviceCase } from "./graph.js";

/** The case's outputs on a device of Node. */
export async function runOn(
  device: Device,
  { graph, inputs, outputs, feeds }: DeviceCase,
): Promise<Record<string, TypedArray>> {
  const program = await compile(graph, { inputs, outputs, device });
  try {
    return await program.run(feeds);
  } finally {
    await program.dispose();
  }
}
