/** REALY's whole measurement on faces whose errors are known. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ClosestPointSearch } from "../src/geometry/closest-points.js";
import type { Mesh } from "../src/geometry/mesh.js";
import { planRealy } from "../src/realy/plan-realy.node.js";
import { REALY_REGIONS } from "../src/realy/realy-regions.js";
import { keypointRepeats } from "../src/realy/region-align.js";
import { measureRegion } from "../src/realy/region-error.js";
import { type RealySubject, scoreRealyPrediction } from "../src/realy/score-realy.js";
import { scoreRealy } from "../src/realy/score-realy.node.js";
import { keypointsOf } from "../src/realy/topology.js";
import type { Score } from "../src/score.js";
import { head, join as joined, keypoints, moved, person, regions, topology } from "./realy-case.js";
import { writeRealyFolder } from "./realy-folder.js";

/** Person 2 measured against a scan of person 1; a unit is a millimetre. */
const SUBJECT: RealySubject = {
  prediction: head(person(2)),
  topology: topology(),
  mask: null,
  truth: keypoints(person(1)),
  scan: regions(person(1), 4, 1.5),
  millimetres: 1,
};
let plain: Score;
beforeAll(() => {
  plain = scoreRealyPrediction(SUBJECT);
});

const withPositions = (mesh: Mesh, change: (positions: Float64Array) => Float64Array): Mesh => ({
  ...mesh,
  positions: change(mesh.positions),
});

describe("scoreRealyPrediction", () => {
  test("a perfect prediction has no error, in any frame and unit", () => {
    const truth = head(person(1));
    const snapped = topology({ snapped: true });
    const { figures, errorMaps } = scoreRealyPrediction({
      ...SUBJECT,
      prediction: withPositions(truth, (positions) => moved(positions, 0.02, 0.4)),
      topology: snapped,
      truth: keypointsOf(snapped, truth.positions),
      scan: regions(person(1)),
    });
    expect(Object.keys(figures)).toEqual(["all", "nose", "mouth", "forehead", "cheek"]);
    for (const value of Object.values(figures)) expect(value).toBeLessThan(1e-6);
    expect(errorMaps.map(({ title }) => title)).toEqual([...REALY_REGIONS]);
  });

  test("another frame or unit of the prediction changes nothing", () => {
    const { figures, errorMaps } = plain;
    const there = scoreRealyPrediction({
      ...SUBJECT,
      prediction: withPositions(SUBJECT.prediction, (positions) => moved(positions, 30, -0.3)),
    });
    for (const region of REALY_REGIONS) {
      expect(there.figures[region]).toBeCloseTo(figures[region]!, 7);
      expect(figures[region]).toBeGreaterThan(0.1);
      expect(figures[region]).toBeLessThan(5);
    }
    const four = REALY_REGIONS.map((region) => figures[region]!);
    expect(figures.all).toBeCloseTo(
      four.reduce((sum, value) => sum + value / 4, 0),
      12,
    );
    for (const [i, { errors, positions }] of errorMaps.entries()) {
      expect(errors.length).toBe(positions.length / 3);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      expect(mean).toBeCloseTo(four[i]!, 5);
    }
  });

  test("the unit of the scan scales its errors", () => {
    // Thresholds are in units of the scan, hence near but not equal.
    const inches = (positions: Float64Array) => positions.map((value) => value / 2);
    const { figures } = scoreRealyPrediction({
      ...SUBJECT,
      truth: inches(SUBJECT.truth),
      scan: Object.fromEntries(
        REALY_REGIONS.map((region) => [region, withPositions(SUBJECT.scan[region], inches)]),
      ) as RealySubject["scan"],
      millimetres: 2,
    });
    for (const region of REALY_REGIONS) {
      expect(Math.abs(figures[region]! / plain.figures[region]! - 1)).toBeLessThan(0.15);
    }
  });

  test("repeated and loose vertices count for the rigid alignment only", () => {
    const scan = { ...SUBJECT.scan, nose: joined(SUBJECT.scan.nose, SUBJECT.scan.nose) };
    const twice = scoreRealyPrediction({ ...SUBJECT, scan });
    expect(twice.errorMaps[0]!.errors.length).toBe(plain.errorMaps[0]!.errors.length);
    expect(twice.figures.nose).toBeCloseTo(plain.figures.nose!, 2);
  });

  test("a mask that keeps the face changes nothing, one that takes the nose does", () => {
    const { prediction } = SUBJECT;
    const masked = (keep: (x: number, y: number) => boolean) => {
      const mask = Uint8Array.from({ length: prediction.positions.length / 3 }, (_, v) =>
        keep(prediction.positions[3 * v]!, prediction.positions[3 * v + 1]!) ? 1 : 0,
      );
      return scoreRealyPrediction({ ...SUBJECT, mask }).figures;
    };
    const free = plain.figures;
    expect(masked((x, y) => Math.abs(x) < 76 && y > -80)).toEqual(free);
    const noseless = masked((x, y) => Math.hypot(x, y + 4) > 12);
    expect(noseless.nose).toBeGreaterThan(free.nose! + 0.2);
    expect(noseless.forehead).toBe(free.forehead);
  });

  test("says what does not fit together", () => {
    const { prediction } = SUBJECT;
    const fewer = { ...prediction, positions: prediction.positions.subarray(3) };
    const fails = (change: Partial<RealySubject>) =>
      expect(() => scoreRealyPrediction({ ...SUBJECT, ...change }));
    fails({ prediction: fewer }).toThrow(
      /prediction has 1680 vertices, but topology grid has 1681/,
    );
    fails({ prediction: { ...prediction, triangles: new Uint32Array(0) } }).toThrow(/no triangles/);
    fails({ mask: Uint8Array.of(1) }).toThrow(/mask has 1/);
    fails({ mask: new Uint8Array(1681) }).toThrow(/leaves no triangle/);
    fails({ truth: SUBJECT.truth.subarray(3) }).toThrow(/84 keypoints instead of 85/);
    fails({ prediction: withPositions(prediction, (p) => p.map(() => 1)) }).toThrow(/at one place/);
  });
});

