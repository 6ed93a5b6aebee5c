import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type FaceNetworks,
  GanfitError,
  type Image,
  loadFaceNetworks,
  loadModel,
  loadUvFrame,
  type MorphableModel,
  readImage,
  type UvFrame,
  writeImage,
} from "@ganfit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../safetensors.js";
import { buildDataset, type DatasetBuild, type DatasetProgress } from "./dataset-builder.node.js";
import { loadDataset } from "./dataset-reader.node.js";
import type { DatasetManifest } from "./manifest.js";
import { listPhotos, type PhotoListOptions } from "./photo-list.node.js";
import { parseSources } from "./photo-sources.js";

const PORTRAIT = fileURLToPath(new URL("../../../../examples/portrait.png", import.meta.url));
const SIZE = 16;
/** Unwrapping takes a second a photo, on a busy machine several; milliseconds. */
const SLOWEST = 240_000;
const root = mkdtempSync(join(tmpdir(), "ganfit-dataset-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const photos = join(root, "people");

let model: MorphableModel;
let frame: UvFrame;
let networks: FaceNetworks & { dispose(): Promise<void> };
/** Of three variants of one portrait, three pictures that are no use, made without a break. */
let whole: DatasetManifest;
const out = join(root, "whole");

async function build(
  folder: string,
  list: PhotoListOptions = {},
  options: Partial<DatasetBuild> = {},
): Promise<DatasetManifest> {
  const found = await listPhotos([photos], list);
  const common = { size: SIZE, model, frame, networks, tool: "test" };
  return buildDataset({ photos: found, out: folder, ...common, ...options });
}

/** Every pixel from another one of the picture, or from none, which is grey. */
function rearranged(
  { width, height, data }: Image,
  size: { width: number; height: number },
  from: (x: number, y: number) => readonly [x: number, y: number],
): Image {
  const moved = new Uint8Array(size.width * size.height * 3).fill(128);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const [u, v] = from(x, y);
      if (u < 0 || v < 0 || u >= width || v >= height) continue;
      const at = 3 * (v * width + u);
      moved.set(data.subarray(at, at + 3), 3 * (y * size.width + x));
    }
  }
  return { ...size, data: moved };
}

function recoloured(image: Image, gains: readonly number[]): Image {
  return { ...image, data: image.data.map((value, i) => Math.round(value * gains[i % 3]!)) };
}

beforeAll(async () => {
  model = await loadModel("default");
  frame = await loadUvFrame();
  networks = await loadFaceNetworks();
  mkdirSync(photos);
  const { width, height, data } = await readImage(PORTRAIT);
  const portrait = { width, height, data };
  const write = (name: string, image: Image) => writeImage(join(photos, name), image);
  await write("a.png", portrait);
  await write(
    "b.png",
    rearranged(portrait, portrait, (x, y) => [width - 1 - x, y]),
  );
  await write("c.png", recoloured(portrait, [0.8, 0.8, 0.8]));
  await write(
    "grey.png",
    rearranged(portrait, portrait, () => [-1, -1]),
  );
  await write("red.png", recoloured(portrait, [1, 0.75, 0.75]));
  const two = { width: 2 * width, height };
  await write(
    "two.png",
    rearranged(portrait, two, (x, y) => [x % width, y]),
  );
  writeFileSync(join(photos, "cut.png"), readFileSync(PORTRAIT).subarray(0, 20_000));
  whole = await build(out);
}, SLOWEST);
afterAll(() => networks.dispose());

const bytesOf = (folder: string, name: string) => readFileSync(join(folder, name));

