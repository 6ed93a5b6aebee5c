import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Benchmark,
  deep3dOnStandIn,
  miccOnStandIn,
  nowOnStandIn,
  realyOnStandIn,
  rowOf,
  STAND_INS,
} from "./benchmarks.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-benchmarks-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function standIn(kind: keyof typeof STAND_INS, vertices: number): Promise<string> {
  const folder = join(root, kind);
  await STAND_INS[kind](folder, { seed: 7, subjects: 1, vertices });
  return folder;
}

/** Twice, the second time with everything kept; the first must have written all pictures. */
async function twice(benchmark: Benchmark, folder: string, out: string) {
  const first = await benchmark(folder, out);
  const pictures = join(out, "pictures");
  const made = readdirSync(pictures).map((name) => statSync(join(pictures, name)).mtimeMs);
  expect(first.problems).toEqual([]);
  expect(made).toHaveLength(
    first.scores.reduce((count, { pictures: own }) => count + own.length, 0),
  );
  expect(await benchmark(folder, out)).toEqual(first);
  expect(readdirSync(pictures).map((name) => statSync(join(pictures, name)).mtimeMs)).toEqual(made);
  return first.report;
}

describe("from the disk to the table, on small stand-ins", () => {
  it("NoW: the scan's noise of the truth, wherever it lies; a known field; resumed", async () => {
    const folder = await standIn("now", 2500);
    const report = await twice(nowOnStandIn, folder, join(root, "now-report"));
    const mean = (system: string) => rowOf(report, system)["mean (mm)"] as number;
    // The mean of |N(0, 0.1)| is 0.1 sqrt(2 / pi); the fit takes a little of it.
    expect(mean("truth")).toBeCloseTo(0.0798, 2);
    expect(mean("moved")).toBeCloseTo(mean("truth"), 5);
    expect(mean("displaced")).toBeGreaterThan(0.8);
    expect(mean("displaced")).toBeLessThan(1.5);
    expect(mean("mean-face")).toBeGreaterThan(0.4);
  });

  it("REALY: four regions, their noise, and a known field", async () => {
    const folder = await standIn("realy", 2500);
    const report = await twice(realyOnStandIn, folder, join(root, "realy-report"));
    const truth = rowOf(report, "truth");
    for (const region of ["nose", "mouth", "forehead", "cheek", "all"]) {
      expect(truth[region], region).toBeGreaterThan(0.05);
      expect(truth[region], region).toBeLessThan(0.11);
      expect(rowOf(report, "moved")[region]).toBeCloseTo(truth[region] as number, 4);
      expect(rowOf(report, "displaced")[region], region).toBeGreaterThan(0.4);
    }
  });

  it("MICC: registration, both directions, two protocols", async () => {
    const folder = await standIn("micc", 1200);
    const report = await twice(miccOnStandIn, folder, join(root, "micc-report"));
    const score = (system: string) => rowOf(report, system)["PTZ-Indoor mean"] as number;
    expect(score("truth")).toBeLessThan(0.6);
    expect(score("moved")).toBeCloseTo(score("truth"), 4);
    expect(score("displaced")).toBeGreaterThan(score("truth") + 0.4);
    expect(score("mean-face")).toBeGreaterThan(score("truth") + 0.2);

    const deep3d = (await deep3dOnStandIn(folder, join(root, "deep3d-report"))).report;
    const rmse = (system: string) => rowOf(deep3d, system)["PTZ-Indoor mean"] as number;
    // Root mean square of the scan's noise, 0.2 mm, and what a coarse truth is off its scan.
    expect(rmse("truth")).toBeLessThan(0.5);
    expect(rmse("moved")).toBeCloseTo(rmse("truth"), 2);
    expect(rmse("displaced")).toBeGreaterThan(rmse("truth") + 0.4);
  });

  it("scores what is there where something is missing or wrong", async () => {
    const folder = join(root, "now");
    const photo = "subject_001/selfie/IMG_0004";
    rmSync(join(folder, "systems/truth", `${photo}.obj`));
    rmSync(join(folder, "systems/moved", `${photo}.npy`));
    const out = join(root, "now-missing");
    const { problems, scores } = await nowOnStandIn(folder, out, ["truth", "moved"]);
    expect(problems.map(({ system, subject }) => [system, subject])).toEqual([
      ["truth", photo],
      ["moved", photo],
    ]);
    expect(problems[0]!.problem).toMatch(/reconstruction is missing/);
    expect(problems[1]!.problem).toMatch(/landmarks are missing/);
    expect(scores.filter(({ system }) => system === "truth")).toHaveLength(3);
  });

  it("keeps what it scored under names that say nothing of this machine", () => {
    const work = join(root, "now-report", "work");
    const kept = readdirSync(work).filter((name) => name.endsWith(".json"));
    expect(kept.length).toBeGreaterThan(0);
    for (const name of kept) {
      expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
      expect(readFileSync(join(work, name), "utf8")).not.toContain(root);
    }
  });
});
