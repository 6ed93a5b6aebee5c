/**
 * Intersection over union of the face segmentation with a network trained on non-commercial data, on
 * two lists of 30 photographs. One line of JSON per photograph, then a summary.
 *
 *     npx tsx packages/core/bench/segmentation.ts tuned|fresh
 *
 * The reference's glasses cover the lenses, so its pixels of glasses count neither for nor against the
 * face. Hair is compared where the reference sees at least 3 % of it, glasses where either sees some;
 * one that sees none scores 0. The time is the process's, of all its threads.
 */
import { fileURLToPath } from "node:url";
import { readImage } from "../src/image/decode.node.js";
import type { Mask } from "../src/image/image.js";
import { warpSimilarity } from "../src/image/warp.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { findFace } from "../src/networks/find-face.js";
import { segmentFace } from "../src/networks/segmentation.js";
import { headCrop } from "../src/networks/segmentation-crop.js";
import { CLASSES, openReferenceParser } from "./segmentation-reference.js";

const PHOTOS = fileURLToPath(new URL("../../../../shared/data/photos/", import.meta.url));

const official = (...names: string[]) => names.map((name) => `official-portraits/${name}`);
const LISTS: Record<string, readonly string[]> = {
  /** Held-out people and portraits chosen for their glasses, beards, hats and bald heads. */
  tuned: [
    ...["005", "022", "043", "114"].map((name) => `london-neutral/${name}`),
    ...["013", "033", "090", "132"].map((name) => `london-smiling/${name}`),
    ...["020f", "053f", "108m", "123m"].map((name) => `canada/${name}`),
    ...official("020511", "020535", "020959", "021137", "021300", "021340", "021370", "021502"),
    ...official("021545", "021735", "021900", "021946", "021979", "029109", "029354", "029377"),
    ...official("031100", "039307"),
  ],
  /**
   * By rule, before any result was seen: of what is neither above nor held out, in the order of the
   * names, every 10th official portrait from the first, every 9th London person from the fifth, every
   * 4th Canadian from the first.
   */
  fresh: [
    ...["007", "020", "036", "064", "092", "108", "126", "139"].map((n) => `london-neutral/${n}`),
    ...["003f", "025f", "048f", "070f", "114m", "121m", "152m"].map((n) => `canada/${n}`),
    ...official("014844", "020527", "021104", "021172", "021504", "021531", "021554", "021719"),
    ...official("021733", "021756", "021916", "021959", "022122", "029375", "029772"),
  ],
};
const [name = ""] = process.argv.slice(2);
const list = LISTS[name];
if (!list) throw new Error(`Say which list: ${Object.keys(LISTS).join(" or ")}.`);

/** The reference's resolution, over that of our masks. */
const FINER = 2;

type Class = (typeof CLASSES)[number];
const FACE: readonly Class[] = [
  "skin",
  "nose",
  "left-eye",
  "right-eye",
  "left-brow",
  "right-brow",
  "mouth",
  "upper-lip",
  "lower-lip",
];

function intersectionOverUnion(
  mask: Mask,
  classes: Int32Array,
  wanted: readonly Class[],
  ignored: readonly Class[] = [],
): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < mask.data.length; i++) {
    const row = Math.floor(i / mask.width) * FINER;
    const name = CLASSES[classes[row * mask.width * FINER + (i % mask.width) * FINER]!]!;
    if (ignored.includes(name)) continue;
    const ours = mask.data[i]! > 0.5;
    const theirs = wanted.includes(name);
    if (ours && theirs) both++;
    if (ours || theirs) either++;
  }
  return both / either;
}

const networks = await loadFaceNetworks();
const reference = await openReferenceParser();
const scores: Record<string, number[]> = { face: [], hair: [], glasses: [] };
const milliseconds: number[] = [];
for (const photo of list) {
  const image = await readImage(`${PHOTOS}${photo}.jpg`);
  const face = await findFace(image, networks, { relativeSize: 0.9 });
  const start = process.cpuUsage();
  const masks = segmentFace(image, face.landmarks);
  const { user, system } = process.cpuUsage(start);
  milliseconds.push((user + system) / 1000);
  const side = masks.face.width * FINER;
  const crop = warpSimilarity(image, headCrop(face.landmarks, side), side, side, {
    border: "replicate",
  });
  const classes = await reference.parse(crop);
  const share = (name: Class) =>
    classes.filter((value) => CLASSES[value] === name).length / classes.length;
  const worn = share("glasses") > 0.001;
  const result: Record<string, number> = {
    face: intersectionOverUnion(masks.face, classes, FACE, ["glasses"]),
    ...(share("hair") + share("hat") >= 0.03 && {
      hair: intersectionOverUnion(masks.hair, classes, ["hair", "hat"]),
    }),
    ...((worn || masks.hasGlasses) && {
      glasses: intersectionOverUnion(masks.glasses, classes, ["glasses"]),
    }),
  };
  for (const [name, value] of Object.entries(result)) scores[name]!.push(value);
  console.log(JSON.stringify({ photo, ...result, worn, found: masks.hasGlasses }));
}
const summary = Object.entries(scores).map(([name, values]) => [
  name,
  {
    photos: values.length,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    worst: Math.min(...values),
  },
]);
milliseconds.sort((a, b) => a - b);
const median = milliseconds[milliseconds.length >> 1];
console.log(JSON.stringify({ ...Object.fromEntries(summary), milliseconds: median }));
await networks.dispose();
