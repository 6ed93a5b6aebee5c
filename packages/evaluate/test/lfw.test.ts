import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { evaluateLfw, type LfwOptions } from "../src/lfw/evaluate-lfw.node.js";
import type { PhotoProgress } from "../src/photos/photo-tools.js";
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

// People by hue; two photos of each.
const PHOTOS: Record<string, Colour> = {
  "Ann/Ann_0001.jpg": [220, 60, 60],
  "Ann/Ann_0002.jpg": [210, 70, 50],
  "Bob/Bob_0001.jpg": [60, 220, 60],
  "Bob/Bob_0002.jpg": [70, 200, 80],
  "Cid/Cid_0001.jpg": [60, 60, 220],
  "Cid/Cid_0002.jpg": [200, 70, 60],
};
const PAIRS = [
  "2\t2",
  "Ann\t1\t2",
  "Bob\t1\t2",
  "Ann\t1\tBob\t1",
  "Bob\t2\tCid\t1",
  "Cid\t1\t2",
  "Bob\t2\t1",
  "Ann\t2\tCid\t2",
  "Ann\t1\tCid\t1",
].join("\n");

async function lfw(
  photos: Readonly<Record<string, Colour | Uint8Array>> = PHOTOS,
  pairs = PAIRS,
  between = "",
): Promise<LfwOptions> {
  const entries = Object.entries(photos).map(([name, colour]) => [`${between}${name}`, colour]);
  const data = await photoFolder(Object.fromEntries(entries));
  await writeFile(join(data, "pairs.txt"), pairs);
  return { data, out: await emptyFolder(), pictureSize: 8 };
}

async function evaluated(options: LfwOptions, tools: FakeTools = fakeTools()) {
  const told: PhotoProgress[] = [];
  const report = await evaluateLfw(options, {
    ...tools,
    onProgress: (progress) => told.push(progress),
  });
  const [verification] = report.tables;
  const figures = verification!.rows.map((row) =>
    Object.fromEntries(verification!.columns.map(({ name }, i) => [name, row[i]])),
  );
  return { report, figures, told };
}

describe("identity on LFW", () => {
  it("compares photos once and heads in both directions", async () => {
    const { report, figures } = await evaluated(await lfw());
    expect(figures.map(({ same, different }) => [same, different])).toEqual([
      [4, 4],
      [8, 8],
      [8, 8],
    ]);
    // Cid's second photo looks like Ann: that pair of one person is less alike than that of two.
    const same = [
      cosineOf(PHOTOS["Ann/Ann_0001.jpg"]!, PHOTOS["Ann/Ann_0002.jpg"]!),
      cosineOf(PHOTOS["Cid/Cid_0001.jpg"]!, PHOTOS["Cid/Cid_0002.jpg"]!),
    ];
    const alike = cosineOf(PHOTOS["Ann/Ann_0002.jpg"]!, PHOTOS["Cid/Cid_0002.jpg"]!);
    expect(same[1]).toBeLessThan(alike);
    const worst = report.subjects[0]!;
    expect(worst.subject).toContain("Cid_000");
    expect(worst.figures["wrong by"]).toBeGreaterThan(0);
    const ann = report.subjects.find(({ subject }) => subject.endsWith("Ann_0001 Ann_0002"))!;
    expect(ann.figures["photo - photo"]).toBeCloseTo(same[0]!, 5);
    expect(ann.subject).toBe("1/same/1 Ann_0001 Ann_0002");
    expect(report.charts.map(({ name }) => name)).toEqual([
      "cosines-photo",
      "cosines-frontal",
      "cosines-own",
      "roc",
    ]);
  });

  it("tells the heads from the front from those on the photos", async () => {
    const tools = fakeTools({ blend: [220, 60, 60] });
    const { report, figures } = await evaluated(await lfw(), tools);
    expect(figures[2]!.AUC).toBe(figures[0]!.AUC);
    expect(figures[1]!.AUC).not.toBe(figures[0]!.AUC);
    const bob = report.subjects.find(({ subject }) => subject.endsWith("Bob_0001 Bob_0002"))!;
    expect(bob.figures["front 1 - photo 2"]).toBeCloseTo(
      cosineOf([140, 140, 60], PHOTOS["Bob/Bob_0002.jpg"]!),
      5,
    );
    expect(bob.figures["front 2 - photo 1"]).toBeCloseTo(
      cosineOf([145, 130, 70], PHOTOS["Bob/Bob_0001.jpg"]!),
      5,
    );
  });

  it("refuses pairs with a photo that shows no face, and tells of it", async () => {
    const photos = {
      ...PHOTOS,
      "Ann/Ann_0001.jpg": FACELESS,
      "Bob/Bob_0002.jpg": UNFITTABLE,
    };
    const { report, figures, told } = await evaluated(await lfw(photos));
    expect(figures.map((row) => [row["refused, same"], row["refused, different"]])).toEqual([
      [1, 2],
      // Bob's second photo is known, but there is no head of it: half of three comparisons.
      [2 + 2, 4 + 1],
      [2 + 2, 4 + 1],
    ]);
    expect(report.problems.map(({ subject }) => subject)).toEqual(["Ann_0001", "Bob_0002"]);
    expect(told.filter(({ problem }) => problem).map(({ name }) => name)).toEqual([
      "Ann_0001",
      "Bob_0002",
    ]);
    const refused = report.subjects.find(({ subject }) => subject.includes("Ann_0001 Ann_0002"))!;
    expect(refused.figures["photo - photo"]).toBeNaN();
  });

  it("leaves pairs out whose photos are missing or no pictures, and goes on", async () => {
    const { "Bob/Bob_0001.jpg": _, ...photos } = PHOTOS;
    const broken = { ...photos, "Cid/Cid_0002.jpg": new Uint8Array(100) };
    const pairs = PAIRS.replace("Ann\t1\tBob\t1", "Ann\t1\tDan\t1").replace("Bob\t2\t1", "Bob\t2");
    const { report, figures } = await evaluated(await lfw(broken, pairs));
    expect(figures[0]).toMatchObject({ same: 1, different: 2 });
    const text = report.problems.map(({ subject, problem }) => `${subject}: ${problem}`).join("\n");
    expect(text).toContain("Line 7 of ");
    expect(text).toMatch(/Bob_0001: .* names a photo Bob_0001.jpg/);
    expect(text).toMatch(/Dan_0001: .* names a person Dan/);
    expect(text).toContain("Cid_0002: ");
    expect(report.protocol.join()).toContain("3 of the list's 8 pairs");
  });

  it.each(["lfw/", "lfw-deepfunneled/", "lfw-deepfunneled/lfw-deepfunneled/"])(
    "finds the people in %s as well",
    async (between) => {
      const { figures } = await evaluated(await lfw(PHOTOS, PAIRS, between));
      expect(figures[0]).toMatchObject({ same: 4, different: 4 });
    },
  );

  it("may be asked for a part, and says so", async () => {
    const options = await lfw();
    const tools = fakeTools();
    const { report, figures } = await evaluated({ ...options, folds: 1, limit: 1 }, tools);
    expect(figures[0]).toMatchObject({ same: 1, different: 1 });
    expect(figures[0]).toMatchObject({ "accuracy, 1 folds": null });
    expect(tools.fitted.sort()).toEqual(["Ann_0001.jpg", "Ann_0002.jpg", "Bob_0001.jpg"]);
    expect(report.protocol.join()).toContain("A PART OF THE BENCHMARK: 2 of the list's 8 pairs");
    await expect(evaluated({ ...options, folds: 0 })).rejects.toThrow("whole number from 1 to 2");
  });
});

