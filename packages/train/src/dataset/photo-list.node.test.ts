import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listPhotos, parseNames } from "./photo-list.node.js";
import { parseSources } from "./photo-sources.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-photos-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
for (const file of [
  "neutral/005.jpg",
  "neutral/006.JPG",
  "neutral/006.tem",
  "neutral/.hidden.jpg",
  "smiling/005.jpg",
  "smiling/007 a.png",
  "canada/005.jpg",
  "deep/within/neutral/008.webp",
  "deep/twice/neutral/008.png",
]) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), "");
}
const at = (...folders: string[]) => folders.map((folder) => join(root, folder));
const names = async (...args: Parameters<typeof listPhotos>) =>
  (await listPhotos(...args)).map(({ photo }) => photo);
const PEOPLE = parseSources(
  JSON.stringify([
    { folder: "neutral", licence: "x", attribution: "", person: "/(\\d+)" },
    { folder: "smiling", licence: "x", attribution: "", person: "/(\\d+)" },
    { folder: "canada", licence: "x", attribution: "", person: "^(canada/\\d+)" },
  ]),
  "s.json",
);

describe("listPhotos", () => {
  it("finds pictures in folders and takes files, each once", async () => {
    const places = [...at("neutral/006.JPG", "neutral", "smiling")];
    const photos = await listPhotos(places);
    expect(photos.map(({ id, photo }) => [id, photo])).toEqual([
      ["neutral-006", "neutral/006.JPG"],
      ["neutral-005", "neutral/005.jpg"],
      ["smiling-005", "smiling/005.jpg"],
      ["smiling-007_a", "smiling/007 a.png"],
    ]);
    expect(await names(at("deep/within"))).toEqual(["neutral/008.webp"]);
  });

  it("leaves out people by all of their names", async () => {
    const places = at("neutral", "smiling", "canada");
    const without = (name: string) =>
      names(places, { sources: PEOPLE, exclude: parseNames(`# held out\r\n${name}\r\n`) });
    expect(await without("canada/005")).not.toContain("canada/005.jpg");
    expect(await without("canada/005")).toContain("neutral/005.jpg");
    expect((await without("005")).filter((name) => name.includes("005"))).toEqual([]);
    expect(await without("smiling/007 a.png")).not.toContain("smiling/007 a.png");
    // The person's number, where the file is called otherwise.
    expect(await without("007")).not.toContain("smiling/007 a.png");
  });

  it("takes only those that are named, except who is excluded", async () => {
    const places = at("neutral", "smiling", "canada");
    const only = parseNames("006\nsmiling/005\n");
    expect(await names(places, { sources: PEOPLE, only })).toEqual([
      "neutral/006.JPG",
      "smiling/005.jpg",
    ]);
    const exclude = parseNames("005");
    expect(await names(places, { sources: PEOPLE, only, exclude })).toEqual(["neutral/006.JPG"]);
  });

  it("takes the first so many, and no pictures of the dataset itself", async () => {
    expect(await names(at("neutral"), { limit: 1 })).toEqual(["neutral/005.jpg"]);
    const except = join(root, "deep");
    expect(await names(at("deep", "canada"), { except })).toEqual(["canada/005.jpg"]);
  });

  it("refuses photos of one name, and places that are not there", async () => {
    await expect(listPhotos(at("deep"))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/neutral-008/),
    });
    await expect(listPhotos(at("absent"))).rejects.toMatchObject({ code: "image" });
  });
});
