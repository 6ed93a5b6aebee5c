/** Plan, score and hand-in on folders as the benchmark has them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { motionAbout, relief } from "../../test/now-shapes.js";
import { pointRowsText, ppText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { plyBytes } from "../files/ply.js";
import { movePoints } from "../geometry/similarity3.js";
import { planNow } from "./plan-now.node.js";
import { scoreNow } from "./score-now.node.js";
import { checkNowSubmission, writeNowPrediction } from "./submission-now.node.js";

const { mesh, landmarks } = relief(5, 19);
const motion = motionAbout([0.2, 3, -1], [10, 20, 30], 0.01);
const moved = { ...mesh, positions: movePoints(mesh.positions, motion) };
const movedLandmarks = movePoints(landmarks, motion);
const LIST = ["anna/selfie/IMG_1", "anna/multiview_neutral/IMG_2", "bert/selfie/IMG_1"];

let folder = "";
let data = "";
let ours = "";

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-now-"));
  data = join(folder, "data");
  ours = join(folder, "ours");
  const list = LIST.map((path) => `iphone_pictures/${path}.jpg\n`).join("");
  await put(join(data, "imagepathsvalidation.txt"), list);
  for (const subject of ["anna", "bert"]) {
    await put(join(data, "scans", subject, "scan.obj"), objText(mesh));
    await put(join(data, "scans_lmks_onlypp", subject, "points.pp"), ppText(landmarks));
  }
  const anna = { subject: "anna", challenge: "selfie", name: "IMG_1" } as const;
  await writeNowPrediction(ours, anna, moved, movedLandmarks);
  await put(join(ours, "anna/multiview_neutral/IMG_2.ply"), plyBytes(moved));
  await put(join(ours, "anna/multiview_neutral/IMG_2.txt"), pointRowsText(movedLandmarks));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const systems = () => [{ name: "ours", folder: ours }];

describe("planNow", () => {
  it("finds what is there and tells what is missing", async () => {
    const { tasks, problems } = await planNow({ data, systems: systems() });
    expect(tasks.map(({ subject }) => subject)).toEqual(LIST.slice(0, 2));
    expect(tasks[1]).toEqual({
      protocol: "now",
      system: "ours",
      subject: "anna/multiview_neutral/IMG_2",
      files: [
        join(data, "scans/anna/scan.obj"),
        join(data, "scans_lmks_onlypp/anna/points.pp"),
        join(ours, "anna/multiview_neutral/IMG_2.ply"),
        join(ours, "anna/multiview_neutral/IMG_2.txt"),
      ],
      settings: { challenge: "multiview_neutral", unit: null },
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ system: "ours", subject: "bert/selfie/IMG_1" });
    expect(problems[0]!.problem).toContain("reconstruction is missing");
  });

  it("keeps to one challenge and a unit", async () => {
    const options = { data, systems: systems(), challenge: "selfie", unit: "cm" } as const;
    const { tasks, problems } = await planNow(options);
    expect(tasks.map(({ settings }) => settings)).toEqual([{ challenge: "selfie", unit: "cm" }]);
    expect(problems).toHaveLength(1);
    await expect(planNow({ ...options, challenge: "multiview_occlusions" })).rejects.toThrow(
      "none of the challenge",
    );
  });

  it("tells of scans and landmarks that are missing", async () => {
    const list = join(folder, "other.txt");
    await put(list, "carl/selfie/a.jpg\ndora/selfie/a.jpg\nanna/selfie/IMG_2.jpg\n");
    await put(join(data, "scans/dora/a.obj"), objText(mesh));
    await put(join(ours, "anna/selfie/IMG_2.obj"), objText(moved));
    const { tasks, problems } = await planNow({ data, systems: systems(), imageList: list });
    expect(tasks).toEqual([]);
    expect(problems.map(({ problem }) => problem.split(":")[0])).toEqual([
      "The scan is missing",
      "The scan's landmarks are missing",
      "The reconstruction's landmarks are missing",
    ]);
    await rm(join(ours, "anna/selfie/IMG_2.obj"));
  });

  it("refuses folders and lists that are not there", async () => {
    const absent = join(folder, "absent");
    await expect(planNow({ data: absent, systems: systems() })).rejects.toThrow("no folder");
    await expect(planNow({ data, systems: [{ name: "x", folder: absent }] })).rejects.toThrow(
      "the reconstructions of x",
    );
    await expect(planNow({ data, systems: systems(), set: "test" })).rejects.toThrow(
      "imagepathstest.txt",
    );
  });
});

describe("scoreNow", () => {
  it("scores what was planned", async () => {
    const { tasks } = await planNow({ data, systems: systems() });
    for (const task of tasks) {
      const { figures, pooled, errorMaps } = await scoreNow(task);
      expect(figures.points).toBe(pooled.length);
      expect(figures.points).toBeGreaterThan(100);
      // Files of a hundredth of the size have six digits behind the point.
      expect(figures.mean).toBeLessThan(1e-3);
      expect(Math.max(...pooled)).toBeLessThan(1e-2);
      expect(figures.reflected).toBe(0);
      const [map] = errorMaps;
      expect(map!.positions.length).toBe(3 * pooled.length);
      expect(map!.triangles.length).toBeGreaterThan(pooled.length);
      expect(map!.errors).toEqual(pooled);
    }
  });

  it("shows the face from the front, however the scan lies", async () => {
    const [task] = (await planNow({ data, systems: systems() })).tasks;
    const turned = motionAbout([1.5, -0.4, 2], [-300, 20, 1000]);
    const scan = join(folder, "turned.obj");
    const points = join(folder, "turned.pp");
    await put(scan, objText({ ...mesh, positions: movePoints(mesh.positions, turned) }));
    await put(points, ppText(movePoints(landmarks, turned)));
    const asItLies = await scoreNow(task!);
    const other = await scoreNow({ ...task!, files: [scan, points, ...task!.files.slice(2)] });
    const [a, b] = [asItLies.errorMaps[0]!.positions, other.errorMaps[0]!.positions];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-3);
    // Of the relief, z is out of the face: the nose's vertices come first.
    const nose = a.filter((_, i) => i % 3 === 2).reduce((most, z) => Math.max(most, z));
    expect(nose).toBeGreaterThan(10);
  });
});

describe("a submission", () => {
  it("is complete when each photo's files can be read", async () => {
    const list = join(folder, "two.txt");
    await put(list, `${LIST[0]}.jpg\n${LIST[1]}.jpg\n`);
    expect(await checkNowSubmission(ours, list)).toEqual({ photos: 2, ready: 2, faults: [] });
  });

  it("is told what is missing or wrong", async () => {
    const other = join(folder, "faulty");
    const list = join(folder, "four.txt");
    const names = ["a", "b", "c", "d"];
    await put(list, names.map((name) => `s/selfie/${name}.jpg`).join("\n"));
    const photo = (name: string) => ({ subject: "s", challenge: "selfie", name }) as const;
    await writeNowPrediction(other, photo("a"), moved, movedLandmarks);
    await writeNowPrediction(other, photo("b"), moved, landmarks);
    await put(join(other, "s/selfie/c.obj"), "v 1 2\nf 1 1 1\n");
    await put(join(other, "s/selfie/c.npy"), "");
    const { ready, faults } = await checkNowSubmission(other, list);
    expect(ready).toBe(1);
    expect(faults.map(({ photo }) => photo)).toEqual(["s/selfie/b", "s/selfie/c", "s/selfie/d"]);
    expect(faults[0]!.fault).toContain("away from the mesh");
    expect(faults[1]!.fault).toContain("c.obj");
    expect(faults[2]!.fault).toContain("missing");
    await expect(checkNowSubmission(join(folder, "absent"), list)).rejects.toThrow("no folder");
  });

  it("cannot leave its folder and has seven landmarks", async () => {
    const photo = { subject: "s", challenge: "selfie", name: "../a" } as const;
    await expect(writeNowPrediction(ours, photo, mesh, landmarks)).rejects.toThrow(
      "without slashes",
    );
    const good = { ...photo, name: "a" };
    const points = landmarks.subarray(3);
    await expect(writeNowPrediction(ours, good, mesh, points)).rejects.toThrow("7 landmarks");
    const holes = landmarks.map((value, i) => (i === 4 ? Number.NaN : value));
    await expect(writeNowPrediction(ours, good, mesh, holes)).rejects.toThrow("7 landmarks");
  });
});
