// The factors that take the Canadian photographs' red cast out, for tools/texture/sources.json:
// `tsx tools/texture/white-balance.ts DATASET [PHOTOS]`. As all their people are white, the cast is what their mean
// skin tone differs by from that of the white people of London. DATASET was built with the factors that are in
// sources.json; those that are printed stay the same once they are right.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readManifest } from "../../packages/train/src/dataset/dataset-reader.node.js";
import type { ManifestMap } from "../../packages/train/src/dataset/manifest.js";
import type { Tone } from "../../packages/train/src/dataset/mean-texture.js";
import { parseSources, provenanceOf } from "../../packages/train/src/dataset/photo-sources.js";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Numbers of the people of London whom `london.csv` calls white. */
async function whitePeople(photos: string): Promise<ReadonlySet<string>> {
  const [, ...rows] = (await readFile(join(photos, "london.csv"), "utf8")).trim().split(/\r?\n/);
  const people = rows.map((row) => row.split(","));
  return new Set(people.filter(([, , , group]) => group === "white").map(([id]) => id!));
}

function meanTone(maps: readonly ManifestMap[]): Tone {
  const channel = (c: 0 | 1 | 2) =>
    maps.reduce((sum, { skinTone }) => sum + skinTone[c], 0) / maps.length;
  return [channel(0), channel(1), channel(2)];
}

async function main(): Promise<void> {
  const [, , dataset, photos = join(HERE, "../../../shared/data/photos")] = process.argv;
  if (dataset === undefined) throw new Error("The folder of a dataset is needed.");
  const { maps } = await readManifest(dataset);
  const white = await whitePeople(photos);
  const sources = parseSources(await readFile(join(HERE, "sources.json"), "utf8"), "sources.json");
  const canadian = ({ photo }: ManifestMap) => photo.startsWith("canada/");
  const london = meanTone(maps.filter((map) => !canadian(map) && white.has(map.person)));
  const canada = meanTone(maps.filter(canadian));
  const { whiteBalance } = provenanceOf("canada/", sources);
  const factors = whiteBalance.map((factor, c) => (factor * london[c]!) / canada[c]!);
  console.log(JSON.stringify(factors.map((value) => Number(value.toFixed(4)))));
}

await main();
