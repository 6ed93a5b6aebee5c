import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planRealy } from "./plan-realy.node.js";
import { parsePredictionName } from "./prediction-names.js";

let root = "";
const put = async (path: string, text = "") => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
const ROWS = JSON.stringify(Array.from({ length: 85 }, () => [0, 0, 0]));

/** Subjects 1, 2 and 10 whole, 3 without its cheek, 4 without keypoints, 12 without a scale. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "realy-plan-"));
  await put(
    "data/metrical_scale.txt",
    Array.from({ length: 11 }, (_, i) => `${i + 1}e0\n`).join(""),
  );
  await put("data/T.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
  await put("data/T.txt", ROWS);
  for (const id of [1, 2, 3, 4, 10, 12]) {
    if (id !== 4) await put(`data/REALY_HIFI3D_keypoints/${id}.obj`);
    for (const region of ["nose", "mouth", "forehead", "cheek"]) {
      if (id !== 3 || region !== "cheek") await put(`data/REALY_scan_region/${id}/${region}.obj`);
    }
  }
  for (const name of ["10", "2", "1", "3", "4", "12", "1_10", "1_9", "10_1", "mean"]) {
    await put(`ours/${name}.obj`);
  }
  await put("ours/readme.txt");
});
afterEach(() => rm(root, { recursive: true }));

const plan = (more: Partial<Parameters<typeof planRealy>[0]> = {}) =>
  planRealy({
    data: join(root, "data"),
    systems: [{ name: "ours", folder: join(root, "ours") }],
    topology: "T",
    ...more,
  });

describe("planRealy", () => {
  test("tasks in REALY's order, with files in their roles", async () => {
    const { tasks } = await plan();
    expect(tasks.map(({ subject }) => subject)).toEqual(["1", "2", "10"]);
    const { files, settings, system, protocol } = tasks[2]!;
    expect({ system, protocol }).toEqual({ system: "ours", protocol: "realy" });
    const file = (role: number) => files[role]!.slice(root.length + 1);
    const { roles } = settings;
    expect(file(roles.prediction)).toBe("ours/10.obj");
    expect(file(roles.topologyMesh)).toBe("data/T.obj");
    expect(file(roles.topologyRows)).toBe("data/T.txt");
    expect(file(roles.keypoints)).toBe("data/REALY_HIFI3D_keypoints/10.obj");
    expect(file(roles.regions.nose)).toBe("data/REALY_scan_region/10/nose.obj");
    expect(file(roles.regions.cheek)).toBe("data/REALY_scan_region/10/cheek.obj");
    expect(roles.mask).toBeNull();
    expect(settings.millimetres).toBe(10);
  });

  test("what is missing is a problem, and the rest is planned", async () => {
    await rm(join(root, "ours/2.obj"));
    const { tasks, problems } = await plan();
    expect(tasks.map(({ subject }) => subject)).toEqual(["1", "10"]);
    const text = Object.fromEntries(problems.map(({ subject, problem }) => [subject, problem]));
    expect(Object.keys(text).sort()).toEqual(["12", "2", "3", "4", "mean.obj"]);
    expect(text["2"]).toMatch(/ours holds no prediction 2\.obj/);
    expect(text["3"]).toMatch(/scan region .*cheek\.obj is missing/);
    expect(text["4"]).toMatch(/keypoints .*4\.obj are missing/);
    expect(text["12"]).toMatch(/11 numbers, none for subject 12/);
    expect(text["mean.obj"]).toMatch(/not named after a subject/);
  });

  test("a file where a scan's folder should be is that subject's problem alone", async () => {
    await rm(join(root, "data/REALY_scan_region/2"), { recursive: true });
    await put("data/REALY_scan_region/2");
    const { tasks, problems } = await plan();
    expect(tasks.map(({ subject }) => subject)).toEqual(["1", "10"]);
    expect(problems.find(({ subject }) => subject === "2")!.problem).toMatch(
      /nose\.obj is missing/,
    );
  });

  test("side views are several for each subject", async () => {
    const { tasks, problems } = await plan({ view: "side" });
    expect(tasks.map(({ subject }) => subject)).toEqual(["1_9", "10_1", "1_10"].sort(byDigits));
    expect(tasks.map(({ settings }) => settings.millimetres).sort()).toEqual([1, 1, 10]);
    expect(problems.find(({ subject }) => subject === "2")?.problem).toMatch(/2_<k>\.obj/);
  });

  test("systems may have topologies and masks of their own", async () => {
    await put("own/head.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
    await put("own/head.txt", ROWS);
    await put("mask.txt", "1,1,1");
    const system = {
      name: "masked",
      folder: join(root, "ours"),
      topology: join(root, "own/head.obj"),
      mask: join(root, "mask.txt"),
    };
    const { tasks } = await plan({ systems: [system] });
    const { files, settings } = tasks[0]!;
    expect(files[settings.roles.topologyRows]).toBe(join(root, "own/head.txt"));
    expect(files[settings.roles.mask!]).toBe(join(root, "mask.txt"));
  });

  test("what concerns everything is an error", async () => {
    const systems = [{ name: "ours", folder: join(root, "nowhere") }];
    await expect(plan({ systems })).rejects.toThrow(/nowhere/);
    await expect(plan({ data: join(root, "none") })).rejects.toThrow(/REALY_HIFI3D_keypoints/);
    await expect(plan({ topology: "U" })).rejects.toThrow(/U\.txt/);
    const { topology: _, ...untold } = { data: join(root, "data"), topology: "", systems: [] };
    await expect(
      planRealy({ ...untold, systems: [{ name: "ours", folder: join(root, "ours") }] }),
    ).rejects.toThrow(/ours has no topology/);
    await put("data/metrical_scale.txt", "1\n-2\n");
    await expect(plan()).rejects.toThrow(/number 2 is "-2"/);
  });
});

const byDigits = (a: string, b: string) => Number(a.replace("_", "")) - Number(b.replace("_", ""));

test("names of predictions", () => {
  expect(parsePredictionName("7.obj")).toMatchObject({ id: 7, view: "frontal", subject: "7" });
  expect(parsePredictionName("7_12.obj")).toMatchObject({ id: 7, view: "side", order: 712 });
  for (const name of ["0.obj", "a.obj", "1_2_3.obj", "1.ply", "1234567.obj", "-1.obj"]) {
    expect(parsePredictionName(name)).toBeNull();
  }
});
