import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openTextureGenerator } from "@ganfit/core";
import {
  type DatasetManifest,
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
} from "@ganfit/train";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { ganfit, ganfitHere, type Outcome, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const data = join(folder, "dataset");
writeDataset(data, 64);

const TINY = ["--width", "0.01", "--batch", "4", "--threads", "1"];
/** From 4 to 8 after 16 maps, to 16 after 48. */
const SMALL = [...TINY, "--resolution", "16", "--phase", "16"];
/** Gradients are prepared for every size, which takes long on a busy machine; milliseconds. */
const SLOWEST = 240_000;
const CHECKPOINT = "checkpoint.safetensors";

function train(out: string, ...more: string[]): Promise<Outcome> {
  return ganfitHere(["train", "texture", "--data", data, "--out", out, ...more]);
}

const here = (name: string) => join(folder, name);
const checkpointIn = (out: string) => readFileSync(join(out, CHECKPOINT));

/** Interrupts the command that runs as soon as a file is there. */
function interruptAt(path: string): NodeJS.Timeout {
  return setInterval(() => existsSync(path) && process.emit("SIGINT"), 20);
}

/** Three people's maps: a tone each, brighter towards the chin, the margin filled in. */
function writeDataset(out: string, size: number): void {
  mkdirSync(out);
  const people = ["a", "b", "c"];
  const tensors: Record<string, SafeTensor> = {};
  const mean = new Float32Array(3 * size * size);
  people.forEach((id, k) => {
    const colour = new Uint8Array(3 * size * size);
    for (let i = 0; i < colour.length; i++) {
      const row = Math.floor(i / (3 * size));
      colour[i] = 170 - 35 * (i % 3) - 12 * k + Math.round((20 * row) / size);
      mean[i]! += colour[i]! / 255 / people.length;
    }
    const margin = (i: number) => i % size < 4 || i % size >= size - 4;
    const confidence = Uint8Array.from({ length: size * size }, (_, i) => (margin(i) ? 0 : 255));
    tensors[`${id}.colour`] = { data: colour, shape: [size, size, 3] };
    tensors[`${id}.confidence`] = { data: confidence, shape: [size, size] };
  });
  const half = size / 2;
  const means: Record<string, SafeTensor> = {
    colour: { data: mean, shape: [size, size, 3] },
    seen: { data: new Float32Array(size * size).fill(1), shape: [size, size] },
    expected: { data: new Float32Array(3 * half * half).fill(0.5), shape: [half, half, 3] },
  };
  const shard = "shard-000.safetensors";
  writeFileSync(join(out, shard), encodeSafetensors({ tensors, metadata: {} }));
  writeFileSync(join(out, "mean.safetensors"), encodeSafetensors({ tensors: means, metadata: {} }));
  const manifest: DatasetManifest = {
    format: "ganfit-texture-dataset",
    version: 1,
    size,
    uvFrame: "ganfit-uv-1",
    tool: "test",
    inputs: "0".repeat(64),
    maps: people.map((id) => ({
      id,
      shard,
      photo: `people/${id}.jpg`,
      sha256: "0".repeat(64),
      person: id,
      landmarkError: 0,
      skinTone: [0.7, 0.5, 0.4],
      seen: 1,
      licence: id === "c" ? "CC0-1.0" : "CC-BY-4.0",
      attribution: `photo of ${id}`,
    })),
    rejected: [],
    mean: "mean.safetensors",
  };
  writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));
}

