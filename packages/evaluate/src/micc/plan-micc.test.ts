import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bumpy, landmarkIds, MOTION, sheet } from "../../test/micc-faces.js";
import { ljsonText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints } from "../geometry/points.js";
import { movePoints } from "../geometry/similarity3.js";
import { LANDMARK_START } from "./micc-settings.js";
import { type MiccPlanOptions, planMicc } from "./plan-micc.node.js";
import { planRegistrations } from "./plan-registrations.node.js";
import { registerScan } from "./register-scan.node.js";
import { scoreMicc } from "./score-micc.node.js";

const CELLS = 20;
const template = sheet(CELLS);
const ids = landmarkIds(template);
/** What stands for a registered scan: the template with a bump. */
const person = (size: number) =>
  sheet(CELLS, (x, y) => bumpy(x, y) + size * Math.exp(-(x * x + y * y) / 800));

let root: string;
const at = (...path: string[]) => join(root, ...path);

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

const obj = (mesh: Mesh, factor = 1) =>
  objText({ ...mesh, positions: mesh.positions.map((value) => value * factor) }, 9);

/** A scan's landmarks, in another place than the registered mesh, as they are in the data. */
const ljson = (mesh: Mesh) => ljsonText(movePoints(pickPoints(mesh.positions, ids), MOTION));

const SCAN = "subject_01/Model/frontal1/obj/110920";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "micc-"));
  await put("template.obj", obj(template));
  await put("ids.json", JSON.stringify([...ids]));
  await put(`marks/${SCAN}.ljson`, ljson(person(6)));
  await put("marks/subject_01/Model/frontal2/obj/2.ljson", ljson(person(2)));
  await put("marks/subject_28/Model/frontal1/obj/28.ljson", ljson(person(4)));
  await put(`registered/${SCAN}.obj`, obj(person(6)));
  await put("registered/subject_01/Model/frontal2/obj/2.obj", obj(person(2)));
  await put("registered/subject_28/Model/frontal1/obj/28.obj", obj(person(4)));
  for (const setting of ["Indoor-Cooperative", "PTZ-Indoor", "PTZ-Outdoor"]) {
    for (const subject of ["subject_01", "subject_28"]) {
      await put(`ours/${subject}/${setting}.obj`, obj(person(3)));
    }
  }
});

afterEach(() => rm(root, { recursive: true }));

const options = (): MiccPlanOptions => ({
  protocol: "ganfit",
  landmarks: at("marks"),
  registered: at("registered"),
  template: at("template.obj"),
  templateIds: at("ids.json"),
  systems: [{ name: "ours", folder: at("ours") }],
});

describe("planMicc", () => {
  it("plans each system, subject and setting, subject 28 with a smaller radius", async () => {
    const { tasks, problems } = await planMicc(options());
    expect(problems).toEqual([]);
    expect(
      tasks.map(({ subject, settings }) => [subject, settings.radius, settings.scans.length]),
    ).toEqual(
      ["Indoor-Cooperative", "PTZ-Indoor", "PTZ-Outdoor"].flatMap((setting) => [
        [`subject_01/${setting}`, 95, 2],
        [`subject_28/${setting}`, 60, 1],
      ]),
    );
    expect(tasks[0]!.protocol).toBe("micc");
    expect(tasks[0]!.files).toContain(at(`registered/${SCAN}.obj`));
    expect(JSON.parse(JSON.stringify(tasks[0]))).toEqual(tasks[0]);
  });

  it("tells of a missing reconstruction and a missing registered mesh", async () => {
    await rm(at("ours/subject_28/PTZ-Indoor.obj"));
    await rm(at("registered/subject_01/Model/frontal2/obj/2.obj"));
    const { tasks, problems } = await planMicc(options());
    expect(tasks.map(({ subject }) => subject)).toEqual([
      "subject_28/Indoor-Cooperative",
      "subject_28/PTZ-Outdoor",
    ]);
    expect(problems).toHaveLength(4);
    expect(problems[0]).toEqual({
      system: "ours",
      subject: "subject_01/Indoor-Cooperative",
      problem: "subject_01/frontal2 has landmarks, but no registered mesh: register the scans.",
    });
    expect(problems[2]).toMatchObject({
      subject: "subject_28/PTZ-Indoor",
      problem: expect.stringMatching(/has no reconstruction PTZ-Indoor with/),
    });
  });

  it("refuses absent folders, a template of other ids, and options that make no sense", async () => {
    const refused = (change: Partial<MiccPlanOptions>) =>
      expect(planMicc({ ...options(), ...change })).rejects;
    await refused({ landmarks: at("nowhere") }).toThrow(/no landmarks such as/);
    await refused({ registered: at("nowhere") }).toThrow(/no folder/);
    await refused({ systems: [{ name: "x", folder: at("nowhere") }] }).toThrow(/no folder/);
    await refused({ registered: undefined }).toThrow(/needs the folder of registered/);
    await refused({ protocol: "deep3d" }).toThrow(/needs the folder of the raw scans/);
    await refused({ forehead: 5 }).toThrow(/belongs to the protocol deep3d/);
    await refused({ millimetresPerUnit: { systems: 0 } }).toThrow(/above 0/);
    await put("ids.json", JSON.stringify([...ids.subarray(1), 99999]));
    await refused({}).toThrow(/names vertex 99999/);
    await put("ids.json", JSON.stringify([...ids.subarray(1), ids[1]]));
    await refused({}).toThrow(/a vertex twice/);
    await put("ids.json", "[1, 2]");
    await refused({}).toThrow(/2 vertices instead of 68/);
  });

  it("leaves out a subject with several landmark files, and looks over hidden ones", async () => {
    await put("marks/subject_28/Model/frontal1/obj/._28.ljson", "left behind by an archiver");
    await put("marks/subject_01/Model/frontal2/obj/3.ljson", ljson(template));
    const { tasks, problems } = await planMicc(options());
    expect(new Set(tasks.map(({ subject }) => subject.split("/")[0]))).toEqual(
      new Set(["subject_28"]),
    );
    expect(problems).toHaveLength(3);
    expect(problems[0]!.problem).toMatch(/2 landmark files/);
  });
});