describe("the judge", () => {
  it("must be another network than the fit's, unless that is allowed", async () => {
    const options = await lfw();
    const tools = fakeTools({ fittedWith: true });
    await expect(evaluateLfw(options, tools)).rejects.toMatchObject({ code: "usage" });
    expect(tools.fitted).toEqual([]);
    const { report } = await evaluated({ ...options, allowSameNetwork: true }, tools);
    expect(report.protocol.join()).toContain("THE NETWORK IT WAS FITTED WITH");
  });
});

describe("an interrupted run", () => {
  it("goes on where it was, with the same report", async () => {
    const whole = await evaluated(await lfw());
    const options = await lfw();
    const first = fakeTools();
    const abort = new AbortController();
    const stopped = evaluateLfw(options, {
      ...first,
      signal: abort.signal,
      onProgress: ({ done }) => done === 2 && abort.abort(new Error("stopped")),
    });
    await expect(stopped).rejects.toThrow("stopped");
    expect(first.fitted).toHaveLength(2);
    const second = fakeTools();
    const { report, told } = await evaluated(options, second);
    expect(second.fitted).toHaveLength(4);
    expect(told.map(({ kept }) => kept)).toEqual([true, true, false, false, false, false]);
    expect(report).toEqual(whole.report);
  });

  it("fits again where the photo, the fit, the judge or the texture changed", async () => {
    const options = await lfw();
    await evaluated(options);
    const again = async (tools: FakeTools, more: Partial<LfwOptions> = {}) => {
      await evaluated({ ...options, ...more }, tools);
      return tools.fitted.length;
    };
    expect(await again(fakeTools())).toBe(0);
    expect(await again(fakeTools({ key: "other" }))).toBe(6);
    expect(await again(fakeTools(), { texture: "photo" })).toBe(6);
    const tools = fakeTools();
    expect(await again({ ...tools, judge: { ...tools.judge, sha256: "d".repeat(64) } })).toBe(6);
    const other = await encodePng({ width: 8, height: 8, data: new Uint8Array(192).fill(200) });
    await writeFile(join(options.data, "Bob/Bob_0001.jpg"), other);
    expect(await again(fakeTools())).toBe(1);
  });

  it("fits again what was kept and is damaged", async () => {
    const options = await lfw();
    await evaluated(options);
    const work = join(options.out, "work");
    const kept = (await readdir(work)).filter((name) => name.endsWith(".json"));
    await writeFile(join(work, kept[0]!), '{"photo": "AAAA"}');
    await rm(join(work, kept[1]!.replace(".json", "-strip.jpg")));
    const tools = fakeTools();
    await evaluated(options, tools);
    expect(tools.fitted).toHaveLength(2);
  });
});

it("pictures of the worst pairs are in the report's folder", async () => {
  const options = await lfw();
  const { report } = await evaluated({ ...options, pictures: 2 });
  const [first, second, third] = report.subjects;
  expect(third!.pictures).toEqual([]);
  expect(first!.pictures.map(({ title }) => title)).toEqual(first!.subject.split(" ").slice(1));
  for (const { file } of [...first!.pictures, ...second!.pictures]) {
    const bytes = await readFile(join(options.out, file));
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  }
});

it("a folder without any of the photos, and a missing list, are said", async () => {
  const options = await lfw({ "Zoe/Zoe_0001.jpg": [1, 2, 3] });
  await expect(evaluated(options)).rejects.toThrow("holds none of the photos");
  await expect(evaluated({ ...options, pairs: join(options.data, "no.txt") })).rejects.toThrow(
    "There is no file",
  );
});
