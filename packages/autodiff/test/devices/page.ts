/** What the test page runs: the shared graph, by the package's browser entry. */
import { type CompileOptions, compile } from "../../src/index.browser.js";
import { arraysCase, type DeviceCase, deviceCase } from "./graph.js";
import { type Plain, plain } from "./plain.js";

export type Options = Pick<CompileOptions, "device" | "threads" | "wasmPaths">;

declare global {
  var runGraph: (options: Options) => Promise<Plain>;
  var runArrays: (options: Options) => Promise<Plain>;
}

globalThis.runGraph = (options) => run(deviceCase(), options);
globalThis.runArrays = (options) => run(arraysCase(), options);

async function run(
  { graph, inputs, outputs, feeds }: DeviceCase,
  options: Options,
): Promise<Plain> {
  const program = await compile(graph, { inputs, outputs, ...options });
  const results = await program.run(feeds);
  await program.dispose();
  return plain(results);
}