describe("ganfit train texture", { timeout: SLOWEST }, () => {
  const whole = here("whole");
  beforeAll(async () => {
    const { code, stdout, stderr } = await train(
      whole,
      ...SMALL,
      "--images",
      "64",
      "--every",
      "32",
    );
    expect([code, stdout]).toEqual([0, ""]);
    // What a look at the first sizes does not give is said.
    expect(stderr).toMatch(/No generator is written: fits take textures of 64 texels or more\.\n$/);
  }, SLOWEST);

  it("writes checkpoint, samples and a log", async () => {
    expect(readdirSync(whole).sort()).toEqual([
      CHECKPOINT,
      "log.jsonl",
      "samples-00000032.png",
      "samples-00000064.png",
    ]);
    const log = readFileSync(join(whole, "log.jsonl"), "utf8");
    const lines = log
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const losses = ["adversary", "discriminator", "slope"].map((name) => [
      name,
      expect.any(Number),
    ]);
    const common = Object.fromEntries(losses);
    expect(lines).toEqual([
      // The last step of each began four maps before.
      { images: 32, step: 8, size: 8, fade: 0.75, ...common },
      { images: 64, step: 16, size: 16, fade: 0.75, ...common },
    ]);
    // Sixteen pictures of 16 texels in rows of four.
    const sheet = await sharp(join(whole, "samples-00000064.png")).metadata();
    expect(sheet).toMatchObject({ width: 8 + 4 * 24, height: 8 + 4 * 24 });
  });

  it("goes on after stops to the same checkpoint, whatever it writes on the way", async () => {
    const out = here("two parts");
    const first = await train(out, ...SMALL, "--images", "32", "--every", "1000");
    expect(first.code).toBe(0);
    // What a run that was killed left behind its checkpoint goes, half a line too.
    const log = join(out, "log.jsonl");
    const before = readFileSync(log, "utf8");
    writeFileSync(log, `${before}{"images":40}\n{"ima`);
    // Stopped at 8 texels and at 16, where the entry of pictures of 4 no longer shows.
    for (const images of ["52", "64"]) {
      const more = ["--images", images, "--every", "16", "--resume"];
      expect((await train(out, ...SMALL, ...more)).code).toBe(0);
    }
    expect(checkpointIn(out).equals(checkpointIn(whole))).toBe(true);
    const images = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).images);
    expect(images).toEqual([32, 48, 52, 64]);
    const sheet = "samples-00000064.png";
    expect(readFileSync(join(out, sheet)).equals(readFileSync(join(whole, sheet)))).toBe(true);
    // With nothing left to do nothing changes.
    const again = await train(out, ...SMALL, "--images", "64", "--resume", "--quiet");
    expect(again).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(checkpointIn(out).equals(checkpointIn(whole))).toBe(true);
  });

  it("writes a checkpoint when interrupted, and goes on from there to the same one", async () => {
    const out = here("interrupted");
    const args = [...SMALL, "--images", "64", "--every", "4"];
    const timer = interruptAt(join(out, CHECKPOINT));
    const { code, stdout, stderr } = await train(out, ...args);
    clearInterval(timer);
    expect([code, stdout]).toEqual([130, ""]);
    expect(stderr).toMatch(/\nganfit: interrupted\n$/);
    expect(readdirSync(out).filter((name) => /generator|\.ganfit-/.test(name))).toEqual([]);
    expect(checkpointIn(out).equals(checkpointIn(whole))).toBe(false);
    expect((await train(out, ...args, "--resume")).code).toBe(0);
    expect(checkpointIn(out).equals(checkpointIn(whole))).toBe(true);
  });

  it("leaves nothing when interrupted before the first step", async () => {
    const out = here("at once");
    const run = train(out, ...SMALL, "--images", "64");
    process.emit("SIGINT");
    expect((await run).code).toBe(130);
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });

  it("writes a generator for fits once the resolution is trained", async () => {
    const out = here("generator");
    const args = [...TINY, "--resolution", "64", "--phase", "4"];
    const early = await train(out, ...args, "--images", "4");
    expect([early.code, early.stderr]).toEqual([
      0,
      expect.stringMatching(
        /after 4 images textures of 4 texels are trained, those of 64 not yet\.\n$/,
      ),
    ]);
    expect(existsSync(join(out, "texture-generator.onnx"))).toBe(false);
    const { code, stderr } = await train(out, ...args, "--images", "32", "--resume", "--quiet");
    expect([code, stderr]).toEqual([0, ""]);
    const path = join(out, "texture-generator.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      licence: "CC-BY-4.0; CC0-1.0",
      attribution: "photo of a; photo of b; photo of c",
      prior: "sphere",
    });
    const generator = await openTextureGenerator(path);
    expect(generator).toMatchObject({ latentSize: 512, resolution: 64, resolutions: [16, 32, 64] });
  });

  const resumed = (name: string, damage: (checkpoint: string) => void): string => {
    const out = here(name);
    cpSync(whole, out, { recursive: true });
    damage(join(out, CHECKPOINT));
    return out;
  };
  const rewritten = (change: (tensors: Record<string, SafeTensor>) => void) => (path: string) => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(path));
    const changed = { ...tensors };
    change(changed);
    writeFileSync(path, encodeSafetensors({ tensors: changed, metadata }));
  };
  const weight = "generator/8x8/conv0/weight";

  /** What makes no sense, the folder, further arguments, the exit code, and what the sentence must say. */
  const bad: readonly [string, () => string, readonly string[], number, RegExp][] = [
    ["no dataset", () => here("new"), ["--data", here("none")], 2, /none is no dataset/],
    ["a folder that is no dataset", () => here("new"), ["--data", folder], 2, /no dataset/],
    ["textures larger than the maps", () => here("new"), ["--resolution", "128"], 2, /128 .* 64/],
    ["an odd resolution", () => here("new"), ["--resolution", "48"], 2, /--resolution/],
    ["a width of none", () => here("new"), ["--width", "0"], 2, /--width/],
    ["no images", () => here("new"), ["--images", "0"], 2, /--images/],
    ["batches of none", () => here("new"), ["--batch", "0"], 2, /--batch/],
    ["a wrong seed", () => here("new"), ["--seed", "-1"], 2, /--seed/],
    [
      "a small regional generator",
      () => here("new"),
      ["--architecture", "regional"],
      2,
      /regional/,
    ],
    ["a folder that holds a training", () => whole, [], 2, /holds a training already.*--resume/],
    ["nothing to go on from", () => here("new"), ["--resume"], 2, /There is no .*checkpoint/],
    [
      "another width",
      () => whole,
      ["--resume", "--width", "0.02"],
      2,
      /its width is 0\.01, not 0\.02/,
    ],
    ["another recipe", () => whole, ["--resume", "--phase", "8"], 2, /its recipe is /],
    ["another seed", () => whole, ["--resume", "--seed", "1"], 2, /its seed is 0, not 1/],
    [
      "a checkpoint that is none",
      () => resumed("none of it", (path) => writeFileSync(path, "checkpoint")),
      ["--resume"],
      2,
      /checkpoint\.safetensors is no safetensors file/,
    ],
    [
      "a checkpoint that is cut off",
      () => resumed("cut off", (path) => truncateSync(path, 5000)),
      ["--resume"],
      2,
      /is no safetensors file/,
    ],
    [
      "a checkpoint that lacks a weight",
      () =>
        resumed(
          "less",
          rewritten((tensors) => delete tensors[weight]),
        ),
      ["--resume"],
      2,
      /generator\/8x8\/conv0\/weight/,
    ],
    [
      "a checkpoint with a weight of another size",
      () =>
        resumed(
          "other",
          rewritten((tensors) => {
            tensors[weight] = { data: new Float32Array(2), shape: [2] };
          }),
        ),
      ["--resume"],
      2,
      /generator\/8x8\/conv0\/weight/,
    ],
    ["a checkpoint that is a folder", () => taken(CHECKPOINT), ["--resume"], 2, /EISDIR/],
    ["a folder that is a file", () => join(data, "manifest.json", "out"), [], 7, /is a file/],
    [
      "a log that is a folder",
      () => taken("log.jsonl"),
      ["--images", "4"],
      7,
      /log\.jsonl.*folder/,
    ],
  ];
  const taken = (name: string): string => {
    const out = here(`taken ${name}`);
    mkdirSync(join(out, name), { recursive: true });
    return out;
  };
  it.each(bad)("refuses %s in one sentence", async (_, place, more, exit, sentence) => {
    const out = place();
    const before = existsSync(join(out, CHECKPOINT)) && !out.includes("taken") && checkpointIn(out);
    const args = [...SMALL, "--images", "80", "--quiet", ...more];
    const { code, stdout, stderr } = await train(out, ...args);
    expect([code, stdout, stderr]).toEqual([exit, "", expect.stringMatching(sentence)]);
    expect(
      stderr
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("(ganfit")).length,
    ).toBe(1);
    if (before) expect(checkpointIn(out).equals(before)).toBe(true);
    else if (exit === 2 && !out.includes("taken")) expect(existsSync(out)).toBe(false);
    if (exit === 7) expect(existsSync(join(out, CHECKPOINT))).toBe(false);
  });

  it("goes on with the dataset that it was begun with alone", async () => {
    const other = here("other dataset");
    cpSync(data, other, { recursive: true });
    const manifest = join(other, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("photo of a", "photo of z"));
    const args = [...SMALL, "--images", "80", "--resume", "--data", other, "--quiet"];
    const { code, stderr } = await train(whole, ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/another training: its dataset is/)]);
  });

  it("has help with examples and exit codes", async () => {
    const { code, stdout } = await ganfit(["train", "texture", "--help"]);
    expect(code).toBe(0);
    expect(stdout.match(/^(?:Examples|Exit codes)\b/gm)).toEqual(["Examples", "Exit codes"]);
  });
});
