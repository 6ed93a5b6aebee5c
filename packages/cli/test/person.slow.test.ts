import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFitReport } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { photosOf } from "../../core/test/photos.node.js";
import { ganfit, PORTRAIT, temporaryFolder } from "./run.js";

const folder = temporaryFolder();
const QUICK = ["--steps", "2", "--quality", "draft", "--no-sheet", "--no-glb", "--no-obj"];

function hasFfmpeg(): boolean {
  try {
    execFileSync("ffmpeg", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: the fit of a video, since ffmpeg is not installed");
    return false;
  }
}

const lisa = photosOf("one-person").map(({ path }) => path);
if (lisa.length === 0) console.warn("skipped: photos of one person, since ../shared is absent");

describe.skipIf(lisa.length === 0)("ganfit fit --same-person", () => {
  it("finds the person who slipped in, wherever it stands", async () => {
    const out = join(folder, "person");
    const photos = [PORTRAIT, lisa[0]!, lisa[1]!];
    const { code, stderr } = await ganfit(["fit", "--same-person", ...photos, "-o", out, ...QUICK]);
    expect(code).toBe(9);
    const told = stderr.split("\n").filter((line) => line.startsWith("ganfit:"));
    expect(told).toEqual([expect.stringMatching(/astronaut\.jpg: it shows somebody else/)]);
    const report = parseFitReport(readFileSync(join(out, "fit.json"), "utf8"));
    expect(report.photo.name).toBe("lisa1.jpg");
    expect(report.person!.photos).toMatchObject([
      { name: "astronaut.jpg", report: null, problem: { code: "other-person" } },
      { name: "lisa1.jpg", report: "fit.json" },
      { name: "lisa2.jpg", report: "fit-2.json" },
    ]);
    expect(report.person!.photos[0]!.problem!.similarity).toBeLessThan(0.363);
  });
});

describe.skipIf(!hasFfmpeg())("ganfit fit --video", () => {
  it("fits a head to frames of a clip, which it keeps, and leaves no others", async () => {
    const clip = join(folder, "clip.mp4");
    const zoom =
      "zoompan=z='1+0.02*on':x='iw*0.39-iw/zoom/2':y='ih*0.22-ih/zoom/2':d=24:s=512x512:fps=12";
    execFileSync("ffmpeg", [
      "-v",
      "error",
      "-i",
      PORTRAIT,
      "-vf",
      zoom,
      "-pix_fmt",
      "yuv420p",
      clip,
    ]);
    const before = temporaryFolders();
    const out = join(folder, "video");
    const { code, stdout, stderr } = await ganfit(["fit", "--video", clip, "-o", out, ...QUICK]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/fitting to the frames at .* s$/m)]);
    expect(temporaryFolders()).toEqual(before);
    const report = parseFitReport(readFileSync(join(out, "fit.json"), "utf8"));
    expect(report.photo.name).toBe("frame.png");
    expect(report.person!.video).toEqual({ name: "clip.mp4" });
    const { photos } = report.person!;
    expect(photos.length).toBeGreaterThan(1);
    expect(photos.length).toBeLessThanOrEqual(6);
    for (const { seconds } of photos) expect(seconds).toBeLessThan(2);
    expect(stdout).toContain("frame-2.png");
    const picture = join(folder, "over.png");
    const over = ["--background", "photo", "--photo", join(out, "frame.png"), "--out", picture];
    const drawn = await ganfit(["render", join(out, "fit.json"), ...over]);
    expect([drawn.code, drawn.stderr]).toEqual([0, ""]);
  });
});

function temporaryFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("ganfit-video-"));
}
