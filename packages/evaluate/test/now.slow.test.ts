/** The NoW metric against a second implementation with numpy and scipy, now_reference.py. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { npyBytes, ppText } from "../src/files/landmark-text.js";
import { objText } from "../src/files/obj.js";
import { movePoints } from "../src/geometry/similarity3.js";
import type { MetricalUnit } from "../src/now/now-settings.js";
import { planNow } from "../src/now/plan-now.node.js";
import { scoreNow } from "../src/now/score-now.node.js";
import { motionAbout, randomNumbers, relief } from "./now-shapes.js";

const python = pythonWith("numpy, scipy.optimize");
const why = python ? "" : " (skipped: no python3 with numpy and scipy)";
const script = fileURLToPath(new URL("now_reference.py", import.meta.url));

interface Reference {
  readonly subject: string;
  readonly points: number;
  readonly mean: number;
  readonly median: number;
  readonly std: number;
  readonly squares: number;
  readonly start_mean: number;
  readonly dogleg_mean: number;
  readonly dogleg_median: number;
}

let folder = "";

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** Three scans of 1,521 vertices and two reconstructions of each: nearer and farther ones, meshed otherwise, in centimetres. */
async function makeFolder(): Promise<void> {
  const list: string[] = [];
  for (const subject of [1, 2, 3]) {
    const scan = relief(subject, 39, 3, 10 * subject);
    await put(join(folder, `data/scans/s${subject}/scan.obj`), objText(scan.mesh, 9));
    await put(join(folder, `data/scans_lmks_onlypp/s${subject}/p.pp`), ppText(scan.landmarks));
    for (const [i, share] of [0.5, 1.2].entries()) {
      const path = `s${subject}/selfie/IMG_${i}`;
      const random = randomNumbers(10 * subject + i);
      const own = relief(subject, 38, 3, 10 * subject + i + 1);
      const other = relief(100 + 10 * subject + i, 38, 3, 10 * subject + i + 1);
      const mixed = (a: Float64Array, b: Float64Array) =>
        a.map((value, k) => 0.98 * (value + share * (b[k]! - value)));
      const motion = motionAbout(
        [6, 6, 6].map((most) => most * (random() - 0.5)),
        [9, 4, -7],
        0.1,
      );
      const positions = movePoints(mixed(own.mesh.positions, other.mesh.positions), motion);
      const landmarks = mixed(own.landmarks, other.landmarks).map((x) => x + 3 * (random() - 0.5));
      await put(join(folder, `ours/${path}.obj`), objText({ ...own.mesh, positions }, 9));
      await put(join(folder, `ours/${path}.npy`), npyBytes(movePoints(landmarks, motion)));
      list.push(`${path}.jpg\n`);
    }
  }
  await put(join(folder, "data/imagepathsvalidation.txt"), list.join(""));
}

describe.skipIf(!python)(`the NoW metric agrees with scipy's${why}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganfit-now-"));
    await makeFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([null, "cm"] as const)("with the unit %s", async (unit: MetricalUnit | null) => {
    const [data, ours] = [join(folder, "data"), join(folder, "ours")];
    const output = execFileSync(python!, [script, data, ours, ...(unit ? [unit] : [])]);
    const references: Reference[] = JSON.parse(output.toString());
    const systems = [{ name: "ours", folder: ours }];
    const { tasks } = await planNow({ data, systems, ...(unit ? { unit } : {}) });
    expect(tasks.map(({ subject }) => subject)).toEqual(references.map(({ subject }) => subject));
    const gaps = { mean: 0, median: 0, std: 0, doglegMean: 0, doglegMedian: 0 };
    for (const [i, reference] of references.entries()) {
      const { figures } = await scoreNow(tasks[i]!);
      const { mean, median, standardDeviation, points } = figures as Record<string, number>;
      const widen = (name: keyof typeof gaps, a: number, b: number) => {
        gaps[name] = Math.max(gaps[name], Math.abs(a - b));
      };
      expect(points).toBe(reference.points);
      // Otherwise the comparison would say nothing about the refinement.
      expect(reference.start_mean).toBeGreaterThan(1.03 * mean!);
      const squares = points! * (mean! ** 2 + standardDeviation! ** 2);
      expect(squares).toBeLessThanOrEqual(reference.squares * (1 + 1e-6));
      widen("mean", mean!, reference.mean);
      widen("median", median!, reference.median);
      widen("std", standardDeviation!, reference.std);
      widen("doglegMean", mean!, reference.dogleg_mean);
      widen("doglegMedian", median!, reference.dogleg_median);
    }
    console.log(`NoW ${unit ?? "with scale"}: largest differences in mm ${JSON.stringify(gaps)}`);
    expect(gaps.mean).toBeLessThan(1e-3);
    expect(gaps.median).toBeLessThan(1e-3);
    expect(gaps.std).toBeLessThan(1e-3);
    // What now_evaluation loses by stopping early.
    expect(gaps.doglegMean).toBeLessThan(1e-3);
    expect(gaps.doglegMedian).toBeLessThan(5e-3);
  });
});
