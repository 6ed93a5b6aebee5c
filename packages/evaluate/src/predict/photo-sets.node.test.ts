import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { miccPhotos, nowPhotos, realyPhotos } from "./photo-sets.node.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-photos-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folderOf(name: string, files: readonly string[]): string {
  for (const file of files) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
  return join(root, name);
}

it("MICC's subjects have frames, or a video in the folder or beside it", async () => {
  const folder = folderOf("micc", [
    "subject_01/PTZ-Indoor/2.png",
    "subject_01/PTZ-Indoor/1.JPG",
    "subject_01/PTZ-Indoor/._1.JPG",
    "subject_01/PTZ-Indoor/notes.txt",
    "subject_01/PTZ-Outdoor/film.avi",
    "subject_02/Indoor-Cooperative.mjpg",
    "subject_02/else.mjpg",
    "subject_x/PTZ-Indoor/1.jpg",
  ]);
  expect(await miccPhotos(folder)).toEqual([
    {
      subject: "subject_01/PTZ-Indoor",
      photos: ["1.JPG", "2.png"].map((file) => join(folder, "subject_01/PTZ-Indoor", file)),
    },
    {
      subject: "subject_01/PTZ-Outdoor",
      photos: [],
      video: join(folder, "subject_01/PTZ-Outdoor/film.avi"),
    },
    {
      subject: "subject_02/Indoor-Cooperative",
      photos: [],
      video: join(folder, "subject_02/Indoor-Cooperative.mjpg"),
    },
  ]);
});

it("REALY's are in the order of their numbers", async () => {
  const folder = folderOf("realy", ["10.jpg", "2.jpg", "2_3.png", "readme.md", "other.jpg"]);
  const sets = await realyPhotos(folder);
  expect(sets.map(({ subject }) => subject)).toEqual(["2", "10", "2_3"]);
});

it("NoW's are those of the list", async () => {
  const folder = folderOf("now", ["list.txt"]);
  writeFileSync(join(folder, "list.txt"), "a/s/selfie/IMG_1.jpg\n");
  expect(await nowPhotos(folder, join(folder, "list.txt"))).toEqual([
    { subject: "s/selfie/IMG_1", photos: [join(folder, "s/selfie/IMG_1.jpg")] },
  ]);
});

it("a folder without photos, or none, is an error", async () => {
  const folder = folderOf("empty", ["readme.md"]);
  await expect(miccPhotos(folder)).rejects.toThrow("holds no subject_NN");
  await expect(realyPhotos(folder)).rejects.toThrow("holds no pictures");
  await expect(realyPhotos(join(root, "absent"))).rejects.toThrow("no folder");
});
