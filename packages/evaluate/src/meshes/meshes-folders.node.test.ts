/** Plan and score on folders of meshes. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { motionAbout, randomNumbers, relief } from "../../test/now-shapes.js";
import { ljsonText, npyBytes, pointRowsText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { plyBytes } from "../files/ply.js";
import { movePoints } from "../geometry/similarity3.js";
import { planMeshes } from "./plan-meshes.node.js";
import { scoreMeshes } from "./score-meshes.node.js";

const { mesh, landmarks } = relief(31, 17);
const motion = motionAbout([0.5, -0.2, 2], [10, 20, 30], 0.8);
const moved = { ...mesh, positions: movePoints(mesh.positions, motion) };
const IDS = [0, 16, 140, 144, 148, 272, 288];

let folder = "";
let truth = "";
let ours = "";
const systems = () => [{ name: "ours", folder: ours }];

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-meshes-"));
  truth = join(folder, "truth");
  ours = join(folder, "ours");
  await put(join(truth, "anna.obj"), objText(mesh));
  await put(join(truth, "bert.PLY"), plyBytes(mesh));
  await put(join(truth, "notes.md"), "not a mesh");
  await put(join(ours, "anna.ply"), plyBytes(moved));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("planMeshes", () => {
  it("pairs meshes by name and tells what is missing", async () => {
    const { tasks, problems } = await planMeshes({ truth, systems: systems() });
    expect(tasks).toEqual([
      {
        protocol: "meshes",
        system: "ours",
        subject: "anna",
        files: [join(truth, "anna.obj"), join(ours, "anna.ply")],
        settings: { align: "similarity", radius: null, millimetresPerUnit: 1, landmarks: null },
      },
    ]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ system: "ours", subject: "bert" });
  });

  it("looks for landmarks beside each mesh, then for a folder's vertices", async () => {
    await put(join(truth, "anna.ljson"), ljsonText(landmarks));
    await put(join(ours, "landmark_ids.txt"), `${IDS.join("\n")}\n`);
    const { tasks } = await planMeshes({ truth, systems: systems() });
    expect(tasks[0]!.settings.landmarks).toEqual({ count: 7, truth: "points", mesh: "ids" });
    expect(tasks[0]!.files.slice(2)).toEqual([
      join(truth, "anna.ljson"),
      join(ours, "landmark_ids.txt"),
    ]);
    const none = await planMeshes({ truth, systems: systems(), align: "none" });
    expect(none.tasks[0]!.settings.landmarks).toEqual({ count: 7, truth: "points", mesh: null });
    await expect(planMeshes({ truth, systems: systems(), landmarks: 9 })).rejects.toThrow(
      "names 7 vertices",
    );
  });

  it("tells whose landmarks are missing", async () => {
    await put(join(ours, "bert.obj"), objText(mesh));
    await put(join(truth, "bert.pts"), pointRowsText(landmarks));
    const { tasks, problems } = await planMeshes({ truth, systems: systems(), landmarks: 7 });
    expect(tasks).toEqual([]);
    expect(problems.map(({ problem }) => problem)).toEqual([
      `${truth} has no landmarks of anna.`,
      `${ours} has no landmarks of bert.`,
    ]);
  });

  it("refuses what makes no sense", async () => {
    const plan = (options: object) => planMeshes({ truth, systems: systems(), ...options });
    await expect(plan({ landmarks: 2 })).rejects.toThrow("three or more");
    await expect(plan({ radius: 95 })).rejects.toThrow("needs 68 landmarks");
    await expect(plan({ radius: -1, landmarks: 68 })).rejects.toThrow("radius of -1");
    await expect(plan({ millimetresPerUnit: 0 })).rejects.toThrow("per unit");
    await expect(plan({ truth: join(folder, "absent") })).rejects.toThrow("no folder");
    await mkdir(join(folder, "empty"));
    await expect(plan({ truth: join(folder, "empty") })).rejects.toThrow("holds no mesh");
  });
});

describe("scoreMeshes", () => {
  const scoreFirst = async (options: object = {}) => {
    const { tasks } = await planMeshes({ truth, systems: systems(), ...options });
    return scoreMeshes(tasks[0]!);
  };

  it("takes vertices of equal numbers for the same without landmarks", async () => {
    const { figures, pooled, errorMaps } = await scoreFirst();
    expect(figures.points).toBe(mesh.positions.length / 3);
    expect(pooled.length).toBe(figures.points);
    for (const name of ["mean", "median", "rms", "p95", "max", "meshToTruth"]) {
      expect(figures[name]).toBeLessThan(1e-4);
    }
    expect(errorMaps[0]!.positions.length).toBe(mesh.positions.length);
    const other = relief(31, 15).mesh;
    await put(join(ours, "anna.ply"), plyBytes(other));
    await expect(scoreFirst()).rejects.toThrow("289 and 225 vertices");
  });

  it("takes landmarks of either kind, in the files' unit", async () => {
    await put(join(truth, "anna.npy"), npyBytes(landmarks));
    await put(join(ours, "anna.txt"), pointRowsText(movePoints(landmarks, motion)));
    const points = await scoreFirst({ landmarks: 7, millimetresPerUnit: 10 });
    expect(points.figures.max).toBeLessThan(1e-3);
    await rm(join(truth, "anna.npy"));
    await rm(join(ours, "anna.txt"));
    for (const place of [truth, ours]) {
      await put(join(place, "landmark_ids.json"), JSON.stringify(IDS));
    }
    const ids = await scoreFirst();
    expect(ids.figures.max).toBeLessThan(1e-4);
    await put(join(ours, "landmark_ids.json"), JSON.stringify([...IDS.slice(1), 289]));
    await expect(scoreFirst()).rejects.toThrow("vertex 289 of a mesh with 289");
  });

  it("measures millimetres where nothing is moved", async () => {
    const up = mesh.positions.map((value, i) => (i % 3 === 2 ? value + 0.01 : value));
    await put(join(ours, "anna.ply"), plyBytes({ ...mesh, positions: up }));
    const { figures } = await scoreFirst({ align: "none", millimetresPerUnit: 1000 });
    expect(figures.max).toBeLessThan(10.01);
    expect(figures.max).toBeGreaterThan(9);
    expect(figures.mean).toBeGreaterThan(5);
    expect(figures.median).toBeLessThan(figures.p95!);
    expect(figures.rms).toBeGreaterThan(figures.mean!);
  });

  it("measures about the nose tip alone, and draws the face from the front", async () => {
    const random = randomNumbers(3);
    const points = Float64Array.from({ length: 204 }, () => 100 * random() - 50);
    points.set(mesh.positions.subarray(3 * 140, 3 * 141), 90);
    await put(join(truth, "anna.ljson"), ljsonText(points));
    await put(join(ours, "anna.ljson"), ljsonText(movePoints(points, motion)));
    const { figures, pooled, errorMaps } = await scoreFirst({ landmarks: 68, radius: 40 });
    const tip = mesh.positions.subarray(3 * 140, 3 * 141);
    const near = Array.from({ length: mesh.positions.length / 3 }, (_, v) =>
      Math.hypot(...tip.map((value, k) => value - mesh.positions[3 * v + k]!)),
    ).map((distance) => distance <= 40);
    expect(figures.points).toBe(near.filter(Boolean).length);
    expect(pooled.length).toBeGreaterThan(5);
    expect(pooled.length).toBeLessThan(near.length / 2);
    expect([...errorMaps[0]!.errors].map((error) => !Number.isNaN(error))).toEqual(near);
    expect(errorMaps[0]!.positions).not.toEqual(mesh.positions);
  });
});
