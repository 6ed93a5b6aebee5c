/**
 * Whether fitted heads are recognisably the person, on people of ../shared with a neutral and a smiling photo: what
 * `ganfit evaluate photos` measures, with the first photo of each person as the probe.
 *
 *     npm run bench -- likeness [--people held-out|training] [--every N] [--steps N] [--model NAME]
 *       [--generator FILE] [--texture photo|generated|photo,generated] [--weights identity=2,content=0]
 *       [--measures identity,other,shape] [--canada] [--threads N] [--out FOLDER]
 *
 * Lines of JSON: the tables' rows, then a line for each photo (and texture), least like the person first. `training` are
 * the London people on whom things may be tuned; figures are those of `held-out`, the default. The neutral photo is
 * fitted; for `identity` its head is compared with the smiling photos of all London people by the judge, a network that
 * no fit has seen (packages/core/bench/judge.ts); for `other` it is laid over the smiling photo; for `shape` both photos
 * are fitted. Canada's people, with `--canada`, have one photo each, which is compared with its own head alone.
 *
 * In the folder `--out` are `pictures`, a strip of each photo, and `work`, what was measured: a run that was
 * interrupted goes on where it was. Look at the pictures: figures do not say whether it is the person.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FIT_DEFAULTS } from "@ganfit/core";
import { readJudge } from "../../core/bench/judge.js";
import { evaluatePhotos } from "../src/photos/evaluate-photos.node.js";
import { openHeadTools } from "../src/photos/open-head-tools.node.js";
import { MEASURES } from "../src/photos/photos-options.js";
import { TEXTURES } from "../src/photos/textures.js";
import { parseList, parseWeights } from "./likeness-options.js";
import { type BenchPerson, canadaPeople, londonPeople } from "./likeness-people.js";

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "held-out" },
    every: { type: "string", default: "1" },
    steps: { type: "string", default: String(FIT_DEFAULTS.steps) },
    model: { type: "string" },
    generator: { type: "string" },
    texture: { type: "string", default: "photo" },
    weights: { type: "string", default: "" },
    measures: { type: "string", default: MEASURES.join() },
    canada: { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    out: {
      type: "string",
      default: fileURLToPath(new URL("../../../.cache/likeness", import.meta.url)),
    },
  },
});
const heldOut = parseList("people", values.people, ["held-out", "training"]).has("held-out");
const measures = parseList("measures", values.measures, MEASURES);
const textures = parseList("texture", values.texture, TEXTURES);
const weights = parseWeights(values.weights, FIT_DEFAULTS.weights);

const london = londonPeople();
if (london.length === 0) {
  console.error("bench: ../shared/data/photos is absent, and with it all photos.");
  process.exit(2);
}
const people = chosen([...london, ...(values.canada ? canadaPeople() : [])]);
const names = new Set(people.map(({ name }) => name));
const tools = await openHeadTools({
  model: values.model,
  generator: values.generator,
  judge: await readJudge(),
  fit: { steps: Number(values.steps), weights },
  network: { threads: Number(values.threads) },
});
const report = await evaluatePhotos(
  {
    photos: people,
    out: values.out,
    textures: [...textures],
    measures: [...measures],
    probes: "first",
    // Everybody else of London, as far as heads are compared with them: smiling.
    bystanders: london
      .filter(({ name }) => !names.has(name))
      .map(({ name, photos }) => ({ name, photos: photos.slice(1) })),
  },
  {
    ...tools,
    onProgress: ({ done, total, name, problem }) =>
      console.error(`${done}/${total} ${name}${problem === undefined ? "" : `: ${problem}`}`),
  },
);
await tools.dispose();

for (const { title, columns, rows } of report.tables) {
  for (const row of rows) {
    const figures = columns.map(({ name }, i) => [name, row[i]]);
    print({ table: title, set: values.people, ...Object.fromEntries(figures) });
  }
}
for (const { system, subject, figures } of report.subjects) {
  print({ photo: subject, texture: system, ...figures });
}
for (const problem of report.problems) print(problem);

function chosen(all: readonly BenchPerson[]): BenchPerson[] {
  return all
    .filter((person) => person.heldOut === heldOut)
    .filter((_, i) => i % Number(values.every) === 0);
}

function print(line: object): void {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toFixed(4)) : value;
  console.log(JSON.stringify(line, rounded));
}
