import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { writePlainGenerator } from "../../core/test/plain-generator.js";
import { ganfit, ganfitHere, PORTRAIT, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const generator = writePlainGenerator(folder);
const NAMES = ["full", "identity", "second-identity", "content", "pixel", "landmark", "priors"];

describe("ganfit ablate", () => {
  it("writes the figure and the table, and goes on after a photo without a face", async () => {
    const out = join(folder, "ablation");
    const blank = join(folder, "blank.png");
    await sharp({ create: { width: 160, height: 120, channels: 3, background: "#b08040" } })
      .png()
      .toFile(blank);
    const quick = ["--generator", generator, "--steps", "2", "--quality", "draft", "--quiet"];
    const { code, stdout, stderr } = await ganfitHere([
      "ablate",
      PORTRAIT,
      blank,
      "--out",
      out,
      ...quick,
    ]);
    expect([code, stderr]).toEqual([
      9,
      expect.stringMatching(/^ganfit: No face .*blank\.png.*\n$/),
    ]);
    expect(readdirSync(out).sort()).toEqual(["sheet.png", "table.csv", "table.json"]);
    const table = JSON.parse(readFileSync(join(out, "table.json"), "utf8"));
    expect(table.photos).toHaveLength(1);
    expect(table.mean).toEqual(table.photos[0].fits);
    expect(table.mean.map(({ name }: { name: string }) => name)).toEqual(NAMES);
    expect(table.failures).toMatchObject([{ error: { code: "no-face" } }]);
    for (const { landmarkError, pixelError } of table.mean) {
      expect(landmarkError).toBeLessThan(0.05);
      expect(pixelError).toBeGreaterThan(0);
      expect(pixelError).toBeLessThan(0.5);
    }
    expect(
      new Set(table.mean.map((row: object) => JSON.stringify({ ...row, name: "" }))).size,
    ).toBe(7);
    expect(stdout.trim().split("\n")).toHaveLength(8);
    expect((await sharp(join(out, "sheet.png")).metadata()).width).toBe(8 + 8 * 264);
  }, 240_000);

  it("leaves nothing when interrupted", async () => {
    const out = join(folder, "interrupted");
    const args = ["ablate", PORTRAIT, "--out", out, "--generator", generator, "--steps", "90000"];
    const { code, stdout } = await ganfit(args, { interruptOn: /step 20/ });
    expect([code, stdout]).toEqual([130, ""]);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ["no photo", [], 2, /photos/],
    ["a wrong quality", [PORTRAIT, "--quality", "fine"], 2, /--quality/],
    ["a missing photo", [join(folder, "absent.jpg")], 3, /no such file/],
    ["an unknown model", [PORTRAIT, "--model", "nobody"], 5, /nobody/],
  ] as const)("refuses %s", async (_, args, exit, sentence) => {
    const out = join(folder, "refused");
    const { code, stdout, stderr } = await ganfitHere(["ablate", ...args, "--out", out, "--quiet"]);
    expect([code, stdout, stderr]).toEqual([exit, "", expect.stringMatching(sentence)]);
    expect(existsSync(out)).toBe(false);
  });

  it("refuses a place that is a file", async () => {
    const place = join(folder, "place");
    writeFileSync(place, "");
    const { code, stderr } = await ganfitHere(["ablate", PORTRAIT, "--out", place, "--quiet"]);
    expect([code, stderr]).toEqual([7, expect.stringMatching(/place is a file/)]);
  });
});
