import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTextureGenerator, textureOfLatent } from "@ganfit/core";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { writePlainGenerator } from "../../core/test/plain-generator.js";
import { ganfit, ganfitHere, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const generator = writePlainGenerator(folder);
const PLAIN = ["--generator", generator, "--count", "4", "--size", "48"];

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("ganfit sample", () => {
  it("draws a sheet and writes the textures, the same again for a seed", async () => {
    const out = join(folder, "deep", "sheet.png");
    const maps = join(folder, "maps");
    const args = ["sample", ...PLAIN, "--out", out, "--seed", "3", "--columns", "4"];
    const { code, stderr, stdout } = await ganfit([...args, "--maps", maps]);
    expect([code, stderr, stdout]).toEqual([0, "", ""]);
    expect(readdirSync(join(folder, "deep"))).toEqual(["sheet.png"]);
    expect((await sharp(out).metadata()).width).toBe(8 + 4 * 56);
    expect(readdirSync(maps).sort()).toEqual(["000.png", "001.png", "002.png", "003.png"]);
    expect(await sharp(join(maps, "003.png")).metadata()).toMatchObject({ width: 64, height: 64 });

    const first = readFileSync(out);
    const again = await ganfitHere(args);
    expect(again.code).toBe(0);
    expect(readFileSync(out).equals(first)).toBe(true);
    const other = [...args.slice(0, -4), "--seed", "4", "--columns", "4"];
    expect((await ganfitHere(other)).code).toBe(0);
    expect(readFileSync(out).equals(first)).toBe(false);
  });

  it("draws the mean texture where the truncation is 0", async () => {
    const out = join(folder, "mean.jpg");
    const maps = join(folder, "mean");
    const look = [
      "--count",
      "1",
      "--truncation",
      "0",
      "--shape",
      "mean",
      "--yaw",
      "-30",
      "--maps",
      maps,
    ];
    const { code, stderr } = await ganfitHere(["sample", ...PLAIN, ...look, "--out", out]);
    expect([code, stderr]).toEqual([0, ""]);
    expect((await sharp(out).metadata()).format).toBe("jpeg");
    const mean = await textureOfLatent(await openTextureGenerator(generator), new Float32Array(8));
    const pixels = await sharp(join(maps, "000.png")).raw().toBuffer();
    expect(pixels.equals(mean.data)).toBe(true);
  });

  it("leaves nothing when interrupted", async () => {
    const out = join(folder, "interrupted.png");
    const maps = join(folder, "interrupted");
    const many = ["--generator", generator, "--count", "400", "--size", "400"];
    const args = ["sample", ...many, "--out", out, "--maps", maps];
    const run = ganfitHere(args);
    setTimeout(() => process.emit("SIGINT"), 2000);
    const { code, stdout, stderr } = await run;
    expect([code, stdout, stderr]).toEqual([130, "", "ganfit: interrupted\n"]);
    expect([existsSync(out), existsSync(maps)]).toEqual([false, false]);
  });

  const bad: readonly [string, () => string[], number, RegExp][] = [
    ["no heads", () => ["--count", "0"], 2, /--count/],
    ["more heads than a sheet holds", () => ["--count", "400", "--size", "1024"], 2, /too many/],
    ["a wrong seed", () => ["--seed", "-1"], 2, /--seed/],
    ["a wrong truncation", () => ["--truncation", "much"], 2, /--truncation/],
    ["a picture of another kind", () => ["--out", "sheet.gif"], 2, /\.png or \.jpg/],
    [
      "a sheet that would be a texture as well",
      () => ["--out", join(folder, "t", "002.png"), "--maps", join(folder, "t")],
      2,
      /both the sheet/,
    ],
    [
      "a generator that is none",
      () => ["--generator", file("g.json", '{"file":"none.onnx","name":"g"}')],
      6,
      /none\.onnx of .*g\.json/,
    ],
    ["a missing generator", () => ["--generator", join(folder, "no.onnx")], 6, /no\.json/],
    ["an unknown model", () => ["--model", "nobody"], 5, /nobody.*default/],
    [
      "a folder that is a file",
      () => ["--out", join(file("place", ""), "sheet.png")],
      7,
      /place is a file/,
    ],
    ["a folder of textures that is a file", () => ["--maps", file("maps.txt", "")], 7, /maps\.txt/],
    [
      "a sheet that is a folder",
      () => ["--out", mkdir("taken.png"), "--count", "1"],
      7,
      /taken\.png.*a folder/,
    ],
  ];
  it.each(bad)("refuses %s in one sentence", async (_, args, exit, sentence) => {
    const out = join(folder, "refused.png");
    const all = ["sample", ...PLAIN, "--out", out, ...args()];
    const { code, stdout, stderr } = await ganfitHere(all);
    expect([code, stdout, stderr]).toEqual([exit, "", expect.stringMatching(sentence)]);
    expect(existsSync(out)).toBe(false);
  });

  it("has help with examples and exit codes", async () => {
    const { code, stdout } = await ganfitHere(["sample", "--help"]);
    expect(code).toBe(0);
    expect(stdout.match(/^(?:Examples|Exit codes)\b/gm)).toEqual(["Examples", "Exit codes"]);
  });
});

function mkdir(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
