import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseFitReport } from "@ganfit/core";
import sharp from "sharp";
import { describe, expect, it, vi } from "vitest";
import { writePlainGenerator } from "../../core/test/plain-generator.js";
import { ganfit, ganfitHere, PORTRAIT, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const generator = writePlainGenerator(folder);
const PLAIN = ["--generator", generator, "--steps", "3"];
const ALL = [
  "eyes.png",
  "fit.json",
  "head.glb",
  "head.mtl",
  "head.obj",
  "overlay.png",
  "sheet.png",
  "texture.png",
];

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const wall = () =>
  sharp({ create: { width: 160, height: 120, channels: 3, background: "#b08040" } })
    .png()
    .toBuffer();

describe("ganfit fit", () => {
  it("writes everything, tells its steps in plain lines, and does the same again", async () => {
    const out = join(folder, "first", "deep");
    const first = await ganfit(["fit", PORTRAIT, "--out", out, ...PLAIN, "--texture-size", "512"]);
    expect([first.code, first.stderr]).toEqual([0, expect.stringMatching(/step 3\/3 .*energy/)]);
    expect(first.stderr).not.toContain("\r");
    expect(readdirSync(out).sort()).toEqual(ALL);
    expect(first.stdout.trim().split("\n").sort()).toEqual(ALL.map((name) => join(out, name)));
    const texture = await sharp(join(out, "texture.png")).metadata();
    expect([texture.width, texture.height]).toEqual([512, 512]);
    const { width, height } = await sharp(PORTRAIT).metadata();
    expect(await sharp(join(out, "overlay.png")).metadata()).toMatchObject({ width, height });

    const text = readFileSync(join(out, "fit.json"), "utf8");
    const report = parseFitReport(text);
    expect(report.landmarkError.final).toBeLessThan(0.05);
    expect(report.losses.energy).toHaveLength(4);
    expect(report.photo).toMatchObject({ name: "astronaut.jpg", width, height });
    expect(report.options.focalLength).toEqual({ from: "prior", pixels: null });

    const again = join(folder, "second");
    const options = ["--texture-size", "512", "--no-glb", "--no-obj", "--no-sheet", "--no-overlay"];
    const args = ["fit", PORTRAIT, "--out", again, ...PLAIN, ...options, "--json", "--quiet"];
    const second = await ganfitHere(args);
    expect([second.code, second.stderr]).toEqual([0, ""]);
    expect(readdirSync(again)).toEqual(["fit.json", "texture.png"]);
    expect(second.stdout).toBe(readFileSync(join(again, "fit.json"), "utf8"));
    const { timings: _, ...same } = JSON.parse(second.stdout);
    const { timings: __, ...before } = JSON.parse(text);
    expect(same).toEqual(before);

    const picture = join(folder, "side.png");
    const from = [join(out, "fit.json")];
    const look = ["--yaw", "30", "--light", "-40,20", "--expression", "smile=0.7", "--size", "128"];
    const drawn = await ganfitHere(["render", ...from, ...look, "--out", picture]);
    expect([drawn.code, drawn.stderr, drawn.stdout]).toEqual([0, "", ""]);
    expect(await sharp(picture).metadata()).toMatchObject({ width: 128, height: 128, channels: 3 });
    const unknown = await ganfitHere([
      "render",
      ...from,
      "--expression",
      "smlie=1",
      "--out",
      picture,
    ]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/nearest are smile/)]);
    const other = ["--generator", writePlainGenerator(mkdir("other"), 0.1)];
    const generated = ["--texture", "generated", "--out", picture];
    const wrong = await ganfitHere(["render", ...from, ...other, ...generated]);
    expect([wrong.code, wrong.stderr]).toEqual([
      10,
      expect.stringMatching(/another version of the texture gen/),
    ]);
    writeFileSync(join(out, "texture.png"), readFileSync(join(out, "eyes.png")));
    const swapped = await ganfitHere(["render", ...from, "--out", picture]);
    expect([swapped.code, swapped.stderr]).toEqual([
      10,
      expect.stringMatching(/texture\.png is not the texture.*--texture generated/),
    ]);
  });

  it("goes on after a bad photo, and says so", async () => {
    const out = join(folder, "several");
    const bad = [file("wall.png", await wall()), file("text.jpg", "no photo\n".repeat(20))];
    const photos = [bad[0]!, PORTRAIT, bad[1]!];
    const quick = ["--no-glb", "--no-sheet", "--no-obj", "--no-overlay", "--json", "--quiet"];
    const some = await ganfitHere(["fit", ...photos, "--out", out, ...PLAIN, ...quick]);
    expect(some.code).toBe(9);
    expect(some.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/^ganfit: No face .*wall\.png/),
      expect.stringMatching(/^ganfit: .*text\.jpg/),
    ]);
    expect(JSON.parse(some.stdout)).toMatchObject([
      { photo: { name: "wall.png" }, error: { code: "no-face" } },
      { schema: "ganfit-fit-1", photo: { name: "astronaut.jpg" } },
      { photo: { name: "text.jpg" }, error: { code: "image" } },
    ]);
    expect(readdirSync(out)).toEqual(["astronaut"]);
    const none = await ganfitHere(["fit", bad[1]!, bad[1]!, "--out", join(folder, "n"), ...PLAIN]);
    expect(none.code).toBe(3);
    expect(existsSync(join(folder, "n"))).toBe(false);
  });

  it("says which device it found", async () => {
    const photo = file("device.png", await wall());
    const out = join(folder, "device");
    const { code, stderr } = await ganfit([
      "fit",
      photo,
      "--out",
      out,
      ...PLAIN,
      "--device",
      "auto",
    ]);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^running on (?:cpu|cuda|webgpu)$/m)]);
  });

  it("leaves nothing when interrupted", async () => {
    const out = join(folder, "interrupted");
    const args = ["fit", PORTRAIT, "--out", out, "--generator", generator, "--steps", "90000"];
    const { code, stdout } = await ganfit(args, { interruptOn: /step 20/ });
    expect([code, stdout]).toEqual([130, ""]);
    expect(existsSync(out)).toBe(false);
  });

  /** What cannot be fitted, the exit code, and what the sentence must say. */
  const bad: readonly [string, () => Promise<string[]>, number, RegExp][] = [
    ["a missing photo", async () => [join(folder, "absent.jpg")], 3, /absent\.jpg.*no such file/],
    ["a text", async () => [file("note.txt", "This is no photo.\n".repeat(9))], 3, /note\.txt/],
    ["a photo without a face", async () => [file("plain.png", await wall())], 4, /no face/i],
    ["a face that is not there", async () => [PORTRAIT, "--face", "3"], 4, /Face 3/],
    ["an unknown model", async () => [PORTRAIT, "--model", "nobody"], 5, /nobody.*default/],
    [
      "a generator that is none",
      async () => [PORTRAIT, "--generator", file("g.json", '{"file":"g.onnx","name":"g"}')],
      6,
      /g\.onnx of .*g\.json/,
    ],
    [
      "a missing generator",
      async () => [PORTRAIT, "--generator", join(folder, "none.onnx")],
      6,
      /none\.json/,
    ],
    [
      "a wrong recognition network",
      async () => [PORTRAIT, "--recognition", file("r.json", "[]")],
      6,
      /recognition network/,
    ],
  ];
  it.each(bad)("refuses %s in one sentence", async (_, args, exit, sentence) => {
    const out = join(folder, "refused");
    const all = ["fit", "--quiet", "--out", out, ...PLAIN, ...(await args())];
    const { code, stdout, stderr } = await ganfitHere(all);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([exit, ""]);
    expect(existsSync(out)).toBe(false);
  });

  it("refuses a place that is a file before it starts", async () => {
    const place = file("place", "");
    const { code, stderr } = await ganfitHere(["fit", PORTRAIT, "--out", place, ...PLAIN]);
    expect([code, stderr]).toEqual([7, expect.stringMatching(/place is a file/)]);
    expect(readFileSync(place, "utf8")).toBe("");
  });

  it.each([
    ["--steps", "-1"],
    ["--steps", "1.5"],
    ["--steps", "many"],
    ["--steps", "1000000"],
    ["--seed", "x"],
    ["--face", "-1"],
    ["--texture-size", "700"],
    ["--lighting", "sun"],
    ["--focal-length", "1"],
    ["--device", "abacus"],
    ["--threads", "0"],
    ["--quality", "best"],
  ])("refuses %s %s with exit code 2", async (option, value) => {
    const out = join(folder, "wrong");
    const { code, stderr } = await ganfitHere(["fit", PORTRAIT, "--out", out, option, value]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(option))]);
    expect(existsSync(out)).toBe(false);
  });

  it("has help with examples and exit codes", async () => {
    const { code, stdout } = await ganfitHere(["fit", "--help"]);
    expect(code).toBe(0);
    const parts = stdout.match(/^(?:What goes in|What comes out|Examples|Exit codes)\b/gm);
    expect(parts).toEqual(["What goes in", "What comes out", "Examples", "Exit codes"]);
  });

  it.each([
    ["neither photo nor video", [], /--video/],
    ["both", [PORTRAIT, "--video", "clip.mp4"], /not both/],
  ])("refuses %s with exit code 2", async (_, args, sentence) => {
    const out = join(folder, "input");
    const { code, stderr } = await ganfitHere(["fit", ...args, "--out", out]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
    expect(existsSync(out)).toBe(false);
  });
});

