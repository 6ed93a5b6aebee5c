import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { objText, planMeshes, runPlan } from "../src/index.node.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-run-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const truth = join(root, "truth");
const system = join(root, "system");
const out = join(root, "report");
const NAMES = ["a", "b", "c"];

/** An octahedron, its top raised. */
function octahedron(height: number): string {
  const positions = Float64Array.from([
    ...[10, 0, 0, 0, 10, 0, -10, 0, 0, 0, -10, 0],
    ...[0, 0, height, 0, 0, -12],
  ]);
  const triangles = Uint32Array.from(
    [0, 1, 2, 3].flatMap((i) => {
      const next = (i + 1) % 4;
      return [i, next, 4, next, i, 5];
    }),
  );
  return objText({ positions, triangles });
}

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  for (const folder of [truth, system]) mkdirSync(folder, { recursive: true });
  for (const [i, name] of NAMES.entries()) {
    writeFileSync(join(truth, `${name}.obj`), octahedron(12));
    writeFileSync(join(system, `${name}.obj`), octahedron(13 + i));
  }
});

const options = { out, most: 5, threads: 1 };
const plan = () =>
  planMeshes({ truth, systems: [{ name: "ours", folder: system }], align: "none" });
const kept = () =>
  readdirSync(join(out, "work"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name, statSync(join(out, "work", name)).mtimeMs] as const);

it("goes on where an interruption left it, with the same result", async () => {
  const controller = new AbortController();
  const stopped = runPlan(await plan(), {
    ...options,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("stopped")),
  });
  await expect(stopped).rejects.toThrow("stopped");
  const before = kept();
  expect(before).toHaveLength(1);

  const resumed = await runPlan(await plan(), options);
  expect(kept()).toEqual(expect.arrayContaining([...before]));
  expect(kept()).toHaveLength(3);
  rmSync(out, { recursive: true });
  expect(await runPlan(await plan(), options)).toEqual(resumed);
});

it("scores again what has changed, and no more", async () => {
  const first = await runPlan(await plan(), options);
  const before = new Map(kept());
  writeFileSync(join(system, "b.obj"), octahedron(20));
  const second = await runPlan(await plan(), options);
  const after = kept();
  expect(after.filter(([name, time]) => before.get(name) === time)).toHaveLength(3);
  expect(after).toHaveLength(4);
  const mean = (scores: typeof first.scores, subject: string) =>
    scores.find((score) => score.subject === subject)!.figures.mean;
  expect(mean(second.scores, "a")).toBe(mean(first.scores, "a"));
  expect(mean(second.scores, "b")).not.toBe(mean(first.scores, "b"));
});

it("scores again where a picture or a kept score is gone or broken", async () => {
  const first = await runPlan(await plan(), options);
  const picture = first.scores[0]!.pictures[0]!.file;
  rmSync(join(out, picture));
  const [name] = kept().at(-1)!;
  writeFileSync(join(out, "work", name), "{");
  expect(await runPlan(await plan(), options)).toEqual(first);
  expect(readdirSync(join(out, "pictures"))).toContain(picture.slice("pictures/".length));
});

it("tells of what cannot be scored and scores the rest", async () => {
  writeFileSync(join(system, "b.obj"), "v 1 2\n");
  const { scores, problems } = await runPlan(await plan(), options);
  expect(scores.map(({ subject }) => subject)).toEqual(["a", "c"]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ system: "ours", subject: "b" });
  expect(problems[0]!.problem).toMatch(/b\.obj/);
});
