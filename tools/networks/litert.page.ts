/** What the test page runs: TFLite files on Google's own runtime, LiteRT. */
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

/** Bytes and float32 elements as base64. */
export interface Request {
  readonly model: string;
  readonly input: string;
  readonly shape: readonly number[];
}

declare global {
  /** Elements of the outputs, in the model's order. */
  var runTflite: (request: Request) => Promise<number[][]>;
}

const runtime = loadLiteRt("./");

globalThis.runTflite = async ({ model, input, shape }) => {
  await runtime;
  const compiled = await loadAndCompile(bytesOf(model), { accelerator: "wasm" });
  const elements = new Float32Array(bytesOf(input).buffer);
  const outputs = await compiled.run(new Tensor(elements, [...shape]));
  return outputs.map((output) => Array.from(output.toTypedArray() as Float32Array));
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
