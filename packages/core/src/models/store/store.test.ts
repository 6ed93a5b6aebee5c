import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sampleModel } from "../../../test/sample-model.js";
import { writeCompactModel } from "../compact/compact.js";
import {
  addModel,
  dataHome,
  isModelName,
  listModels,
  loadModel,
  removeModel,
  type StoreOptions,
} from "./store.node.js";

const model = sampleModel();
let root: string;
let options: Required<StoreOptions>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ganfit-store-"));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  const home = await mkdtemp(join(root, "home-"));
  const defaultHead = join(home, "default-head.gfm");
  await writeFile(defaultHead, writeCompactModel({ ...model, name: "embedded head" }));
  options = { home: join(home, "data", "ganfit"), defaultHead };
});

describe("the place of a user's data", () => {
  test.each<[Record<string, string>, NodeJS.Platform, string]>([
    [{ GANFIT_HOME: "/x", XDG_DATA_HOME: "/y" }, "linux", "/x"],
    [{ XDG_DATA_HOME: "/y" }, "linux", "/y/ganfit"],
    [{ XDG_DATA_HOME: "relative" }, "linux", "/home/u/.local/share/ganfit"],
    [{ GANFIT_HOME: "" }, "freebsd", "/home/u/.local/share/ganfit"],
    [{ XDG_DATA_HOME: "/y" }, "darwin", "/home/u/Library/Application Support/ganfit"],
    [{ LOCALAPPDATA: "/local" }, "win32", "/local/ganfit"],
    [{}, "win32", "/home/u/AppData/Local/ganfit"],
  ])("%j on %s is %s", (env, platform, expected) => {
    expect(dataHome(env, platform, "/home/u")).toBe(expected);
  });
});

test("names", () => {
  const good = ["a", "bfm2009", "ict-facekit", "flame_2020.v1", "0", "a".repeat(64)];
  const bad = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "A",
    "-a",
    "a-",
    ".a",
    "a.",
    "a b",
    "a\u0000",
    "é",
    "con",
    "nul.x",
    "com1",
    "a".repeat(65),
  ];
  expect(good.filter((name) => !isModelName(name))).toEqual([]);
  expect(bad.filter(isModelName)).toEqual([]);
});

test("keeps, lists, loads and removes models", async () => {
  expect((await listModels(options)).map((m) => m.name)).toEqual(["default"]);
  const path = await addModel("mine", model, options);
  await addModel("another", { ...model, licence: "MIT" }, options);
  expect(path).toBe(join(options.home, "models", "mine.gfm"));
  const listed = await listModels(options);
  expect(listed.map(({ name, embedded }) => [name, embedded])).toEqual([
    ["default", true],
    ["another", false],
    ["mine", false],
  ]);
  expect(listed[1]!.summary).toMatchObject({ name: "another", licence: "MIT" });
  const loaded = await loadModel("mine", options);
  expect(loaded).toMatchObject({ name: "mine", attribution: model.attribution });
  expect(loaded.mean).toEqual(model.mean);
  expect((await loadModel("default", options)).name).toBe("embedded head");
  const part = await loadModel("mine", { ...options, identityModes: 2 });
  expect(part.identity.names.length).toBe(2);
  await removeModel("mine", options);
  expect((await listModels(options)).map((m) => m.name)).toEqual(["default", "another"]);
  await expect(removeModel("mine", options)).rejects.toMatchObject({ code: "usage" });
});

test("loads a file by its path, and says what there is where nothing is found", async () => {
  expect((await loadModel(options.defaultHead, options)).name).toBe("embedded head");
  await addModel("mine", model, options);
  await expect(loadModel("nothing", options)).rejects.toThrow(/there are: default, mine/);
  await expect(loadModel("../nothing", options)).rejects.toMatchObject({ code: "model" });
});

test("refuses to overwrite without force, and leaves nothing half-written", async () => {
  await addModel("mine", model, options);
  const changed = { ...model, attribution: "changed" };
  await expect(addModel("mine", changed, options)).rejects.toMatchObject({ code: "usage" });
  expect((await loadModel("mine", options)).attribution).toBe(model.attribution);
  await addModel("mine", changed, { ...options, force: true });
  expect((await loadModel("mine", options)).attribution).toBe("changed");
  await expect(addModel("bad", { ...model, licence: "" }, options)).rejects.toMatchObject({
    code: "model",
  });
  expect(await readdir(join(options.home, "models"))).toEqual(["mine.gfm"]);
});

test("of several that add one name at once, one succeeds", async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, k) =>
      addModel("race", { ...model, attribution: `writer ${k}` }, options),
    ),
  );
  expect(results.filter((r) => r.status === "fulfilled").length).toBe(1);
  const winner = results.findIndex((r) => r.status === "fulfilled");
  expect((await loadModel("race", options)).attribution).toBe(`writer ${winner}`);
  expect(await readdir(join(options.home, "models"))).toEqual(["race.gfm"]);
});

test("the embedded head's name and bad names are refused", async () => {
  for (const name of ["default", "../escape", "A B", ""]) {
    await expect(addModel(name, model, options)).rejects.toMatchObject({ code: "usage" });
    await expect(removeModel(name, options)).rejects.toMatchObject({ code: "usage" });
  }
});

test("a place that cannot be written to", async () => {
  await writeFile(join(root, "file"), "");
  const blocked = { ...options, home: join(root, "file") };
  await expect(addModel("mine", model, blocked)).rejects.toMatchObject({ code: "output" });
});

test("a damaged model is listed with what is wrong, others stay usable", async () => {
  const path = await addModel("mine", model, options);
  await addModel("other", model, options);
  await writeFile(path, (await readFile(path)).subarray(0, 1000));
  await mkdir(join(options.home, "models", "folder.gfm"));
  await writeFile(join(options.home, "models", "Not A Model.gfm"), "");
  const listed = await listModels(options);
  expect(listed.map(({ name, summary }) => [name, summary === null])).toEqual([
    ["default", false],
    ["folder", true],
    ["mine", true],
    ["other", false],
  ]);
  expect(listed[2]!.error).toMatch(/cut short/);
  await expect(loadModel("mine", options)).rejects.toMatchObject({ code: "model" });
});