describe("buildDataset", () => {
  it("makes complete maps of the photos that are good, and says why of the others", async () => {
    expect(whole.maps.map(({ id }) => id)).toEqual(["people-a", "people-b", "people-c"]);
    const reasons = Object.fromEntries(whole.rejected.map(({ photo, reason }) => [photo, reason]));
    expect(reasons).toEqual({
      "people/cut.png": expect.stringMatching(/truncated|cut off|ends/i),
      "people/grey.png": expect.stringMatching(/shows no face that is 40 pixels wide/),
      "people/red.png": expect.stringMatching(/light is coloured/),
      "people/two.png": expect.stringMatching(/several faces/),
    });
    const { maps, mean, seen, manifest } = await loadDataset(out);
    expect(manifest).toEqual(whole);
    expect(mean.colour.length).toBe(SIZE * SIZE * 3);
    expect(Math.max(...seen)).toBeGreaterThan(0.9);
    for (const { colour, confidence, person, id } of maps) {
      expect([colour.length, confidence.length]).toEqual([SIZE * SIZE * 3, SIZE * SIZE]);
      expect(person).toBe(id.replace("-", "/"));
      // Skin all over, the back of the head included, whatever the photo shows.
      for (let i = 0; i < SIZE; i++) expect(colour[3 * i]).toBeGreaterThan(colour[3 * i + 2]!);
      expect([Math.min(...confidence), Math.max(...confidence)]).toEqual([0, 1]);
    }
    const picture = await readImage(join(out, "contact-sheet.png"));
    expect(picture.width).toBeGreaterThan(256);
  });

  it("maps a mirrored photo to the mirrored texture, and a darker one to a darker", async () => {
    const { maps } = await loadDataset(out);
    const [a, b, c] = maps as [(typeof maps)[0], (typeof maps)[0], (typeof maps)[0]];
    let [mirror, plain, count] = [0, 0, 0];
    for (let i = 0; i < SIZE * SIZE; i++) {
      const other = i - (i % SIZE) + SIZE - 1 - (i % SIZE);
      if (a.confidence[i]! < 0.5 || b.confidence[other]! < 0.5) continue;
      mirror += Math.abs(a.colour[3 * i]! - b.colour[3 * other]!);
      plain += Math.abs(a.colour[3 * i]! - b.colour[3 * i]!);
      count++;
    }
    expect(count).toBeGreaterThan(20);
    expect(mirror / count).toBeLessThan(0.05);
    expect(mirror).toBeLessThan(plain);
    const [tone, dark] = [whole.maps[0]!.skinTone, whole.maps[2]!.skinTone];
    expect(dark[0] / tone[0]).toBeCloseTo(0.8, 1);
    expect(c.id).toBe("people-c");
  });

  it("makes nothing again when all is there, and only the photo that changed", async () => {
    const folder = join(root, "again");
    await cp(out, folder, { recursive: true });
    const times = () =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => /shard|mean|unwrapped\//.test(name))
        .map((name) => [name, statSync(join(folder, name)).mtimeMs] as const);
    const before = times();
    const stages = new Set<DatasetProgress["stage"]>();
    const onProgress = ({ stage }: DatasetProgress) => stages.add(stage);
    expect(await build(folder, {}, { onProgress })).toEqual(whole);
    expect(times()).toEqual(before);
    expect(stages).toEqual(new Set(["unwrap", "complete"]));
    // As if another photo were under c's name now.
    const record = join(folder, "unwrapped/people-c-16.json");
    const changed = { ...JSON.parse(readFileSync(record, "utf8")), photo: "0".repeat(64) };
    writeFileSync(record, JSON.stringify(changed));
    expect(await build(folder)).toEqual(whole);
    const later = times().filter(([, time], i) => time !== before[i]![1]);
    expect(later.map(([name]) => name)).toEqual(
      expect.arrayContaining([expect.stringContaining("people-c-16.json")]),
    );
    expect(later.some(([name]) => /people-[ab]/.test(name))).toBe(false);
  });

  it(
    "goes on where it was cut off, to the same end",
    async () => {
      for (const last of ["unwrap", "light", "complete"] as const) {
        const folder = join(root, `cut-${last}`);
        if (last !== "unwrap") {
          await cp(join(out, "unwrapped"), join(folder, "unwrapped"), { recursive: true });
        }
        const abort = new AbortController();
        const onProgress = ({ stage }: DatasetProgress) => {
          if (stage === last) abort.abort(new GanfitError("cancelled", "interrupted"));
        };
        const options = { signal: abort.signal, onProgress };
        await expect(build(folder, {}, options)).rejects.toMatchObject({ code: "cancelled" });
        const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
        expect(left.filter((name) => /manifest|\.ganfit/.test(name))).toEqual([]);
        await expect(loadDataset(folder)).rejects.toMatchObject({ code: "usage" });
        expect(await build(folder)).toEqual(whole);
        for (const name of ["shard-000.safetensors", "mean.safetensors"]) {
          expect(bytesOf(folder, name).equals(bytesOf(out, name))).toBe(true);
        }
      }
    },
    SLOWEST,
  );

  it("takes over textures unwrapped elsewhere", async () => {
    const folder = join(root, "taken");
    const unwrapped = join(folder, "unwrapped");
    await cp(join(out, "unwrapped"), unwrapped, { recursive: true });
    const record = join(unwrapped, "people-a-16.json");
    const { identity, expression, camera, error } = JSON.parse(readFileSync(record, "utf8"));
    writeFileSync(record, JSON.stringify({ identity, expression, camera, error }));
    const picture = statSync(join(unwrapped, "people-a-16.png")).mtimeMs;
    const { maps } = await build(folder);
    expect(maps.map(({ id }) => id)).toEqual(whole.maps.map(({ id }) => id));
    expect(maps[0]!.seen).toBeCloseTo(whole.maps[0]!.seen, 2);
    expect(statSync(join(unwrapped, "people-a-16.png")).mtimeMs).toBe(picture);
  });

  it("never shows who is excluded, not even beside older maps of theirs", async () => {
    const folder = join(root, "excluded");
    await cp(out, folder, { recursive: true });
    const { maps, rejected } = await build(folder, { exclude: new Set(["b"]) });
    expect(maps.map(({ id }) => id)).toEqual(["people-a", "people-c"]);
    expect(rejected.map(({ photo }) => photo)).not.toContain("people/b.png");
    const { tensors } = decodeSafetensors(new Uint8Array(bytesOf(folder, "shard-000.safetensors")));
    expect(Object.keys(tensors).filter((name) => name.includes("people-b"))).toEqual([]);
  });

  it("completes held-out people by the mean of others", async () => {
    const folder = join(root, "held-out");
    await cp(join(out, "unwrapped"), join(folder, "unwrapped"), { recursive: true });
    await build(folder, { only: new Set(["c"]) }, { meanOf: out });
    const [theirs, given] = [await loadDataset(folder), await loadDataset(out)];
    expect(theirs.mean).toEqual(given.mean);
    expect(theirs.maps.map(({ id }) => id)).toEqual(["people-c"]);
    expect(theirs.maps[0]!.colour).toEqual(given.maps[2]!.colour);
    await expect(build(join(root, "other"), {}, { meanOf: out, size: 32 })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/16 x 16/),
    });
  });

  it("says where photos are from and takes their cast out", async () => {
    const folder = join(root, "sources");
    await cp(join(out, "unwrapped"), join(folder, "unwrapped"), { recursive: true });
    const source = { folder: "people", licence: "CC0-1.0", attribution: "NASA" };
    const balance = { whiteBalance: [0.9, 1, 1.1], person: "people/(.)" };
    const sources = parseSources(JSON.stringify([{ ...source, ...balance }]), "s.json");
    const { maps } = await build(folder, { sources, only: new Set(["people/a"]) });
    expect(maps).toMatchObject([{ person: "a", licence: "CC0-1.0", attribution: "NASA" }]);
    const tone = whole.maps[0]!.skinTone;
    maps[0]!.skinTone.forEach((value, c) => {
      expect(value / tone[c]!).toBeCloseTo([0.9, 1, 1.1][c]!, 1);
    });
  });

  it("fails in one sentence where there is nothing to make maps of", async () => {
    const grey = { only: new Set(["grey"]) };
    await expect(build(join(root, "none"), grey)).rejects.toMatchObject({
      code: "no-face",
      message: expect.stringMatching(/None of the 1 photos.*people\/grey\.png: it shows no face/),
    });
    const nobody = { only: new Set(["nobody"]) };
    await expect(build(join(root, "none"), nobody)).rejects.toMatchObject({ code: "usage" });
    await expect(build(join(root, "none"), {}, { size: 48 })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

describe("loadDataset", () => {
  async function damaged(change: (folder: string) => void): Promise<unknown> {
    const folder = mkdtempSync(join(root, "damaged-"));
    await cp(out, folder, { recursive: true });
    change(folder);
    return loadDataset(folder).catch((error) => error);
  }
  const usage = (message: RegExp) =>
    expect.objectContaining({ code: "usage", message: expect.stringMatching(message) });
  const SHARD = "shard-000.safetensors";

  it("refuses shards that are absent, cut off, or outside of the folder", async () => {
    expect(await damaged((folder) => rmSync(join(folder, SHARD)))).toEqual(usage(/ENOENT/));
    const cut = (folder: string) =>
      writeFileSync(join(folder, SHARD), bytesOf(folder, SHARD).subarray(0, 3000));
    expect(await damaged(cut)).toEqual(usage(/shard-000/));
    const outside = (folder: string) => {
      const text = bytesOf(folder, "manifest.json").toString();
      writeFileSync(join(folder, "manifest.json"), text.replaceAll(SHARD, `../whole/${SHARD}`));
    };
    expect(await damaged(outside)).toEqual(usage(/maps\.0\.shard/));
  });

  it("refuses maps that are absent or of another shape", async () => {
    const shape = (folder: string) => {
      const file = decodeSafetensors(new Uint8Array(bytesOf(folder, SHARD)));
      const colour = file.tensors["people-b.colour"]!;
      const tensors = {
        ...file.tensors,
        "people-b.colour": { ...colour, shape: [3, SIZE, SIZE] },
      };
      writeFileSync(join(folder, SHARD), encodeSafetensors({ ...file, tensors }));
    };
    expect(await damaged(shape)).toEqual(usage(/people-b\.colour/));
    const other = (folder: string) => {
      const text = bytesOf(folder, "manifest.json").toString();
      writeFileSync(join(folder, "manifest.json"), text.replace('"people-b"', '"constructor"'));
    };
    expect(await damaged(other)).toEqual(usage(/constructor\.colour.*absent/));
  });

  it("refuses a mean with numbers that are none", async () => {
    const mean = (folder: string) => {
      const bytes = new Uint8Array(bytesOf(folder, "mean.safetensors"));
      const file = decodeSafetensors(bytes);
      file.tensors.colour!.data[5] = Number.NaN;
      writeFileSync(join(folder, "mean.safetensors"), encodeSafetensors(file));
    };
    expect(await damaged(mean)).toEqual(usage(/finite/));
  });
});
