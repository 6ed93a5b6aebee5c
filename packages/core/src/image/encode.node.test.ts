import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "./decode.node.js";
import {
  encodeFor,
  encodeJpeg,
  encodeMaskPng,
  encodePng,
  writeImage,
  writeMask,
} from "./encode.node.js";

const image = {
  width: 20,
  height: 10,
  data: Uint8Array.from({ length: 600 }, (_, i) => [i % 256, 100, 255 - (i % 200)][i % 3]!),
};
const alpha = Uint8Array.from({ length: 200 }, (_, i) => i);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("PNG and back, with and without opacity", async () => {
  expect(await decodeImage(await encodePng(image))).toMatchObject(image);
  const transparent = { ...image, alpha };
  expect(await decodeImage(await encodePng(transparent))).toMatchObject(transparent);
});

test("JPEG, opaque, with full colour", async () => {
  const file = await encodeJpeg({ ...image, alpha: new Uint8Array(200) });
  const { chromaSubsampling, hasAlpha } = await sharp(file).metadata();
  expect([chromaSubsampling, hasAlpha]).toEqual(["4:4:4", false]);
  const white = await decodeImage(file);
  expect(white.data.every((value) => value > 250)).toBe(true);
  const rough = await encodeJpeg(image, { quality: 20 });
  expect(rough.length).toBeLessThan((await encodeJpeg(image)).length);
});

test("a mask becomes a grey PNG", async () => {
  const mask = { width: 3, height: 2, data: Float32Array.of(0, 0.5, 1, -3, 9, Number.NaN) };
  const file = await encodeMaskPng(mask);
  expect(await sharp(file).metadata()).toMatchObject({ channels: 1, depth: "uchar" });
  const { data } = await decodeImage(file);
  expect([0, 1, 2, 3, 4, 5].map((i) => data[3 * i])).toEqual([0, 128, 255, 0, 255, 0]);
});

test("files are replaced whole, and nothing is left beside them", async () => {
  const path = join(folder, "picture.png");
  await writeFile(path, "old");
  await writeImage(path, image);
  expect(await decodeImage(await readFile(path))).toMatchObject(image);
  await writeImage(join(folder, "picture.JPG"), image);
  await writeMask(join(folder, "mask.png"), { width: 1, height: 1, data: Float32Array.of(1) });
  expect((await readdir(folder)).sort()).toEqual(["mask.png", "picture.JPG", "picture.png"]);
});

test("the extension says which kind of file it is", async () => {
  expect(await encodeFor("a.png", image)).toEqual(await encodePng(image));
  expect(await encodeFor("a/b.JPEG", image)).toEqual(await encodeJpeg(image));
  await expect(encodeFor("a.png.bmp", image)).rejects.toMatchObject({ code: "usage" });
});

test("what cannot be written", async () => {
  await mkdir(join(folder, "taken.png"));
  const before = await readdir(folder);
  const failure = async (path: string) =>
    writeImage(path, image).then(
      () => "was written",
      ({ code, message }) => `${code}: ${message.replaceAll(folder, "")}`,
    );
  expect(await failure(join(folder, "none", "a.png"))).toBe(
    "output: /none/a.png cannot be written: its folder does not exist.",
  );
  expect(await failure(join(folder, "taken.png"))).toBe(
    "output: /taken.png cannot be written: it is a folder.",
  );
  expect(await failure(join(folder, `${"x".repeat(300)}.png`))).toMatch(/its name is too long/);
  expect(await failure(join(folder, "a.bmp"))).toMatch(/^usage: .*\.png, \.jpg or \.jpeg/);
  expect(await readdir(folder)).toEqual(before);
});