describe("measureRegion", () => {
  const [RINGS, SPOKES] = [14, 48];

  /**
   * A cap of a sphere of radius 10 with a wave along its normals, which no rigid motion takes away: its mean and
   * first moments over the angle are 0.
   */
  function cap(wave: number): Mesh {
    const positions = [0, 0, 10];
    const triangles: number[] = [];
    for (let ring = 1; ring <= RINGS; ring++) {
      const polar = (0.6 * ring) / RINGS;
      const here = 1 + SPOKES * (ring - 1);
      for (let spoke = 0; spoke < SPOKES; spoke++) {
        const angle = (2 * Math.PI * spoke) / SPOKES;
        const r = 10 + wave * (ring / RINGS) ** 2 * Math.cos(4 * angle);
        positions.push(r * Math.sin(polar) * Math.cos(angle));
        positions.push(r * Math.sin(polar) * Math.sin(angle));
        positions.push(r * Math.cos(polar));
        const next = (spoke + 1) % SPOKES;
        if (ring === 1) triangles.push(0, here + spoke, here + next);
        else {
          const below = here - SPOKES;
          triangles.push(below + spoke, here + spoke, here + next);
          triangles.push(below + spoke, here + next, below + next);
        }
      }
    }
    return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
  }

  test("a wave along the normals is found with its mean height", () => {
    const scan = cap(0);
    const surface = new ClosestPointSearch(cap(0.3));
    // Keypoints that agree pull nothing away.
    const marks = Float64Array.from({ length: 85 }, (_, i) => 8 * i).reduce<number[]>(
      (list, v) => list.concat([...scan.positions.subarray(3 * v, 3 * v + 3)]),
      [],
    );
    const keypoints = Float64Array.from(marks);
    const { mean, errors } = measureRegion("cheek", scan, keypoints, {
      surface,
      compared: surface,
      keypoints,
    });
    let expected = 0;
    for (let v = 1; v < errors.length; v++) {
      const height = 0.3 * (Math.ceil(v / SPOKES) / RINGS) ** 2;
      expected +=
        (height * Math.abs(Math.cos((8 * Math.PI * ((v - 1) % SPOKES)) / SPOKES))) / errors.length;
    }
    expect(mean / expected).toBeGreaterThan(0.97);
    expect(mean / expected).toBeLessThan(1.01);
  });

  test("a region that is a plane lies on a prediction that is the same plane", () => {
    const flat = withPositions(cap(0), (p) => p.map((value, i) => (i % 3 === 2 ? 0 : value)));
    const surface = new ClosestPointSearch(flat);
    const prediction = { surface, compared: surface, keypoints: SUBJECT.truth };
    expect(measureRegion("cheek", flat, SUBJECT.truth, prediction).mean).toBeLessThan(1e-6);
  });
});

test("keypoints count as much as the scan's vertices, on the cheek a quarter", () => {
  expect(keypointRepeats("nose", 1000, 11)).toBe(90);
  expect(keypointRepeats("cheek", 1000, 27)).toBe(9);
});

describe("planRealy and scoreRealy", () => {
  test("what is wrong with one subject does not touch the others", async () => {
    const folder = await mkdtemp(join(tmpdir(), "realy-"));
    try {
      await writeRealyFolder(folder, { ids: [1, 2], spacing: 4, unit: 9 });
      await writeFile(join(folder, "ours/1.obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
      const { tasks, problems } = await planRealy({
        data: folder,
        topology: "grid",
        systems: [{ name: "ours", folder: join(folder, "ours") }],
      });
      expect(problems).toEqual([]);
      const [first, second] = tasks;
      await expect(scoreRealy(first!)).rejects.toThrow(/1\.obj: .*3 vertices, but topology grid/);
      const { figures } = await scoreRealy(second!);
      for (const region of REALY_REGIONS) {
        expect(figures[region]).toBeGreaterThan(0.1);
        expect(figures[region]).toBeLessThan(5);
      }
      // A piece of its own, which nothing determines the deformation of, is measured with the rest.
      const mouth = join(folder, "REALY_scan_region/2/mouth.obj");
      const text = await readFile(mouth, "utf8");
      const count = text.match(/^v /gm)!.length;
      const piece = [1, 2, 3].map((i) => `v ${i} ${i * i} 0\n`).join("");
      await writeFile(mouth, `${text}${piece}f ${count + 1} ${count + 2} ${count + 3}\n`);
      const withPiece = (await scoreRealy(second!)).figures;
      expect(withPiece.mouth).not.toBe(figures.mouth);
      expect(withPiece.mouth).toSatisfy(Number.isFinite);
      expect(withPiece.nose).toBe(figures.nose);
      await writeFile(join(folder, "REALY_HIFI3D_keypoints/2.obj"), "v 0 0 0\n");
      await expect(scoreRealy(second!)).rejects.toThrow(/has 1 vertices, but REALY has 85/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
