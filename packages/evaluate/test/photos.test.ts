import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluatePhotos } from "../src/photos/evaluate-photos.node.js";
import { peopleIn } from "../src/photos/people.node.js";
import type { PhotoProgress } from "../src/photos/photo-tools.js";
import type { PhotosOptions } from "../src/photos/photos-options.js";
import {
  type Colour,
  cosineOf,
  emptyFolder,
  FACELESS,
  type FakeTools,
  fakeTools,
  photoFolder,
  UNFITTABLE,
} from "./photos-fakes.js";

const PHOTOS: Record<string, Colour> = {
  "ann/1.png": [220, 60, 60],
  "ann/2.png": [210, 70, 50],
  "bob/1.png": [60, 220, 60],
  "bob/2.png": [70, 200, 80],
  "cid.png": [60, 60, 220],
};

const photos = async (
  files: Readonly<Record<string, Colour | Uint8Array>> = PHOTOS,
): Promise<PhotosOptions & { photos: string }> => ({
  photos: await photoFolder(files),
  out: await emptyFolder(),
  pictureSize: 8,
});

async function evaluated(options: PhotosOptions, tools: FakeTools = fakeTools()) {
  const told: PhotoProgress[] = [];
  const report = await evaluatePhotos(options, {
    ...tools,
    onProgress: (progress) => told.push(progress),
  });
  const tables = new Map(
    report.tables.map(({ title, columns, rows }) => [
      title,
      rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]]))),
    ]),
  );
  return { report, tables, told };
}

describe("any photos", () => {
  it("are fitted, judged and laid over the person's next photo", async () => {
    const tools = fakeTools();
    const { report, tables } = await evaluated(await photos(), tools);
    expect(tools.fitted).toEqual([
      "ann/1.png",
      "ann/1.png onto ann/2.png",
      "ann/2.png",
      "ann/2.png onto ann/1.png",
      "bob/1.png",
      "bob/1.png onto bob/2.png",
      "bob/2.png",
      "bob/2.png onto bob/1.png",
      "cid.png",
    ]);
    expect(tables.get("Photo and its own head")).toMatchObject([
      { texture: "photo", photos: 5, "not fitted": 0, "PSNR, dB": 30, "landmarks, %": 1 },
    ]);
    expect(tables.get("Another photo of the same person")).toMatchObject([
      { photos: 4, "PSNR, dB": 20 },
    ]);
    expect(tables.get("Re-identification")).toMatchObject([{ heads: 4, "rank 1": 1, AUC: 1 }]);
    expect(tables.get("Shapes without expression")).toMatchObject([
      // Of different places: each first with the other's second, and Cid with both seconds.
      { "pairs, same": 2, "pairs, different": 4 },
    ]);
    const ann = report.subjects.find(({ subject }) => subject === "ann/1.png")!;
    expect(ann.figures.likeness).toBeCloseTo(1, 6);
    expect(ann.figures["likeness to other photos"]).toBeCloseTo(
      cosineOf(PHOTOS["ann/1.png"]!, PHOTOS["ann/2.png"]!),
      5,
    );
  });

  it("are a problem each where they cannot be read or fitted, and the rest goes on", async () => {
    const { report, tables, told } = await evaluated(
      await photos({
        ...PHOTOS,
        "ann/2.png": UNFITTABLE,
        "bob/1.png": FACELESS,
        "dan.png": new Uint8Array(40),
      }),
    );
    expect(tables.get("Photo and its own head")).toMatchObject([{ photos: 6, "not fitted": 3 }]);
    // Of Ann there is the other photo and one head, of Bob one photo less: the judge sees no face in it.
    expect(tables.get("Re-identification")).toMatchObject([
      { heads: 3, "not comparable": 2, "rank 1": 1 / 3 },
    ]);
    expect(report.problems.map(({ system, subject }) => `${system} ${subject}`)).toEqual([
      "fit ann/2.png",
      "fit bob/1.png",
      "fit dan.png",
      "judge bob/1.png",
      "judge dan.png",
      "photo ann/1.png",
      "photo bob/2.png",
    ]);
    expect(told.filter(({ problem }) => problem)).toHaveLength(3);
  });

  it("leave a strip of pictures each, in every texture", async () => {
    const options = await photos();
    const { report } = await evaluated({ ...options, textures: ["photo", "generated"] });
    expect(report.subjects).toHaveLength(10);
    const files = report.subjects.flatMap(({ pictures }) => pictures.map(({ file }) => file));
    expect(new Set(files).size).toBe(10);
    expect(files).toContain("pictures/ann_1_generated.jpg");
    for (const file of files) {
      const bytes = await readFile(join(options.out, file));
      expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    }
  });

  it("may be measured by the first of each person, among bystanders", async () => {
    const tools = fakeTools();
    const { photos: folder, out } = await photos();
    const [bystander] = await peopleIn(await photoFolder({ "zoe.png": [219, 61, 60] }));
    const { report, tables } = await evaluated(
      {
        photos: await peopleIn(folder),
        out,
        pictureSize: 8,
        probes: "first",
        measures: ["identity", "shape"],
        bystanders: [bystander!],
        limit: 2,
      },
      tools,
    );
    // The second photos are fitted for their shapes alone.
    expect(tools.fitted).toEqual(["ann/1.png", "ann/2.png", "bob/1.png", "bob/2.png"]);
    expect(report.subjects.map(({ subject }) => subject).sort()).toEqual([
      "ann/1.png",
      "bob/1.png",
    ]);
    expect(tables.get("Re-identification")).toMatchObject([{ heads: 2, "rank 1": 0.5 }]);
    const ann = report.subjects.find(({ subject }) => subject === "ann/1.png")!;
    expect(ann.pictures[0]!.title).toBe("ann/1.png, taken for zoe.png");
  });
});