describe("scoreMicc", () => {
  const first = async (change: Partial<MiccPlanOptions> = {}) =>
    scoreMicc((await planMicc({ ...options(), ...change })).tasks[0]!);

  it("takes the nearer scan, and gives both, and each direction", async () => {
    const { figures, errorMaps, pooled } = await first();
    const { score, frontal1, frontal2 } = figures;
    expect(score).toBe(frontal2);
    // The bumps are 3, 6 and 2 mm high.
    expect(frontal1! / frontal2!).toBeGreaterThan(2);
    expect(frontal2).toBeCloseTo(
      (figures["frontal2 scan to reconstruction"]! + figures["frontal2 reconstruction to scan"]!) /
        2,
      12,
    );
    expect(LANDMARK_START in figures).toBe(false);
    expect(pooled).toHaveLength(0);
    const [{ errors, positions, triangles }] = errorMaps as [(typeof errorMaps)[number]];
    expect(errors).toHaveLength(positions.length / 3);
    expect(Math.max(...triangles)).toBeLessThan(errors.length);
    // Measured around the nose tip alone.
    expect(errors[0]).toBeNaN();
    expect(errors[ids[30]!]).toBeGreaterThan(0);
    const measured = errors.filter((value) => !Number.isNaN(value));
    expect(measured.reduce((a, b) => a + b) / measured.length).toBeCloseTo(
      figures["frontal2 reconstruction to scan"]!,
      5,
    );
  });

  it("is the same in the authors' unit of 100 mm", async () => {
    const before = (await first()).figures;
    await put("template.obj", obj(template, 0.01));
    await put(`registered/${SCAN}.obj`, obj(person(6), 0.01));
    await put("registered/subject_01/Model/frontal2/obj/2.obj", obj(person(2), 0.01));
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(person(3), 0.01));
    const { figures } = await first({ millimetresPerUnit: { template: 100, systems: 100 } });
    for (const [name, value] of Object.entries(before)) expect(figures[name]).toBeCloseTo(value, 5);
  });

  it("says where a unit is wrong, which would change the score unnoticed", async () => {
    await put("template.obj", obj(template, 0.01));
    await expect(first()).rejects.toThrow(/eyes are 0\.9\d? mm apart on .*template\.obj/);
    await put("template.obj", obj(template));
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(person(3), 0.01));
    await expect(first()).rejects.toThrow(/The reconstruction is 0\.010 times as large/);
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(person(3)));
    await put(`registered/${SCAN}.obj`, obj(person(6), 0.01));
    await expect(first()).rejects.toThrow(/The registered scan is 0\.010 times as large/);
  });

  it("is nothing for the scan itself", async () => {
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(person(2)));
    expect((await first()).figures.score).toBeLessThan(1e-6);
  });

  it("starts from landmarks where the topology is another, beside each mesh or by ids", async () => {
    const finer = sheet(30, (x, y) => bumpy(x, y) + 3 * Math.exp(-(x * x + y * y) / 800));
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(finer));
    await expect(first()).rejects.toThrow(
      /961 vertices and the template 441: put the 68 landmarks/,
    );
    const same = pickPoints(person(3).positions, ids);
    await put("ours/subject_01/Indoor-Cooperative.ljson", ljsonText(same));
    const beside = (await first()).figures;
    expect(beside[LANDMARK_START]).toBe(1);
    await rm(at("ours/subject_01/Indoor-Cooperative.ljson"));
    await put("ours/landmark_ids.json", JSON.stringify([...landmarkIds(finer)]));
    const byIds = (await first()).figures;
    expect(byIds[LANDMARK_START]).toBe(1);
    await put("ours/subject_01/Indoor-Cooperative.obj", obj(person(3)));
    const { score } = (await first()).figures;
    // The cells of 12 and 8 mm differ by some tenths of a millimetre from each other on this surface.
    expect(Math.abs(beside.score! - score!)).toBeLessThan(0.5);
    expect(Math.abs(byIds.score! - score!)).toBeLessThan(0.5);
  });

  it("tells of a registered mesh of another topology, and of no face around the nose", async () => {
    await put("registered/subject_01/Model/frontal2/obj/2.obj", obj(sheet(10)));
    await expect(first()).rejects.toThrow(/2\.obj: The registered scan has 121 vertices/);
    await put("registered/subject_01/Model/frontal2/obj/2.obj", obj(person(2), 100));
    await expect(first()).rejects.toThrow(/1\.0e\+2 times as large as the template/);
    const away = { ...MOTION, scale: 1, translation: [500, 0, 0] as const };
    const { positions, triangles } = person(2);
    const far = { positions: movePoints(positions, away), triangles };
    await put("registered/subject_01/Model/frontal2/obj/2.obj", obj(far));
    await expect(first()).rejects.toThrow(/within 95 mm of its nose tip/);
  });

  it("scores raw scans by Deep3D's protocol", async () => {
    const scan = (size: number) => {
      const mesh = person(size);
      return obj({ ...mesh, positions: movePoints(mesh.positions, MOTION) });
    };
    await put(`data/${SCAN}.obj`, scan(6));
    await put("data/subject_01/Model/frontal2/obj/2.obj", scan(2));
    const { figures, errorMaps } = await first({ protocol: "deep3d", data: at("data") });
    expect(figures.score).toBe(figures.frontal2);
    expect(figures.frontal1).toBeGreaterThan(figures.frontal2!);
    const { errors } = errorMaps[0]!;
    const squares = errors.reduce((sum, value) => sum + value * value, 0);
    expect(Math.sqrt(squares / errors.length)).toBeCloseTo(figures.score!, 5);
  });
});

