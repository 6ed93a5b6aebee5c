import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { needs, shared } from "../../packages/core/test/shared.js";
import { trainingPhotos } from "./photo-landmarks.js";

describe("the photographs that statistics are learnt from", () => {
  it("are neutral ones of people who are not held out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ganfit-photos-"));
    try {
      for (const name of ["london-neutral", "canada", "london-smiling", "composite"]) {
        await mkdir(join(folder, name));
        for (const file of ["001.jpg", "002.jpg", "002.tem"]) {
          await writeFile(join(folder, name, file), "");
        }
      }
      await writeFile(join(folder, "holdout.txt"), "002\ncanada/001\n");
      expect(await trainingPhotos(folder)).toEqual(["london-neutral/001.jpg", "canada/002.jpg"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const photos = shared("photos");
  it.skipIf(photos === null)(needs("photos", "are 99 of ../shared's 115"), async () => {
    const paths = await trainingPhotos(photos!);
    expect(paths.length).toBe(99);
    expect(paths).not.toContain("london-neutral/005.jpg");
    expect(paths).not.toContain("canada/020f.jpg");
    expect(new Set(paths.map((path) => path.split("/")[0]))).toEqual(
      new Set(["london-neutral", "canada"]),
    );
  });
});