describe("ganfit fit --same-person", () => {
  const DRAFT = ["--generator", generator, "--steps", "2", "--quality", "draft"];

  it("makes one head, tells of what it leaves out, and render takes each photo's fit.json", async () => {
    const out = join(folder, "person");
    const turned = join(folder, "mirrored.png");
    await sharp(PORTRAIT).flop().toFile(turned);
    const blank = file("blank.png", await wall());
    const photos = [blank, PORTRAIT, turned];
    const args = ["fit", "--same-person", ...photos, "--out", out, ...DRAFT, "--detail", "--sheet"];
    const { code, stdout, stderr } = await ganfitHere([...args, "--json", "--quiet"]);
    expect([code, stderr]).toEqual([
      9,
      expect.stringMatching(/^ganfit: No face .*blank\.png.*\n$/),
    ]);
    expect(readdirSync(out).sort()).toEqual(
      [...ALL, "fit-2.json", "normal.png", "overlay-2.png"].sort(),
    );
    const [first, second] = ["fit.json", "fit-2.json"].map((name) =>
      parseFitReport(readFileSync(join(out, name), "utf8")),
    );
    expect(JSON.parse(stdout)).toEqual(first);
    expect(first!.photo.name).toBe("astronaut.jpg");
    expect(second!.photo.name).toBe("mirrored.png");
    expect(first!.person!.photos).toEqual([
      { name: "astronaut.jpg", report: "fit.json" },
      { name: "mirrored.png", report: "fit-2.json" },
      {
        name: "blank.png",
        report: null,
        problem: { code: "no-face", message: expect.stringMatching(/No face/) },
      },
    ]);
    expect(second!.parameters.identity).toEqual(first!.parameters.identity);
    expect(second!.parameters.latent).toEqual(first!.parameters.latent);
    expect(second!.camera.position).not.toEqual(first!.camera.position);
    expect(first!.options).toMatchObject({
      quality: "draft",
      steps: 2,
      side: 128,
      textureSize: 512,
      detail: true,
      threads: availableParallelism(),
    });
    const picture = join(folder, "over.png");
    const over = ["--background", "photo", "--photo", turned, "--out", picture];
    const drawn = await ganfitHere(["render", join(out, "fit-2.json"), ...over]);
    expect([drawn.code, drawn.stderr]).toEqual([0, ""]);
    writeFileSync(join(out, "normal.png"), readFileSync(join(out, "eyes.png")));
    const swapped = await ganfitHere(["render", join(out, "fit.json"), "--out", picture]);
    expect([swapped.code, swapped.stderr]).toEqual([
      10,
      expect.stringMatching(/normal\.png is not the normal map/),
    ]);
  }, 120_000);

  it("ends with the reason where no photo shows a face", async () => {
    const out = join(folder, "nobody");
    const blank = file("nothing.png", await wall());
    const args = ["fit", "--same-person", blank, blank, "--out", out, ...DRAFT, "--quiet"];
    const { code, stderr } = await ganfitHere(args);
    expect([code, stderr.trim().split("\n")]).toEqual([
      4,
      [/No face/, /No face/].map((part) => expect.stringMatching(part)),
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe("ganfit fit --video", () => {
  it("says in one sentence what is missing or wrong, before anything is loaded", async () => {
    const out = join(folder, "video");
    const absent = await ganfitHere(["fit", "--video", join(folder, "no.mp4"), "--out", out, "-q"]);
    expect([absent.code, absent.stderr]).toEqual([3, expect.stringMatching(/no such file/)]);
    vi.stubEnv("PATH", folder);
    const clip = file("clip.mp4", "no video");
    const { code, stderr } = await ganfitHere(["fit", "--video", clip, "--out", out, "-q"]);
    vi.unstubAllEnvs();
    expect([code, stderr]).toEqual([3, expect.stringMatching(/install ffmpeg/)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });
});

describe("ganfit render", () => {
  const out = join(folder, "picture.png");

  it.each([
    ["a missing file", () => join(folder, "absent.json"), 10, /no such file/],
    ["a folder", () => folder, 10, /not a file/],
    ["a text", () => file("hello.json", "hello"), 10, /hello\.json.*not JSON/],
    [
      "another JSON",
      () => file("other.json", '{"__proto__":{"schema":"ganfit-fit-1"}}'),
      10,
      /schema/,
    ],
    ["endless lists", () => file("deep.json", "[".repeat(1e6)), 10, /not JSON/],
  ] as const)("refuses %s", async (_, path, exit, sentence) => {
    const { code, stderr, stdout } = await ganfitHere(["render", path(), "--out", out]);
    expect([code, stderr]).toEqual([exit, expect.stringMatching(sentence)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [["--out", "x.gif"], /\.png or \.jpg/],
    [["--out", out, "--yaw", "400"], /--yaw/],
    [["--out", out, "--light", "moon"], /--light/],
    [["--out", out, "--expression", "smile"], /--expression/],
    [["--out", out, "--size", "0"], /--size/],
    [["--out", out, "--background", "red-ish"], /--background/],
    [["--out", out, "--background", "photo"], /--photo/],
    [["--out", out, "--background", "photo", "--photo", "p.jpg", "--yaw", "3"], /--yaw/],
  ] as const)("refuses %j with exit code 2", async (args, sentence) => {
    const { code, stderr } = await ganfitHere(["render", join(folder, "absent.json"), ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  });
});

function mkdir(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}
