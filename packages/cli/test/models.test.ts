import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ganfit, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const home = join(folder, "home");

describe("ganfit models", () => {
  it("lists the embedded head", async () => {
    const { code, stdout } = await ganfit(["models", "list", "--json"], { home });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ name: "default", embedded: true, error: null }]);
    const table = await ganfit(["models", "list"], { home });
    expect(table.stdout).toMatch(/^NAME +VERTICES[^\n]*\ndefault /);
  });

  it("describes the embedded head and draws it", async () => {
    const picture = join(folder, "head.png");
    const args = ["models", "info", "default", "--json", "--preview", picture];
    const { code, stdout } = await ganfit(args, { home });
    expect(code).toBe(0);
    const head = JSON.parse(stdout);
    expect(head.skinVertices).toBeGreaterThanOrEqual(10_000);
    expect(head.arkit).toBe(52);
    expect(head.landmarks).toEqual(["ibug68", "mediapipe478"]);
    expect(head.symmetry).toBe(true);
    expect(existsSync(picture)).toBe(true);
    const text = await ganfit(["models", "info", "default"], { home });
    expect(text.stdout).toMatch(/ARKit names +52 of 52/);
  });

  it("keeps a copy of a model under another name, and does not overwrite it by accident", async () => {
    const file = new URL("../../core/assets/default-head.gfm", import.meta.url).pathname;
    const args = ["models", "add", "my-head", "--from", file];
    const added = await ganfit(args, { home });
    expect([added.code, added.stderr]).toEqual([0, expect.stringMatching(/my-head/)]);
    const again = await ganfit(args, { home });
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/--force|force/)]);
    expect((await ganfit([...args, "--force"], { home })).code).toBe(0);
    const { stdout } = await ganfit(["models", "list"], { home });
    expect(stdout).toMatch(/\nmy-head /);
  });

  /** What cannot be added, the exit code, and what the sentence must say. */
  const bad: readonly [what: string, args: () => string[], number, RegExp][] = [
    ["a missing file", () => ["x", "--from", join(folder, "absent.h5")], 5, /does not exist/],
    [
      "a text",
      () => ["x", "--from", file("notes.mat", "hello, this is no model at all\n".repeat(9))],
      5,
      /notes\.mat/,
    ],
    ["an empty file", () => ["x", "--from", file("empty.npz", "")], 5, /empty/],
    [
      "a truncated model",
      () => ["x", "--from", file("cut.gfm", truncated())],
      5,
      /cut\.gfm|cut short/,
    ],
    ["a folder of something else", () => ["x", "--from", folder], 5, /ICT-FaceKit|FaceXModel/],
    ["a name with a slash", () => ["../x", "--from", folder], 2, /name/],
    ["a name that cannot be fetched", () => ["flame"], 2, /ict-facekit/],
  ];
  it.each(bad)("refuses %s in one sentence", async (_, args, exit, sentence) => {
    const before = readdirSync(home, { recursive: true });
    const { code, stderr, stdout } = await ganfit(["models", "add", ...args()], { home });
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([code, stdout]).toEqual([exit, ""]);
    expect(readdirSync(home, { recursive: true })).toEqual(before);
  });

  function file(name: string, content: string | Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  function truncated(): Uint8Array {
    const head = readFileSync(new URL("../../core/assets/default-head.gfm", import.meta.url));
    return head.subarray(0, head.length / 2);
  }
});
