/**
 * What is written must be valid to others: onnx's checker (Debian's python3-onnx 1.12) accepts one
 * model for every operator and one for its gradient, and infers the shapes that are inferred here.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradients } from "../../src/differentiate/gradients.js";
import { dtypeInfo, isFloat } from "../../src/graph/dtype.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { readModel } from "../../src/onnx/read.js";
import { writeModel } from "../../src/onnx/write.js";
import { mul } from "../../src/operators/arithmetic.js";
import { supportedOperators } from "../../src/operators/registry.js";
import { imported } from "./models.js";
import { applySamples } from "./samples.js";

const PYTHON = "/usr/bin/python3";

interface Written {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Models of the operator, of its first derivatives and of the second. */
function modelsOf({ operator, inputs, outputs }: ReturnType<typeof applySamples>[number]) {
  const models: Written[] = [];
  const add = (name: string, values: readonly Tensor[]) => {
    const named = Object.fromEntries(values.map((value, i) => [`out${i}`, value]));
    models.push({ name, bytes: writeModel({ inputs, outputs: named }) });
  };
  add(operator, outputs);
  const [y] = outputs;
  const xs = Object.values(inputs).filter(({ dtype }) => isFloat(dtype));
  if (!y || xs.length === 0 || !isFloat(y.dtype)) return models;
  // A cotangent that depends on x, lest the gradient fold to a constant.
  const first = gradients(y, xs, { cotangent: mul(y, y) });
  add(`${operator} gradient`, first);
  const [g] = first;
  add(`${operator} second gradient`, gradients(g!, xs, { cotangent: mul(g!, g!) }));
  return models;
}

/** Types by name of all values that the importer sees in the file. */
function typesOf(bytes: Uint8Array): Record<string, [number, readonly number[]]> {
  const names = [...readModel(bytes).values];
  const { outputs } = imported(bytes, { outputs: names });
  return Object.fromEntries(
    names.map((name) => [name, [dtypeInfo(outputs[name]!.dtype).code, outputs[name]!.shape]]),
  );
}

function checked(models: readonly Written[]): { failures: string[]; compared: number } {
  const folder = mkdtempSync(join(tmpdir(), "autodiff-checker-"));
  try {
    const entries = models.map(({ name, bytes }, i) => {
      const model = join(folder, `${i}.onnx`);
      writeFileSync(model, bytes);
      return { name, model, types: typesOf(bytes) };
    });
    const script = join(import.meta.dirname, "check_models.py");
    const options = { input: JSON.stringify(entries), maxBuffer: 1 << 26 };
    return JSON.parse(execFileSync(PYTHON, [script], options).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const present = spawnSync(PYTHON, ["-c", "import onnx"]).status === 0;
if (!present) console.log("python3-onnx is absent: install it to check written models with onnx");

describe.skipIf(!present)("onnx's checker", () => {
  const samples = applySamples();
  const models = samples.flatMap(modelsOf);

  it("accepts every operator and its derivatives, and infers the same shapes", () => {
    const { failures, compared } = checked(models);
    console.log(`${models.length} models, ${compared} values compared with onnx's inference`);
    expect(failures).toEqual([]);
    expect(models.length).toBeGreaterThanOrEqual(2 * supportedOperators().length);
    expect(compared).toBeGreaterThan(1000);
  });
});
