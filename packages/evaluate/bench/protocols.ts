/**
 * How long a subject takes, at full size, on one thread:
 *
 *     npx tsx packages/evaluate/bench/protocols.ts [micc|register|realy|now]
 *
 * JSON lines. `micc`: both directions between two faces of 50,000 vertices in one topology (asked: 20 s). `register`: a scan
 * of 50,000 vertices to the stand-in's template of 10,012. `realy`: the four regions of a scan of 50,000 vertices, from files to
 * pictures (asked: 60 s). `now`: a photo.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMesh } from "../src/files/read-mesh.node.js";
import { pointAt } from "../src/geometry/points.js";
import { NOSE_TIP } from "../src/ibug68.js";
import {
  makeMiccStandIn,
  makeNowStandIn,
  makeRealyStandIn,
  type Plan,
  planNow,
  planRealy,
  planRegistrations,
  runJobs,
  runPlan,
} from "../src/index.node.js";
import { miccDistanceOfTopology } from "../src/micc/micc-distance.js";
import { withCast } from "../src/standin/cast.node.js";
import { knownHead } from "../src/standin/known-heads.js";
import { scannedMesh } from "../src/standin/scan-surface.js";

const OPTIONS = { seed: 3, subjects: 1, vertices: 50_000 };

const TASKS: Readonly<Record<string, (folder: string) => Promise<object>>> = {
  micc: async () => {
    let figures = {};
    await withCast(OPTIONS, async ({ skin, surface }) => async ({ head, seed }) => {
      const faces = [head, knownHead(skin, seed + 1)].map((each) => {
        return { ...scannedMesh(surface, each), noseTip: pointAt(each.landmarks, NOSE_TIP) };
      });
      const [a, b] = faces as [(typeof faces)[0], (typeof faces)[0]];
      const vertices = a.positions.length / 3;
      figures = await timed(() => ({ vertices, mean: miccDistanceOfTopology(a, b).mean }));
    });
    return figures;
  },
  register: async (folder) => {
    await makeMiccStandIn(folder, OPTIONS);
    const out = join(folder, "registered");
    const { registrations } = await planRegistrations({
      data: join(folder, "dataset"),
      landmarks: join(folder, "landmarks"),
      registered: out,
      template: join(folder, "template.obj"),
      templateIds: join(folder, "landmark_ids.json"),
    });
    const [registration] = registrations;
    const template = (await readMesh(registration!.template)).positions.length / 3;
    const scan = (await readMesh(registration!.scan)).positions.length / 3;
    return timed(async () => {
      await runJobs([{ kind: "register", registration: registration! }], { threads: 1 });
      return { scan, template };
    });
  },
  realy: async (folder) => {
    await makeRealyStandIn(folder, OPTIONS);
    const regions = await Promise.all(
      ["nose", "mouth", "forehead", "cheek"].map(async (name) => {
        const mesh = await readMesh(join(folder, "REALY_scan_region", "1", `${name}.obj`));
        return [name, mesh.positions.length / 3] as const;
      }),
    );
    const systems = [{ name: "mean", folder: join(folder, "systems", "mean-face") }];
    const plan = await planRealy({ data: folder, systems, topology: "GANFIT" });
    return timed(async () => ({
      vertices: Object.fromEntries(regions),
      ...(await score(plan, folder)),
    }));
  },
  now: async (folder) => {
    await makeNowStandIn(folder, OPTIONS);
    const systems = [{ name: "mean", folder: join(folder, "systems", "mean-face") }];
    const plan = await planNow({ data: folder, systems, challenge: "selfie" });
    return timed(() => score(plan, folder));
  },
};

async function score(plan: Plan, folder: string) {
  const out = join(folder, "report");
  const { scores } = await runPlan(plan, { out, most: 5, threads: 1 });
  return { figures: scores[0]!.figures };
}

async function timed<T extends object>(work: () => T | Promise<T>) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
    gigabytes: Number((process.memoryUsage.rss() / 1e9).toFixed(2)),
    ...result,
  };
}

const wanted = process.argv.slice(2);
for (const [name, task] of Object.entries(TASKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = await mkdtemp(join(tmpdir(), "ganfit-protocols-"));
  try {
    console.log(JSON.stringify({ task: name, ...(await task(join(folder, "standin"))) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
