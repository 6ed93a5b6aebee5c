/** Distances between meshes against a second implementation with numpy and scipy, meshes_reference.py. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { pointRowsText } from "../src/files/landmark-text.js";
import { objText } from "../src/files/obj.js";
import { movePoints } from "../src/geometry/similarity3.js";
import { planMeshes } from "../src/meshes/plan-meshes.node.js";
import { scoreMeshes } from "../src/meshes/score-meshes.node.js";
import { motionAbout, randomNumbers, relief } from "./now-shapes.js";

const python = pythonWith("numpy, scipy.optimize");
const why = python ? "" : " (skipped: no python3 with numpy and scipy)";
const script = fileURLToPath(new URL("meshes_reference.py", import.meta.url));
const RADIUS = 70;
const SUBJECTS = ["a", "b"];

let folder = "";
const at = (path: string) => join(folder, path);

/** 68 points of a surface, the 30th its nose; the same places on each surface, a little off. */
function landmarksOf(surface: ReturnType<typeof relief>, seed: number): Float64Array {
  const random = randomNumbers(seed);
  const { positions } = surface.mesh;
  const count = positions.length / 3;
  const points = Float64Array.from({ length: 204 }, (_, i) => {
    const vertex = Math.floor(((Math.floor(i / 3) + 0.5) / 68) * count);
    return positions[3 * vertex + (i % 3)]! + 2 * (random() - 0.5);
  });
  points.set(surface.landmarks.subarray(12, 15), 90);
  return points;
}

describe.skipIf(!python)(`distances between meshes agree with scipy's${why}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganfit-meshes-"));
    await mkdir(at("truth"));
    await mkdir(at("ours"));
    for (const [i, subject] of SUBJECTS.entries()) {
      const truth = relief(50 + i, 33, 3, i);
      const ours = relief(50 + i, 33, 2.2, 20 + i);
      const motion = motionAbout([0.4 * i, 1, -0.3], [20, -10, 5]);
      const positions = movePoints(
        ours.mesh.positions.map((value) => 0.97 * value),
        motion,
      );
      const landmarks = landmarksOf(ours, 7 + i).map((value) => 0.97 * value);
      await writeFile(at(`truth/${subject}.obj`), objText(truth.mesh, 9));
      await writeFile(at(`truth/${subject}.txt`), pointRowsText(landmarksOf(truth, 3 + i)));
      await writeFile(at(`ours/${subject}.obj`), objText({ ...ours.mesh, positions }, 9));
      await writeFile(at(`ours/${subject}.txt`), pointRowsText(movePoints(landmarks, motion)));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(["similarity", "rigid"] as const)("moved by a %s motion", async (align) => {
    const { tasks } = await planMeshes({
      truth: at("truth"),
      systems: [{ name: "ours", folder: at("ours") }],
      landmarks: 68,
      radius: RADIUS,
      align,
    });
    expect(tasks.map(({ subject }) => subject)).toEqual(SUBJECTS);
    let widest = 0;
    for (const task of tasks) {
      const output = execFileSync(python!, [script, ...task.files, align, String(RADIUS)]);
      const reference: { figures: Record<string, number>; start: number } = JSON.parse(
        output.toString(),
      );
      const { figures } = await scoreMeshes(task);
      expect(Object.keys(figures)).toEqual(Object.keys(reference.figures));
      expect(figures.points).toBe(reference.figures.points);
      expect(reference.start).toBeGreaterThan(1.03 * figures.mean!);
      for (const [name, value] of Object.entries(reference.figures)) {
        widest = Math.max(widest, Math.abs(figures[name]! - value));
      }
    }
    console.log(`meshes, ${align}: largest difference ${widest.toExponential(1)} mm`);
    expect(widest).toBeLessThan(1e-3);
  });
});
