import type { OnnxModel } from "@ganfit/autodiff";
import { sha256 } from "../sha256.js";

/**
 * The SHA-256 of a network's file; where weights lie in files beside it, of all of them one after the
 * other, the `.onnx` file first and the others in the order of their names.
 */
export async function networkHash({ file, initializers, external }: OnnxModel): Promise<string> {
  const beside = new Set<string>();
  for (const { externalData } of initializers.values()) {
    for (const { key, value } of externalData) if (key === "location") beside.add(value);
  }
  const others = [...beside].sort().map((name) => external?.(name) ?? new Uint8Array());
  if (others.length === 0) return sha256(file);
  const whole = new Uint8Array(others.reduce((sum, { length }) => sum + length, file.length));
  let at = 0;
  for (const bytes of [file, ...others]) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return sha256(whole);
}
