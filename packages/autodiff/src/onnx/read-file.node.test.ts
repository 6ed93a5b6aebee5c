import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { add } from "../operators/arithmetic.js";
import { importModel } from "./import.js";
import { readModelFile } from "./read-file.node.js";
import { writeModel } from "./write.js";

it("reads weights at every alignment in the file", () => {
  // A Buffer's slice() shares memory, unlike a Uint8Array's: weights once came out as other bytes.
  const folder = mkdtempSync(join(tmpdir(), "autodiff-"));
  try {
    for (const name of ["x", "xx", "xxx", "xxxx"]) {
      const graph = new Graph();
      const x = graph.input(name, "float32", [3]);
      const y = add(x, graph.constant([1, 20, 300]));
      const path = join(folder, `${name}.onnx`);
      writeFileSync(path, writeModel({ inputs: { [name]: x }, outputs: { y } }));
      const target = new Graph();
      const fed = target.input("fed", "float32", [3]);
      const imported = importModel(readModelFile(path), target, { [name]: fed });
      const feeds = new Map([[fed, [0, 0, 0]]]);
      expect([...evaluate([imported.y!], feeds)[0]!]).toEqual([1, 20, 300]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("names a file that cannot be read", () => {
  expect(() => readModelFile("/no/such/model.onnx")).toThrow(
    'readModel "/no/such/model.onnx": cannot be read: ENOENT',
  );
});