describe("registration", () => {
  const plan = () =>
    planRegistrations({
      data: at("data"),
      landmarks: at("marks"),
      registered: at("made"),
      template: at("template.obj"),
      templateIds: at("ids.json"),
    });

  it("leaves out what is there, tells of missing scans, and writes meshes of the template", async () => {
    const scan = sheet(40, (x, y) => bumpy(x, y) + 6 * Math.exp(-(x * x + y * y) / 800));
    await put(`data/${SCAN}.obj`, obj({ ...scan, positions: movePoints(scan.positions, MOTION) }));
    await put("made/subject_28/Model/frontal1/obj/28.obj", obj(person(4)));
    const { registrations, problems } = await plan();
    expect(registrations.map(({ name }) => name)).toEqual(["subject_01/frontal1"]);
    expect(problems).toEqual([
      {
        system: "scans",
        subject: "subject_01/frontal2",
        problem: expect.stringMatching(/2\.obj is missing, but its landmarks are there/),
      },
    ]);
    expect(await registerScan(registrations[0]!)).toBeNull();
    const text = await readFile(at(`made/${SCAN}.obj`), "utf8");
    expect(text.match(/^v /gm)).toHaveLength(441);
    expect((await plan()).registrations).toEqual([]);
  });

  it("tells what is wrong with a scan", async () => {
    await put(`data/${SCAN}.obj`, "v 0 0 0\nf 1 2 3\n");
    const { registrations } = await plan();
    const problem = await registerScan(registrations[0]!);
    expect(problem).toMatchObject({ system: "scans", subject: "subject_01/frontal1" });
    expect(problem!.problem).toMatch(/110920\.obj/);
  });
});
