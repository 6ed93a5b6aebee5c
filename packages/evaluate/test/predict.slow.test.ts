import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedFitModels, loadFitModels } from "@ganfit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  checkNowSubmission,
  makeMiccStandIn,
  makeNowStandIn,
  makeRealyStandIn,
  miccPhotos,
  miccWriter,
  nowPhotos,
  nowWriter,
  type PhotoSet,
  type PredictionWriter,
  planMicc,
  planNow,
  planRealy,
  predictHeads,
  realyPhotos,
  realyWriter,
  runPlan,
} from "../src/index.node.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-predict-"));
const options = { seed: 5, subjects: 1, vertices: 2000, photos: true };
let models: LoadedFitModels;

beforeAll(async () => {
  models = await loadFitModels();
});
afterAll(async () => {
  await models.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** The landmarks' shape alone, which takes seconds. */
async function predict(sets: readonly PhotoSet[], writer: PredictionWriter) {
  const problems: string[] = [];
  const written = await predictHeads(sets, {
    models,
    fit: { steps: 0, threads: 2 },
    frames: 2,
    seed: 0,
    writer,
    onProblem: (subject, problem) => problems.push(`${subject}: ${problem}`),
  });
  return { written, problems };
}

describe("heads fitted to a benchmark's photos are what its loader and metric take", () => {
  it("REALY, and are left alone when they are there", async () => {
    const data = join(root, "realy");
    await makeRealyStandIn(data, options);
    const folder = join(root, "realy-heads");
    const writer = await realyWriter(folder, models.shape);
    const sets = await realyPhotos(join(data, "REALY_image", "frontal"));
    expect(await predict(sets, writer)).toEqual({ written: 1, problems: [] });
    expect(await predict(sets, writer)).toEqual({ written: 0, problems: [] });
    const plan = await planRealy({
      data,
      systems: [{ name: "ours", folder }],
      topology: join(folder, "topology", "GANFIT"),
    });
    const out = join(root, "realy-report");
    const { scores, problems } = await runPlan(plan, { out, most: 5, threads: 1 });
    expect(problems).toEqual([]);
    expect(scores[0]!.figures.all).toBeLessThan(4);
  });

  it("NoW, as a submission that is complete", async () => {
    const data = join(root, "now");
    await makeNowStandIn(data, options);
    const folder = join(root, "now-heads");
    const list = join(data, "imagepathsvalidation.txt");
    const sets = await nowPhotos(join(data, "final_release_version", "iphone_pictures"), list);
    const { written, problems } = await predict(sets, nowWriter(folder, models.shape));
    expect([written, problems]).toEqual([4, []]);
    expect(await checkNowSubmission(folder, list)).toMatchObject({ photos: 4, ready: 4 });
    const plan = await planNow({ data, systems: [{ name: "ours", folder }] });
    const found = await runPlan(plan, { out: join(root, "now-report"), most: 5, threads: 1 });
    expect(found.problems).toEqual([]);
    for (const { figures } of found.scores) expect(figures.mean).toBeLessThan(3);
  });

  it("MICC, of several frames, with landmarks since their topology is not the template's", async () => {
    const data = join(root, "micc");
    await makeMiccStandIn(data, options);
    const folder = join(root, "micc-heads");
    const sets = await miccPhotos(join(data, "photos"));
    const { written, problems } = await predict(sets, miccWriter(folder, models.shape));
    expect([written, problems]).toEqual([3, []]);
    expect(readdirSync(join(folder, "subject_01")).sort()).toHaveLength(6);
    const plan = await planMicc({
      protocol: "deep3d",
      data: join(data, "dataset"),
      landmarks: join(data, "landmarks"),
      template: join(data, "template.obj"),
      templateIds: join(data, "landmark_ids.json"),
      systems: [{ name: "ours", folder }],
    });
    const found = await runPlan(plan, { out: join(root, "micc-report"), most: 5, threads: 1 });
    expect(found.problems).toEqual([]);
    for (const { figures } of found.scores) expect(figures.score).toBeLessThan(4);
  });
});
