/** REALY's measurement compared with a second implementation, in numpy and scipy. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { randomNormals } from "@ganfit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import type { Mesh } from "../src/geometry/mesh.js";
import { planRealy } from "../src/realy/plan-realy.node.js";
import { REALY_REGIONS } from "../src/realy/realy-regions.js";
import { scoreRealy } from "../src/realy/score-realy.node.js";
import { head } from "./realy-case.js";
import { writeRealyFolder } from "./realy-folder.js";

/** Millimetres between vertices: regions have 300 to 700. */
const SPACING = 2.5;

const REFERENCE = fileURLToPath(new URL("realy_reference.py", import.meta.url));
const python = pythonWith("numpy, scipy.sparse");
if (!python) console.log("scipy is absent: install python3-scipy to compare REALY's measurement");

const IDS = [1, 2];
/** Triangles whose corners are repeated. */
const OWN_CORNERS = 60;
let folder = "";
let mask = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "realy-reference-"));
  await writeRealyFolder(folder, { ids: IDS, spacing: SPACING, unit: 9, change: scanned });
  // Without one side of the face, so that parts of the regions have no place to go.
  mask = join(folder, "mask.txt");
  const { positions } = head(() => 0, SPACING);
  const kept = Array.from({ length: positions.length / 3 }, (_, v) =>
    positions[3 * v]! > -48 ? 1 : 0,
  );
  await writeFile(mask, kept.join(","));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rough, some triangles with corners of their own, and a vertex of no triangle, as scans come. */
function scanned({ positions, triangles }: Mesh): Mesh {
  const noise = randomNormals(positions.length, 7);
  const rough = positions.map((value, i) => value + 0.3 * noise[i]!);
  const loose = [rough[0]!, rough[1]!, rough[2]! + 4];
  const own = [...triangles.subarray(0, 3 * OWN_CORNERS)];
  const first = positions.length / 3;
  return {
    positions: Float64Array.from([
      ...rough,
      ...own.flatMap((v) => [...rough.subarray(3 * v, 3 * v + 3)]),
      ...loose,
    ]),
    triangles: triangles.map((v, i) => (i < own.length ? first + i : v)),
  };
}

for (const masked of [false, true]) {
  const name = `errors agree with the reference's${masked ? ", with a mask" : ""}`;
  test.skipIf(!python)(name, async () => {
    const system = { name: "ours", folder: join(folder, "ours"), ...(masked ? { mask } : {}) };
    const { tasks } = await planRealy({ data: folder, systems: [system], topology: "grid" });
    const task = tasks[masked ? 1 : 0]!;
    const { figures } = await scoreRealy(task);
    const prediction = join(folder, "ours", `${task.subject}.obj`);
    const args = [REFERENCE, folder, prediction, "grid", task.subject, ...(masked ? [mask] : [])];
    const env = { ...process.env, OPENBLAS_NUM_THREADS: "1" };
    const { stdout } = await promisify(execFile)(python!, args, { env });
    const reference = JSON.parse(stdout);
    for (const region of REALY_REGIONS) {
      expect(Math.abs(figures[region]! - reference[region])).toBeLessThan(1e-6);
    }
  });
}
