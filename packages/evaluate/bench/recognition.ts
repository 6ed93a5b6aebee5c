/**
 * How well SFace, or with `--judge` the benchmarks' judge, tells the people of the London set apart: every
 * smiling picture against the neutral pictures of all people, Canada's included. Lines of JSON: the figures of
 * the held-out people and of all, then the worst pairs.
 *
 *     npx tsx packages/evaluate/bench/recognition.ts [--judge]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadJudge } from "../../core/bench/judge.js";
import { describeSeparation } from "../src/identity/gallery.js";
import { measureRecognition } from "./recognition-measure.js";

const photos = fileURLToPath(new URL("../../../../shared/data/photos/", import.meta.url));
const { values } = parseArgs({ options: { judge: { type: "boolean", default: false } } });
const comparisons = await measureRecognition(photos, false, values.judge ? loadJudge : undefined);
for (const people of ["held-out", "all"] as const) {
  const part = comparisons.filter(({ heldOut }) => heldOut || people === "all");
  console.log(JSON.stringify({ people, ...describeSeparation(part) }));
}
const own = comparisons.map(({ person, genuine: [genuine = 0] }) => ({ person, genuine }));
const least = own.sort((a, b) => a.genuine - b.genuine).slice(0, 5);
for (const { person, genuine } of least) {
  console.log(JSON.stringify({ leastAlike: person, genuine }));
}
const most = [...comparisons].sort((a, b) => b.nearest - a.nearest).slice(0, 5);
for (const { person, nearestPerson, nearest } of most) {
  console.log(JSON.stringify({ confusable: person, with: nearestPerson, nearest }));
}
