/** Photographs are really fitted, drafts of few steps, and judged. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImage } from "@ganfit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs, shared } from "../../core/test/shared.js";
import { evaluateLfw } from "../src/lfw/evaluate-lfw.node.js";
import { evaluatePhotos } from "../src/photos/evaluate-photos.node.js";
import { type HeadTools, openHeadTools } from "../src/photos/open-head-tools.node.js";

const PHOTOS = "photos/london-neutral";
const source = shared("photos");

let folder: string;
let tools: HeadTools;

describe.skipIf(!source)(needs(PHOTOS, "photographs"), () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganfit-photos-"));
    const fit = { quality: "draft", steps: 3 } as const;
    tools = await openHeadTools({ fit, network: { threads: 2 } });
  });

  afterAll(async () => {
    await tools?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it("of one person are fitted and compared with each other", async () => {
    const people = join(folder, "people");
    await mkdir(join(people, "039"), { recursive: true });
    await copyFile(join(source!, "london-neutral/039.jpg"), join(people, "039/neutral.jpg"));
    await copyFile(join(source!, "london-smiling/039.jpg"), join(people, "039/smiling.jpg"));
    const out = join(folder, "photos");
    const options = { photos: people, out, probes: "first" } as const;
    const report = await evaluatePhotos(options, tools);
    expect(report.problems).toEqual([]);
    const [row] = report.subjects;
    expect(row!.subject).toBe("039/neutral.jpg");
    expect(row!.figures["PSNR, dB"]).toBeGreaterThan(20);
    expect(row!.figures["other PSNR, dB"]).toBeGreaterThan(17);
    expect(row!.figures.covered).toBeGreaterThan(0.8);
    expect(row!.figures["landmarks, %"]).toBeLessThan(3);
    expect(row!.figures.likeness).toBeGreaterThan(0.3);
    expect(row!.figures["two photos"]).toBeGreaterThan(0.8);
    expect(report.protocol.join()).toContain("THE NETWORK IT WAS FITTED WITH");
    const strip = await decodeImage(await readFile(join(out, row!.pictures[0]!.file)));
    expect(strip.width).toBeGreaterThan(7 * 256);
    // Nothing is fitted a second time.
    const start = performance.now();
    expect(await evaluatePhotos(options, tools)).toEqual(report);
    expect(tools.judge.fittedWith).toBe(true);
    console.log(`again in ${Math.round(performance.now() - start)} ms`, row!.figures);
  });

  it("in the folders of LFW are verified", async () => {
    const data = join(folder, "lfw");
    for (const [from, to] of [
      ["london-neutral/039.jpg", "Ann/Ann_0001.jpg"],
      ["london-smiling/039.jpg", "Ann/Ann_0002.jpg"],
      ["london-smiling/082.jpg", "Bob/Bob_0001.jpg"],
    ] as const) {
      await mkdir(join(data, to, ".."), { recursive: true });
      await copyFile(join(source!, from), join(data, to));
    }
    await writeFile(join(data, "pairs.txt"), "1\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\n");
    const options = { data, out: join(folder, "out") };
    await expect(evaluateLfw(options, tools)).rejects.toMatchObject({ code: "usage" });
    const report = await evaluateLfw({ ...options, allowSameNetwork: true }, tools);
    expect(report.problems).toEqual([]);
    const [same, different] = ["same", "different"].map(
      (kind) => report.subjects.find(({ subject }) => subject.includes(kind))!.figures,
    );
    for (const name of Object.keys(same!).slice(2)) {
      expect(same![name], name).toBeGreaterThan(different![name]!);
    }
    console.log(same, different);
  });
});
