import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ganfit, ganfitHere, PORTRAIT, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const photos = join(folder, "people");
mkdirSync(photos);
copyFileSync(PORTRAIT, join(photos, "astronaut.jpg"));
// First, so that its rejection is told while the other is still worked on.
writeFileSync(join(photos, "a.jpg"), "");
const build = ["dataset", "build", photos, "--size", "32", "--out"];

/** Networks are opened by each run, which takes long on a busy machine; milliseconds. */
const SLOWEST = 240_000;

describe("ganfit dataset build", { timeout: SLOWEST }, () => {
  it("makes a dataset and says which photos are left out", async () => {
    const out = join(folder, "first");
    const sources = join(folder, "sources.json");
    const source = { folder: "people", licence: "CC0-1.0", attribution: "NASA", person: "/(a)" };
    writeFileSync(sources, JSON.stringify([source]));
    const { code, stdout, stderr } = await ganfitHere([...build, out, "--sources", sources]);
    expect(code).toBe(0);
    expect(stdout).toBe(`${out}/manifest.json\n`);
    expect(stderr).toMatch(
      /people\/a\.jpg is left out: .*\n1 map of 1 person, 1 photo left out\n$/,
    );
    const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
    expect(manifest.maps).toMatchObject([
      { id: "people-astronaut", photo: "people/astronaut.jpg", person: "a", licence: "CC0-1.0" },
    ]);
    expect(manifest.tool).toMatch(/^ganfit \d/);
    // Once more, with nothing to do and nothing to say.
    const again = await ganfitHere([...build, out, "--sources", sources, "--quiet"]);
    expect(again).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("uses nobody who is excluded", async () => {
    const names = join(folder, "names.txt");
    writeFileSync(names, "astronaut\n");
    const out = join(folder, "excluded");
    const without = await ganfitHere([...build, out, "--exclude", names]);
    expect([without.code, without.stderr]).toEqual([4, expect.stringMatching(/None of the 1/)]);
    expect(existsSync(join(out, "manifest.json"))).toBe(false);
    const only = await ganfitHere([
      ...build,
      out,
      "--only",
      names,
      "--mean",
      join(folder, "first"),
    ]);
    expect([only.code, only.stderr]).toEqual([0, "1 map of 1 person\n"]);
  });

  it("is interrupted, and leaves nothing half-written", async () => {
    const out = join(folder, "interrupted");
    const { code } = await ganfit([...build, out], { interruptOn: /is left out|defect/ });
    expect(code).toBe(130);
    const left = existsSync(out) ? readdirSync(out, { recursive: true, encoding: "utf8" }) : [];
    expect(left.filter((name) => /manifest|\.ganfit-/.test(name))).toEqual([]);
  });

  /** What makes no sense, the exit code, and what the sentence must say. */
  const bad: readonly [what: string, args: () => string[], number, RegExp][] = [
    ["no folder to write to", () => build.slice(0, -1), 2, /--out/],
    ["a size that is no power of two", () => [...build, folder, "--size", "48"], 2, /16, 32/],
    ["a list that is absent", () => [...build, folder, "--exclude", "none.txt"], 2, /none\.txt/],
    ["sources that are no JSON", () => [...build, folder, "--sources", PORTRAIT], 2, /no JSON/],
    ["a mean that is absent", () => [...build, folder, "--mean", photos], 2, /manifest\.json/],
    ["photos that are absent", () => ["dataset", "build", "none", "--out", folder], 3, /none/],
    ["a model that is absent", () => [...build, folder, "--model", "none"], 5, /none/],
  ];
  for (const [what, args, code, message] of bad) {
    it(`refuses ${what}`, async () => {
      const outcome = await ganfitHere(args());
      expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringMatching(message)]);
    });
  }
});
