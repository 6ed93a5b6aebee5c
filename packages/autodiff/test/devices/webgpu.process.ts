/**
 * The shared graph on WebGPU, in a process of its own (see webgpu.test.ts). Prints the outputs as
 * JSON and leaves ONNX Runtime's profile, which tells what ran where, at $PROFILE_PREFIX.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { compileOn } from "../../src/runtime/program.js";
import { deviceCase } from "./graph.js";

let session: InferenceSession | undefined;
const profiling = {
  Tensor,
  InferenceSession: {
    async create(model: Uint8Array, options: InferenceSession.SessionOptions = {}) {
      const profileFilePrefix = process.env.PROFILE_PREFIX!;
      const more = { ...options, enableProfiling: true, profileFilePrefix };
      session = await InferenceSession.create(model, more);
      return session;
    },
  },
};

const { graph, inputs, outputs, feeds } = deviceCase();
const program = await compileOn(profiling, graph, { inputs, outputs, device: "webgpu" });
const results = await program.run(feeds);
session?.endProfiling();
const plain = Object.entries(results).map(([name, data]) => [name, Array.from(data, Number)]);
process.stdout.write(JSON.stringify(Object.fromEntries(plain)));
