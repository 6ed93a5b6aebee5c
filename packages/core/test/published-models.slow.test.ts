/** Files of the real ones' sizes, written by scipy, h5py, numpy and pickle where they are installed. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { readBfmHdf5 } from "../src/models/readers/bfm-hdf5.js";
import { readBfm2009 } from "../src/models/readers/bfm2009.js";
import { readFlameNpz } from "../src/models/readers/flame-npz.js";
import { readFlamePickle } from "../src/models/readers/flame-pickle.js";
import { readLsfm } from "../src/models/readers/lsfm.js";
import { expected, fixture, headOf, largestDifference } from "./published-models.js";

const PYTHON = pythonWith("numpy, scipy.io, h5py");
const SCRIPT = fileURLToPath(
  new URL("../../../tools/fixtures/published_models.py", import.meta.url),
);
const why = PYTHON === undefined ? " (skipped: no python3 with numpy, scipy and h5py)" : "";

describe.skipIf(PYTHON === undefined)(`models of real size${why}`, () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ganfit-models-"));
    execFileSync(PYTHON!, [SCRIPT, "--full", folder], { stdio: "inherit" });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  type Read = (bytes: Uint8Array) => MorphableModel | Promise<MorphableModel>;
  // Last: megabytes of memory beyond the file, the bases and the 120 that Node itself takes.
  test.each<[string, string, string, Read, number]>([
    ["01_MorphableModel.mat", "bfm2009", "bfm2009", readBfm2009, 60],
    ["01_MorphableModel-plain.mat", "bfm2009", "bfm2009", readBfm2009, 60],
    ["model2017-1_bfm_nomouth.h5", "model2017-1_bfm_nomouth.h5", "bfm-hdf5", readBfmHdf5, 250],
    ["all_all_all.mat", "lsfm", "lsfm", readLsfm, 250],
    ["flame.npz", "flame", "flame-npz", readFlameNpz, 120],
    ["generic_model.pkl", "flame", "flame-pickle", readFlamePickle, 120],
  ])("%s", async (name, key, module, read, allowed) => {
    const url = pathToFileURL(`${folder}/`);
    const { seconds, peak } = measure(join(folder, name), module, read.name);
    const bytes = fixture(name, url);
    const model = await read(bytes);
    const { identity, expression } = model;
    const bases = (4 * (identity.displacements.length + expression.displacements.length)) / 1e6;
    const file = bytes.length / 1e6;
    console.log(
      `${name}: ${file.toFixed(0)} MB, ${model.mean.length / 3} vertices, ${identity.names.length} + ` +
        `${expression.names.length} modes (${bases.toFixed(0)} MB): ${seconds.toFixed(1)} s, ` +
        `peak of ${peak.toFixed(0)} MB`,
    );
    expect(peak).toBeLessThan(file + bases + 120 + allowed);

    const want = expected(key, url);
    expect(model.mean.length).toBe(3 * want.vertices);
    expect(model.triangles.length).toBe(3 * want.triangles);
    const head = headOf(model, want.identity, want.expression);
    const some = (data: ArrayLike<number>): number[] =>
      Array.from({ length: Math.ceil(3000 / 7) }, (_, i) => data[7 * i]!);
    expect(largestDifference(some(model.mean), want.mean)).toBeLessThan(2e-3);
    expect(largestDifference(some(head), want.head)).toBeLessThan(2e-3);
  });
});

/** Reads a file in a process of its own: seconds, and the most memory that it ever held, megabytes (0 but on Linux). */
function measure(file: string, module: string, reader: string): { seconds: number; peak: number } {
  const source = new URL(`../src/models/readers/${module}.ts`, import.meta.url).href;
  const code = `
    import { existsSync, readFileSync } from "node:fs";
    const { ${reader} } = await import(${JSON.stringify(source)});
    const bytes = readFileSync(${JSON.stringify(file)});
    const start = performance.now();
    await ${reader}(bytes);
    const seconds = (performance.now() - start) / 1000;
    // Not resourceUsage().maxRSS, which begins at that of the process that started this one.
    const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
    const peak = (Number(/VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
    console.log(JSON.stringify({ seconds, peak }));
  `;
  const options = ["--import", "tsx", "--input-type=module", "-e", code];
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  return JSON.parse(execFileSync(process.execPath, options, { cwd, encoding: "utf8" }));
}
