import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { ganfit, PORTRAIT, temporaryFolder } from "./run.js";

const folder = temporaryFolder();

describe("ganfit inspect", () => {
  it("writes overlay, crop and masks, and prints what it found", async () => {
    const out = join(folder, "portrait");
    const { code, stdout, stderr } = await ganfit(["inspect", PORTRAIT, "--out", out]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.faces).toHaveLength(1);
    expect(report.face.landmarks).toHaveLength(478);
    expect(report.face.ibug68).toHaveLength(68);
    expect(report.face.pupils.left[0]).toBeGreaterThan(report.face.pupils.right[0]);
    expect(readdirSync(out).sort()).toEqual([
      "crop.png",
      "inspect.json",
      "mask.png",
      "overlay.png",
      "segmentation.png",
    ]);
    expect(JSON.parse(readFileSync(join(out, "inspect.json"), "utf8"))).toEqual(report);
    const { width, height } = await sharp(PORTRAIT).metadata();
    for (const name of ["overlay", "mask", "segmentation"]) {
      expect(await sharp(join(out, `${name}.png`)).metadata()).toMatchObject({ width, height });
    }
    expect(await sharp(join(out, "crop.png")).metadata()).toMatchObject({
      width: 112,
      height: 112,
    });
    // The mask is white on the nose and black in the corners.
    const mask = await sharp(join(out, "mask.png")).greyscale().raw().toBuffer();
    const [x, y] = report.face.landmarks[4];
    expect(mask[Math.round(y) * width! + Math.round(x)]).toBeGreaterThan(200);
    expect(mask[0]).toBe(0);
  });

  /** Files that cannot be inspected, the exit code, and what the sentence must say. */
  const bad: readonly [
    what: string,
    name: string,
    content: () => Promise<Uint8Array>,
    number,
    RegExp,
  ][] = [
    ["an empty file", "empty.jpg", async () => new Uint8Array(0), 3, /empty/],
    ["a text", "text.jpg", async () => Buffer.from("This is not a photo.\n".repeat(9)), 3, /text/],
    [
      "a truncated JPEG",
      "truncated.jpg",
      async () => readFileSync(PORTRAIT).subarray(0, 30_000),
      3,
      /incomplete|truncated|cut/i,
    ],
    [
      "HEIC",
      "photo.heic",
      async () =>
        Buffer.concat([
          Buffer.from([0, 0, 0, 24]),
          Buffer.from("ftypheic\0\0\0\0heicmif1"),
          Buffer.alloc(99),
        ]),
      3,
      /HEIC.*JPEG/,
    ],
    ["a pixel", "pixel.png", () => plain(1, 1), 4, /no face/i],
    ["a plain wall", "wall.png", () => plain(320, 240), 4, /no face/i],
    [
      "two faces side by side",
      "two.png",
      async () =>
        sharp({ create: { width: 1024, height: 512, channels: 3, background: "#777" } })
          .composite([
            { input: await sharp(PORTRAIT).resize(512, 512).toBuffer(), left: 0, top: 0 },
            { input: await sharp(PORTRAIT).resize(512, 512).toBuffer(), left: 512, top: 0 },
          ])
          .png()
          .toBuffer(),
      4,
      /--face/,
    ],
  ];
  it.each(bad)("refuses %s in one sentence", async (_, name, content, exit, sentence) => {
    const file = join(folder, name);
    writeFileSync(file, await content());
    const out = join(folder, `${name}-out`);
    const { code, stdout, stderr } = await ganfit(["inspect", file, "--out", out]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(exit);
    expect(stdout).toBe("");
    expect(() => readdirSync(out)).toThrow(/ENOENT/);
  });

  it("inspects the face that --face names", async () => {
    const args = ["inspect", join(folder, "two.png"), "--out", join(folder, "second")];
    const { code, stdout } = await ganfit([...args, "--face", "1"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ chosen: 1 });
    const none = await ganfit([...args, "--face", "2"]);
    expect(none.code).toBe(4);
  });

  it("refuses a folder, a file that is absent, and a place that cannot be written", async () => {
    const out = join(folder, "out");
    const directory = await ganfit(["inspect", folder, "--out", out]);
    expect([directory.code, directory.stderr]).toEqual([
      3,
      expect.stringMatching(/folder|directory/),
    ]);
    const absent = await ganfit(["inspect", join(folder, "absent.jpg"), "--out", out]);
    expect([absent.code, absent.stderr]).toEqual([3, expect.stringMatching(/absent\.jpg/)]);
    writeFileSync(join(folder, "file"), "");
    const place = await ganfit(["inspect", PORTRAIT, "--out", join(folder, "file")]);
    expect([place.code, place.stdout]).toEqual([7, ""]);
  });

  it("explains wrong usage with exit code 2", async () => {
    for (const args of [
      ["inspect"],
      ["inspect", PORTRAIT],
      ["inspect", PORTRAIT, "--out", "x", "--face", "-1"],
      ["fly"],
    ]) {
      const { code, stderr } = await ganfit(args);
      expect(code).toBe(2);
      expect(stderr).not.toBe("");
    }
  });

  it("has help that lists the exit codes", async () => {
    const { code, stdout } = await ganfit(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/130 +interrupted/);
  });
});

async function plain(width: number, height: number): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 3, background: "#b08040" } })
    .png()
    .toBuffer();
}
