import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readImage } from "../src/image/decode.node.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { findFace } from "../src/networks/find-face.js";
import { type Recognition, similarityOf } from "../src/networks/recognition.js";
import { loadSface } from "../src/networks/recognition.node.js";

/** One person's smiling picture against everybody's neutral one. */
export interface Comparison {
  readonly person: string;
  readonly heldOut: boolean;
  /** Cosine with the same person's neutral picture. */
  readonly genuine: number;
  /** The greatest cosine with somebody else's. */
  readonly nearest: number;
  readonly nearestPerson: string;
  readonly impostors: readonly number[];
}

/**
 * @param photos the folder of the photographs
 * @param quick held-out people alone are probes, against themselves and every fifth of the others:
 *   48 pictures instead of 200
 * @param open the network that is measured
 */
export async function measureRecognition(
  photos: string,
  quick = false,
  open: () => Promise<Pick<Recognition, "embed" | "dispose">> = loadSface,
): Promise<Comparison[]> {
  const holdout = new Set((await readFile(join(photos, "holdout.txt"), "utf8")).split(/\s+/));
  const networks = await loadFaceNetworks();
  const recognition = await open();
  const embed = async (folder: string, name: string) => {
    const image = await readImage(join(photos, folder, name));
    const face = await findFace(image, networks, { minimumSize: 200, relativeSize: 0.9 });
    return recognition.embed(image, face.landmarks);
  };
  const pictures = async (folder: string) =>
    (await readdir(join(photos, folder))).filter((name) => name.endsWith(".jpg")).sort();
  const gallery: { person: string; embedding: Float32Array }[] = [];
  for (const folder of ["london-neutral", "canada"]) {
    let others = 0;
    for (const name of await pictures(folder)) {
      const person = (folder === "canada" ? "canada/" : "") + name.slice(0, -4);
      if (quick && !holdout.has(person) && others++ % 5 > 0) continue;
      gallery.push({ person, embedding: await embed(folder, name) });
    }
  }
  const comparisons: Comparison[] = [];
  for (const name of await pictures("london-smiling")) {
    const person = name.slice(0, -4);
    if (quick && !holdout.has(person)) continue;
    const probe = await embed("london-smiling", name);
    const scores = gallery.map((entry) => ({
      person: entry.person,
      cosine: similarityOf(probe, entry.embedding),
    }));
    const others = scores.filter((score) => score.person !== person);
    const nearest = others.reduce((a, b) => (b.cosine > a.cosine ? b : a));
    comparisons.push({
      person,
      heldOut: holdout.has(person),
      genuine: scores.find((score) => score.person === person)!.cosine,
      nearest: nearest.cosine,
      nearestPerson: nearest.person,
      impostors: others.map(({ cosine }) => cosine),
    });
  }
  await networks.dispose();
  await recognition.dispose();
  return comparisons;
}

/** Rank-1 rate, area under the ROC curve, and mean, standard deviation and extremes of both distributions. */
export function describeSeparation(comparisons: readonly Comparison[]) {
  const genuine = comparisons.map((comparison) => comparison.genuine);
  const impostors = comparisons.flatMap((comparison) => comparison.impostors);
  const above = genuine.map((value) => impostors.filter((other) => other < value).length);
  const spread = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return {
      mean,
      deviation: Math.sqrt(variance),
      least: Math.min(...values),
      most: Math.max(...values),
    };
  };
  return {
    probes: comparisons.length,
    rank1:
      comparisons.filter(({ genuine, nearest }) => genuine > nearest).length / comparisons.length,
    auc: above.reduce((sum, count) => sum + count, 0) / (genuine.length * impostors.length),
    genuine: spread(genuine),
    impostor: spread(impostors),
  };
}
