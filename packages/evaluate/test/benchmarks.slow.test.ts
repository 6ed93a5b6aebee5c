import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  deep3dOnStandIn,
  miccOnStandIn,
  nowOnStandIn,
  realyOnStandIn,
  rowOf,
  STAND_INS,
} from "./benchmarks.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-benchmarks-slow-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SYSTEMS = ["truth", "moved", "displaced"];

/** Scans of 50,000 vertices, as real ones. */
async function standIn(kind: keyof typeof STAND_INS): Promise<string> {
  const folder = join(root, kind);
  await STAND_INS[kind](folder, { seed: 11, subjects: 1 });
  return folder;
}

describe("from the disk to the table, on stand-ins of full size", () => {
  it("NoW", async () => {
    const folder = await standIn("now");
    const { report, problems } = await nowOnStandIn(folder, join(root, "now-report"), SYSTEMS);
    expect(problems).toEqual([]);
    const mean = (system: string) => rowOf(report, system)["mean (mm)"] as number;
    expect(mean("truth")).toBeCloseTo(0.1 * Math.sqrt(2 / Math.PI), 2);
    expect(mean("moved")).toBeCloseTo(mean("truth"), 5);
    expect(mean("displaced")).toBeGreaterThan(0.8);
  });

  it("REALY", async () => {
    const folder = await standIn("realy");
    const { report, problems } = await realyOnStandIn(folder, join(root, "realy-report"), SYSTEMS);
    expect(problems).toEqual([]);
    const { all } = rowOf(report, "truth");
    expect(all).toBeLessThan(0.11);
    expect(rowOf(report, "moved").all).toBeCloseTo(all as number, 4);
    expect(rowOf(report, "displaced").all).toBeGreaterThan(0.8);
  });

  it("MICC, both protocols", async () => {
    const folder = await standIn("micc");
    const { report, problems } = await miccOnStandIn(folder, join(root, "micc-report"), SYSTEMS);
    expect(problems).toEqual([]);
    const score = (system: string) => rowOf(report, system)["PTZ-Indoor mean"] as number;
    expect(score("truth")).toBeLessThan(0.4);
    expect(score("moved")).toBeCloseTo(score("truth"), 4);
    expect(score("displaced")).toBeGreaterThan(score("truth") + 0.6);
    const deep3d = (await deep3dOnStandIn(folder, join(root, "deep3d-report"), SYSTEMS)).report;
    // The noise of 0.2 mm along the normals.
    expect(rowOf(deep3d, "truth")["PTZ-Indoor mean"]).toBeCloseTo(0.2, 1);
  });
});