describe("an interrupted run", () => {
  it("goes on where it was, with the same report", async () => {
    const whole = await evaluated(await photos());
    const options = await photos();
    const abort = new AbortController();
    const first = fakeTools();
    const stopped = evaluatePhotos(options, {
      ...first,
      signal: abort.signal,
      onProgress: ({ done }) => done === 3 && abort.abort(new Error("stopped")),
    });
    await expect(stopped).rejects.toThrow("stopped");
    const second = fakeTools();
    const { report, told } = await evaluated(options, second);
    expect([...first.fitted, ...second.fitted]).toHaveLength(9);
    expect(told.map(({ kept }) => kept)).toEqual([true, true, true, false, false]);
    expect(report).toEqual(whole.report);
    const third = fakeTools();
    expect((await evaluated(options, third)).report).toEqual(whole.report);
    expect([third.fitted, third.judged]).toEqual([[], []]);
  });

  it("keeps failures too, and measures again what may have changed", async () => {
    const options = await photos({ ...PHOTOS, "cid.png": FACELESS });
    await evaluated(options);
    const same = fakeTools();
    const { told } = await evaluated(options, same);
    expect(same.fitted).toEqual([]);
    expect(told.at(-1)).toMatchObject({ name: "cid.png", kept: true });
    const other = fakeTools({ key: "two" });
    await evaluated(options, other);
    expect(other.fitted).toHaveLength(8);
    // The other photo of the person counts as well.
    await writeFile(
      join(options.photos, "ann/2.png"),
      await readFile(join(options.photos, "bob/1.png")),
    );
    const changed = fakeTools();
    await evaluated(options, changed);
    expect(changed.fitted).toEqual([
      "ann/1.png",
      "ann/1.png onto ann/2.png",
      "ann/2.png",
      "ann/2.png onto ann/1.png",
    ]);
  });
});

describe("a folder of photos", () => {
  it("is looked through, but not the results, hidden files and links", async () => {
    const folder = await photoFolder({
      "a/b/1.png": [1, 1, 1],
      "a/b/2.PNG": [1, 1, 1],
      "a/b/notes.txt": new Uint8Array(3),
      ".hidden/3.png": [1, 1, 1],
      "a/.4.png": [1, 1, 1],
      "out/pictures/5.png": [1, 1, 1],
    });
    await symlink(join(folder, "a"), join(folder, "again"));
    const people = await peopleIn(folder, join(folder, "out"));
    expect(people.map(({ name, photos: list }) => [name, list.map((each) => each.name)])).toEqual([
      ["a/b", ["a/b/1.png", "a/b/2.PNG"]],
    ]);
  });

  it("without photos, or that is not there, is said", async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "nothing"));
    await expect(peopleIn(folder)).rejects.toThrow("holds no photos");
    await expect(peopleIn(join(folder, "nowhere"))).rejects.toThrow("(ENOENT)");
  });
});
