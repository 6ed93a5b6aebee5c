import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SurfaceIndex } from "@ganfit/core";
import { afterAll, describe, expect, test } from "vitest";
import { readLandmarks, readVertexIds } from "../src/files/read-landmarks.node.js";
import { readMesh } from "../src/files/read-mesh.node.js";
import { alignPoints, movePoints } from "../src/geometry/similarity3.js";
import { planMicc } from "../src/micc/plan-micc.node.js";
import { planNow } from "../src/now/plan-now.node.js";
import { planRealy } from "../src/realy/plan-realy.node.js";
import { readRealyPoints } from "../src/realy/read-realy-points.node.js";
import { REALY_REGIONS } from "../src/realy/realy-regions.js";
import { readTopology } from "../src/realy/topology.node.js";
import { makeMiccStandIn } from "../src/standin/micc-standin.node.js";
import { makeNowStandIn } from "../src/standin/now-standin.node.js";
import { makeRealyStandIn } from "../src/standin/realy-standin.node.js";
import { STAND_IN_SYSTEMS } from "../src/standin/systems.js";
import { filesIn, hashesOf, readTruth } from "./standin-folders.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-standin-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const place = (name: string) => join(root, name);

const SMALL = { seed: 21, subjects: 2, vertices: 2000 };
const NEEDED = ["truth", "moved", "displaced", "mean-face"];

/** Distance of `moved` from the truth after the similarity between them, in the truth's millimetres. */
async function apart(folder: string, name: string): Promise<number> {
  const [truth, moved] = await Promise.all(
    ["truth", "moved"].map((system) => readMesh(join(folder, `systems/${system}/${name}.obj`))),
  );
  const motion = alignPoints(moved!.positions, truth!.positions);
  const back = movePoints(moved!.positions, motion);
  return Math.max(...back.map((value, i) => Math.abs(value - truth!.positions[i]!)));
}

/** Mean distance between vertices of two systems that lie within 95 mm of the truth's landmark. */
async function displacement(folder: string, name: string, nose: ArrayLike<number>) {
  const [truth, displaced] = await Promise.all(
    ["truth", "displaced"].map((system) => readMesh(join(folder, `systems/${system}/${name}.obj`))),
  );
  let [sum, count] = [0, 0];
  for (let v = 0; v < truth!.positions.length; v += 3) {
    const p = truth!.positions.subarray(v, v + 3);
    if (Math.hypot(p[0]! - nose[0]!, p[1]! - nose[1]!, p[2]! - nose[2]!) >= 95) continue;
    const q = displaced!.positions.subarray(v, v + 3);
    sum += Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!, p[2]! - q[2]!);
    count++;
  }
  return sum / count;
}

/** Largest distance of points from a scan's surface. */
function off(points: Float64Array, mesh: { positions: Float64Array; triangles: Uint32Array }) {
  const index = new SurfaceIndex(mesh.positions, mesh.triangles);
  let most = 0;
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = points.subarray(i, i + 3);
    most = Math.max(most, index.closest(x!, y!, z!)!.distance);
  }
  return most;
}

