import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findFace, loadFaceNetworks, loadSface, type Recognition, readImage } from "@ganfit/core";
import { type Comparison, compareWithGallery, type GalleryEntry } from "../src/identity/gallery.js";

export interface MeasuredProbe extends Comparison {
  readonly heldOut: boolean;
}

/**
 * Smiling pictures of the London set against everybody's neutral ones.
 *
 * @param photos the folder of the photographs
 * @param quick held-out people alone are probes, against themselves and every fifth of the others:
 *   48 pictures instead of 200
 * @param open the network that is measured
 */
export async function measureRecognition(
  photos: string,
  quick = false,
  open: () => Promise<Pick<Recognition, "embed" | "dispose">> = loadSface,
): Promise<MeasuredProbe[]> {
  const holdout = new Set((await readFile(join(photos, "holdout.txt"), "utf8")).split(/\s+/));
  const networks = await loadFaceNetworks();
  const recognition = await open();
  const embed = async (photo: string) => {
    const image = await readImage(join(photos, photo));
    const face = await findFace(image, networks, { minimumSize: 200, relativeSize: 0.9 });
    return recognition.embed(image, face.landmarks);
  };
  const pictures = async (folder: string) =>
    (await readdir(join(photos, folder))).filter((name) => name.endsWith(".jpg")).sort();
  const gallery: GalleryEntry[] = [];
  for (const folder of ["london-neutral", "canada"]) {
    let others = 0;
    for (const name of await pictures(folder)) {
      const person = (folder === "canada" ? "canada/" : "") + name.slice(0, -4);
      if (quick && !holdout.has(person) && others++ % 5 > 0) continue;
      const photo = `${folder}/${name}`;
      gallery.push({ person, photo, features: await embed(photo) });
    }
  }
  const comparisons: MeasuredProbe[] = [];
  for (const name of await pictures("london-smiling")) {
    const person = name.slice(0, -4);
    if (quick && !holdout.has(person)) continue;
    const photo = `london-smiling/${name}`;
    const comparison = compareWithGallery({ person, photo, features: await embed(photo) }, gallery);
    comparisons.push({ ...comparison!, heldOut: holdout.has(person) });
  }
  await networks.dispose();
  await recognition.dispose();
  return comparisons;
}
