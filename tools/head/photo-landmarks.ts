// The 478 landmarks of the photographs that the head's statistics are learnt from.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../packages/core/src/errors.js";
import { readImage } from "../../packages/core/src/image/decode.node.js";
import { writeWhole } from "../../packages/core/src/image/encode.node.js";
import { FACE_LANDMARKS_URL } from "../../packages/core/src/networks/assets.js";
import { readAsset } from "../../packages/core/src/networks/assets.node.js";
import { findFaces } from "../../packages/core/src/networks/faces.js";
import { loadFaceNetworks } from "../../packages/core/src/networks/faces.node.js";
import { LANDMARK_COUNT } from "../../packages/core/src/networks/landmarks.js";

/**
 * Folders of one neutral frontal portrait per person, both CC BY 4.0. Averages of several people are
 * no people, and the rest of the photographs may not be learnt from or shows smiles.
 */
export const TRAINING_FOLDERS = [
  { folder: "london-neutral", prefix: "" },
  { folder: "canada", prefix: "canada/" },
] as const;

export interface PhotoLandmarks {
  /** Folder and file without extension. */
  readonly name: string;
  /** `478 x 3` pixels as the landmark network gives them: x right, y down. */
  readonly points: Float32Array;
}

interface Cache {
  /** SHA-256 of the landmark network's file. */
  readonly network: string;
  readonly points: Readonly<Record<string, readonly number[]>>;
}

/** People that nothing may be learnt from, as `holdout.txt` names them. */
export function parseHoldout(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((name) => name !== ""));
}

/** Pictures of people who are not held out: paths relative to `photos`, sorted. */
export async function trainingPhotos(photos: string): Promise<string[]> {
  const heldOut = parseHoldout(await readFile(join(photos, "holdout.txt"), "utf8"));
  const paths: string[] = [];
  for (const { folder, prefix } of TRAINING_FOLDERS) {
    for (const file of (await readdir(join(photos, folder))).sort()) {
      if (!file.endsWith(".jpg")) continue;
      if (!heldOut.has(prefix + file.slice(0, -4))) paths.push(`${folder}/${file}`);
    }
  }
  return paths;
}

/**
 * Landmarks of every training photograph, from `cache` where it has them by the same network.
 *
 * @param photos the folder with `holdout.txt`
 * @param cache a JSON file, created with what had to be measured
 * @throws GanfitError `no-face` if a photograph shows none
 */
export async function measurePhotos(photos: string, cache: string): Promise<PhotoLandmarks[]> {
  const paths = await trainingPhotos(photos);
  const network = createHash("sha256")
    .update(await readAsset(FACE_LANDMARKS_URL))
    .digest("hex");
  const stored: Cache = existsSync(cache)
    ? JSON.parse(await readFile(cache, "utf8"))
    : { network, points: {} };
  const known = new Map(stored.network === network ? Object.entries(stored.points) : []);
  const missing = paths.filter((path) => known.get(path)?.length !== LANDMARK_COUNT * 3);
  if (missing.length > 0) {
    const networks = await loadFaceNetworks();
    try {
      for (const path of missing) {
        // The largest: each picture shows one person.
        const face = (await findFaces(await readImage(join(photos, path)), networks))[0];
        if (!face) throw new GanfitError("no-face", `${path} shows no face.`);
        known.set(
          path,
          Array.from(face.landmarks, (value) => Math.round(value * 100) / 100),
        );
      }
    } finally {
      await networks.dispose();
    }
    await mkdir(join(cache, ".."), { recursive: true });
    const points = Object.fromEntries(paths.map((path) => [path, known.get(path)!]));
    const text = JSON.stringify({ network, points } satisfies Cache);
    await writeWhole(cache, new TextEncoder().encode(text));
  }
  return paths.map((path) => ({
    name: path.replace(/\.jpg$/, ""),
    points: Float32Array.from(known.get(path)!),
  }));
}