describe("MICC", async () => {
  const folder = place("micc");
  const told: number[][] = [];
  await makeMiccStandIn(folder, { ...SMALL, onProgress: (...counts) => told.push(counts) });
  const truth = readTruth(folder);
  const scans = truth.subjects.flatMap(
    (subject: { scans: { file: string; noise: number }[] }) => subject.scans,
  );

  test("has the files of the layout and no others", () => {
    const stems = scans.map(({ file }: { file: string }) => file.replace(/\.obj$/, ""));
    expect(stems.map((stem: string) => stem.replace(/\/\d{12}$/, ""))).toEqual([
      "subject_01/Model/frontal1/obj",
      "subject_01/Model/frontal2/obj",
      "subject_02/Model/frontal1/obj",
    ]);
    const names = ["subject_01", "subject_02"].flatMap((subject) =>
      ["Indoor-Cooperative", "PTZ-Indoor", "PTZ-Outdoor"].map((setting) => `${subject}/${setting}`),
    );
    expect(filesIn(folder)).toEqual(
      [
        ...stems.flatMap((stem: string) => [`dataset/${stem}.obj`, `landmarks/${stem}.ljson`]),
        "landmark_ids.json",
        "template.obj",
        "truth.json",
        ...NEEDED.flatMap((system) => [
          `systems/${system}/landmark_ids.json`,
          ...names.map((name) => `systems/${system}/${name}.obj`),
        ]),
      ].sort(),
    );
    expect(told).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test("is planned without problems", async () => {
    const systems = STAND_IN_SYSTEMS.map((name) => ({
      name,
      folder: join(folder, "systems", name),
    }));
    const plan = await planMicc({
      protocol: "deep3d",
      landmarks: join(folder, "landmarks"),
      data: join(folder, "dataset"),
      template: join(folder, "template.obj"),
      templateIds: join(folder, "landmark_ids.json"),
      systems,
    });
    expect(plan.problems).toEqual([]);
    expect(plan.tasks.length).toBe(4 * 2 * 3);
  });

  test("has landmarks on its scans and on its template", async () => {
    for (const { file, noise } of scans) {
      const mesh = await readMesh(join(folder, "dataset", file));
      const points = await readLandmarks(
        join(folder, "landmarks", file.replace(/obj$/, "ljson")),
        68,
      );
      expect(noise).toBe(0.2);
      expect(off(points, mesh)).toBeLessThan(3 * noise);
    }
    const template = await readMesh(join(folder, "template.obj"));
    const ids = await readVertexIds(join(folder, "landmark_ids.json"));
    expect(template.positions.length / 3).toBe(SMALL.vertices);
    expect(ids.length).toBe(68);
    // The tip of the nose is in front of all other landmarks.
    const depth = Array.from(ids, (v) => template.positions[3 * v + 2]!);
    expect(depth.indexOf(Math.max(...depth))).toBe(30);
  });

  test("has systems whose errors are what truth.json says", async () => {
    const name = "subject_02/PTZ-Indoor";
    expect(await apart(folder, name)).toBeLessThan(1e-6);
    const { positions } = await readMesh(join(folder, `systems/truth/${name}.obj`));
    const ids = await readVertexIds(join(folder, "landmark_ids.json"));
    const nose = positions.subarray(3 * ids[30]!, 3 * ids[30]! + 3);
    const told = truth.subjects[1].reconstructions["PTZ-Indoor"].displacement.mean;
    expect(told).toBeCloseTo(1.5, 9);
    // The vertex nearest to the tip is not quite the tip.
    expect(await displacement(folder, name, nose)).toBeCloseTo(told, 1);
  });
});

describe("REALY", async () => {
  const folder = place("realy");
  await makeRealyStandIn(folder, SMALL);
  const truth = readTruth(folder);

  test("has the files of the layout and no others", () => {
    expect(filesIn(folder)).toEqual(
      [
        ...["GANFIT.obj", "GANFIT.txt", "metrical_scale.txt", "truth.json"],
        ...["1", "2"].flatMap((id) => [
          `REALY_HIFI3D_keypoints/${id}.obj`,
          ...REALY_REGIONS.map((region) => `REALY_scan_region/${id}/${region}.obj`),
          ...NEEDED.map((system) => `systems/${system}/${id}.obj`),
        ]),
      ].sort(),
    );
  });

  test("is planned without problems", async () => {
    const systems = STAND_IN_SYSTEMS.map((name) => ({
      name,
      folder: join(folder, "systems", name),
    }));
    const plan = await planRealy({ data: folder, systems, topology: "GANFIT" });
    expect(plan.problems).toEqual([]);
    expect(plan.tasks.length).toBe(4 * 2);
  });

  test("has regions, keypoints and scales that fit each other and the truth", async () => {
    const topology = await readTopology(join(folder, "GANFIT.obj"), join(folder, "GANFIT.txt"));
    const scales = readFileSync(join(folder, "metrical_scale.txt"), "utf8").trim().split("\n");
    expect(scales.length).toBe(2);
    for (const id of [1, 2]) {
      const keypoints = await readRealyPoints(join(folder, `REALY_HIFI3D_keypoints/${id}.obj`));
      expect(keypoints.length).toBe(3 * 85);
      const head = await readMesh(join(folder, `systems/truth/${id}.obj`));
      expect(head.positions.length / 3).toBe(topology.vertexCount);
      const own = new Float64Array(keypoints.length);
      own.forEach((_, i) => {
        for (let c = 0; c < 3; c++) {
          const vertex = topology.corners[3 * Math.floor(i / 3) + c]!;
          own[i]! +=
            topology.weights[3 * Math.floor(i / 3) + c]! * head.positions[3 * vertex + (i % 3)]!;
        }
      });
      const motion = alignPoints(keypoints, own);
      const unit = Number(scales[id - 1]);
      expect(unit).toBeGreaterThan(7.3);
      expect(unit).toBeLessThan(9.5);
      expect(motion.scale).toBeCloseTo(unit, 5);
      const index = new SurfaceIndex(head.positions, head.triangles);
      for (const region of REALY_REGIONS) {
        const scan = await readMesh(join(folder, `REALY_scan_region/${id}/${region}.obj`));
        const points = movePoints(scan.positions, motion);
        let sum = 0;
        for (let i = 0; i < points.length; i += 3) {
          const [x, y, z] = points.subarray(i, i + 3);
          sum += index.closest(x!, y!, z!)!.distance;
        }
        // Of Gaussian noise of 0.1 mm the mean absolute value is 0.08.
        expect((3 * sum) / points.length).toBeGreaterThan(0.06);
        expect((3 * sum) / points.length).toBeLessThan(0.1);
      }
    }
    expect(await apart(folder, "1")).toBeLessThan(1e-6);
    const { displacement: mean, regions } = truth.subjects[0].reconstructions;
    expect(mean.mean).toBeCloseTo(1.5, 9);
    expect(Object.keys(regions)).toEqual([...REALY_REGIONS]);
  });
});

describe("NoW", async () => {
  const folder = place("now");
  await makeNowStandIn(folder, SMALL);
  const truth = readTruth(folder);
  const photos = ["subject_001", "subject_002"].flatMap((subject) =>
    ["multiview_neutral", "multiview_expressions", "multiview_occlusions", "selfie"].map(
      (challenge, i) => `${subject}/${challenge}/IMG_000${i + 1}`,
    ),
  );

  test("has the files of the layout and no others", () => {
    expect(filesIn(folder)).toEqual(
      [
        ...["imagepathsvalidation.txt", "truth.json"],
        ...["subject_001", "subject_002"].flatMap((subject) => [
          `scans/${subject}/scan.obj`,
          `scans_lmks_onlypp/${subject}/scan_picked_points.pp`,
        ]),
        ...NEEDED.flatMap((system) =>
          photos.flatMap((photo) => [
            `systems/${system}/${photo}.obj`,
            `systems/${system}/${photo}.npy`,
          ]),
        ),
      ].sort(),
    );
    const list = readFileSync(join(folder, "imagepathsvalidation.txt"), "utf8");
    expect(list).toBe(photos.map((photo) => `${photo}.jpg\n`).join(""));
  });

  test("is planned without problems", async () => {
    const systems = STAND_IN_SYSTEMS.map((name) => ({
      name,
      folder: join(folder, "systems", name),
    }));
    const plan = await planNow({ data: folder, systems });
    expect(plan.problems).toEqual([]);
    expect(plan.tasks.length).toBe(4 * 8);
  });

  test("has landmarks on scans and reconstructions", async () => {
    for (const subject of ["subject_001", "subject_002"]) {
      const scan = await readMesh(join(folder, `scans/${subject}/scan.obj`));
      const points = await readLandmarks(
        join(folder, `scans_lmks_onlypp/${subject}/scan_picked_points.pp`),
        7,
      );
      expect(off(points, scan)).toBeLessThan(0.3);
    }
    for (const system of STAND_IN_SYSTEMS) {
      const path = join(folder, "systems", system, photos[2]!);
      const marks = await readLandmarks(`${path}.npy`, 7);
      expect(off(marks, await readMesh(`${path}.obj`))).toBeLessThan(1e-3);
    }
    expect(await apart(folder, photos[7]!)).toBeLessThan(1e-6);
    const told = truth.subjects[0].reconstructions[photos[0]!].displacement.mean;
    expect(told).toBeCloseTo(1.5, 9);
  });
});

test("the same seed gives the same bytes", async () => {
  await makeRealyStandIn(place("realy-again"), SMALL);
  expect(hashesOf(place("realy-again"))).toEqual(hashesOf(place("realy")));
});

test.each([
  ["micc", makeMiccStandIn],
  ["now", makeNowStandIn],
])("fewer subjects are the first ones: %s", async (name, make) => {
  await make(place(`${name}-first`), { ...SMALL, subjects: 1 });
  const {
    "truth.json": _,
    "imagepathsvalidation.txt": __,
    ...first
  } = hashesOf(place(`${name}-first`));
  expect(hashesOf(place(name))).toMatchObject(first);
  const [one, two] = [`${name}-first`, name].map((folder) => readTruth(place(folder)).subjects[0]);
  expect(one.reconstructions).toEqual(two.reconstructions);
});

test("another seed gives other heads and scans, in a folder that was empty", async () => {
  const other = place("other");
  mkdirSync(other);
  await makeRealyStandIn(other, { ...SMALL, subjects: 1, seed: 22 });
  const [mine, theirs] = [hashesOf(other), hashesOf(place("realy"))];
  for (const path of ["systems/truth/1.obj", "REALY_scan_region/1/nose.obj"]) {
    expect(mine[path]).not.toBe(theirs[path]);
  }
  expect(mine["GANFIT.obj"]).toBe(theirs["GANFIT.obj"]);
});

test("a folder that holds something is refused and left alone", async () => {
  const folder = place("full");
  mkdirSync(folder);
  writeFileSync(join(folder, "mine.txt"), "mine");
  await expect(makeNowStandIn(folder, SMALL)).rejects.toMatchObject({ code: "output" });
  expect(readdirSync(folder)).toEqual(["mine.txt"]);
});

test("what is interrupted leaves nothing", async () => {
  const inside = place("inside");
  mkdirSync(inside);
  const stop = new AbortController();
  const options = { ...SMALL, signal: stop.signal, onProgress: () => stop.abort() };
  await expect(makeRealyStandIn(join(inside, "gone"), options)).rejects.toMatchObject({
    name: "AbortError",
  });
  expect(readdirSync(inside)).toEqual([]);
});

test.each([
  [{ seed: -1 }, "seed"],
  [{ seed: 0.5 }, "seed"],
  [{ subjects: 0 }, "subjects"],
  [{ vertices: 1e9 }, "vertices"],
  [{ noise: -1 }, "noise"],
  [{ noise: Number.NaN }, "noise"],
])("%o makes no stand-in", async (wrong, word) => {
  const folder = place("wrong");
  const made = makeMiccStandIn(folder, { ...SMALL, ...wrong });
  await expect(made).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(word),
  });
  expect(existsSync(folder)).toBe(false);
});
