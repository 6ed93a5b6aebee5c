import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ganfit, ganfitHere, temporaryFolder } from "./run.js";

const root = temporaryFolder();
const data = join(root, "standin");

describe("ganfit evaluate", () => {
  it("makes a stand-in, compares systems on threads, and goes on where it was", async () => {
    const made = await ganfit([
      "evaluate",
      "stand-in",
      "now",
      "--out",
      data,
      "--subjects",
      "1",
      "--vertices",
      "1500",
    ]);
    expect([made.code, made.stdout]).toEqual([0, ""]);
    expect(readdirSync(data).sort()).toContain("truth.json");
    const out = join(root, "report");
    const systems = ["truth", "mean-face"].map((name) => join(data, "systems", name));
    const args = ["evaluate", "now", data, "--system", systems[0]!, "--out", out];
    const both = [...args, "--system", `average=${systems[1]}`, "--threads", "2"];
    const { code, stdout, stderr } = await ganfit(both);
    expect([code, stderr]).toEqual([0, `report: ${out}/report.html\n`]);
    expect(stdout).toMatch(/^truth +0\.0\d\d .* 4 +0$/m);
    expect(stdout).toMatch(/^average +0\.\d{3} .* 4 +0$/m);
    const files = readdirSync(out);
    for (const name of ["report.html", "report.md", "report.csv", "report.json", "summary.csv"]) {
      expect(files).toContain(name);
    }
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("synthetic stand-in");
    expect(page).not.toContain("MICA");
    const kept = readdirSync(join(out, "work")).length;
    const again = await ganfitHere([...both, "--json", "--quiet"]);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    expect(JSON.parse(again.stdout).title).toMatch(/NoW/);
    expect(readdirSync(join(out, "work"))).toHaveLength(kept);
  });

  it("scores the rest where a reconstruction is missing, tells of it, and ends with code 9", async () => {
    rmSync(join(data, "systems/truth/subject_001/selfie"), { recursive: true });
    const out = join(root, "missing");
    const args = ["evaluate", "now", data, "--system", join(data, "systems/truth"), "--out", out];
    const { code, stderr, stdout } = await ganfitHere(args);
    expect(code).toBe(9);
    expect(stderr).toMatch(/^ganfit: truth, subject_001\/selfie\/IMG_0004: .* missing/m);
    expect(stdout).toMatch(/^truth .* 3 +1$/m);
    expect(existsSync(join(out, "report.html"))).toBe(true);
  });

  it.each([
    ["now", "nowhere", 11, /no folder .*scans/],
    ["realy", "nowhere", 11, /no folder/],
    ["meshes", "nowhere", 11, /no folder/],
  ])(
    "%s: a folder that is not there is one sentence, and nothing is written",
    async (name, place, code, sentence) => {
      const out = join(root, `none-${name}`);
      const more = name === "realy" ? ["--topology", "HIFI3D"] : [];
      const args = ["evaluate", name, join(root, place), "--system", `a=${root}`, "--out", out];
      const told = await ganfitHere([...args, ...more]);
      expect([told.code, told.stdout]).toEqual([code, ""]);
      expect(told.stderr).toMatch(sentence);
      expect(told.stderr.trim().split("\n")).toHaveLength(1);
      expect(existsSync(out)).toBe(false);
    },
  );

  it("refuses systems of one name, a stand-in in a full folder, and a mesh that is none", async () => {
    const twice = ["--system", "a=x", "--system", "a=y", "--out", join(root, "x")];
    const same = await ganfitHere(["evaluate", "now", data, ...twice]);
    expect(same.code).toBe(2);
    expect(same.stderr).toMatch(/two systems a/);
    const full = await ganfitHere(["evaluate", "stand-in", "now", "--out", data]);
    expect(full.code).toBe(7);
    expect(full.stderr).toMatch(/not empty/);
    const truth = join(root, "truth");
    const other = join(root, "other");
    for (const folder of [truth, other]) mkdirSync(folder);
    writeFileSync(join(truth, "a.obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\n");
    writeFileSync(join(other, "a.obj"), "v 0 0 nonsense\n");
    const args = ["evaluate", "meshes", truth, "--system", other, "--out", join(root, "meshes")];
    const broken = await ganfitHere(args);
    expect(broken.code).toBe(11);
    expect(broken.stderr).toMatch(/line 1, .*a\.obj/);
  });
});
