/**
 * Skin textures of people that nothing was ever trained on: the photo's own skin of fits of their neutral photos,
 * made once into `.cache`, which git ignores. Remove the folder to make them anew.
 */
import { mkdir } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { fit } from "../src/fit/fit.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { photoTexture } from "../src/fit/photo-texture.js";
import { readImage } from "../src/image/decode.node.js";
import { writeImage } from "../src/image/encode.node.js";
import type { Image } from "../src/image/image.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { photosOf } from "../test/photos.node.js";

const FOLDER = fileURLToPath(new URL("../../../.cache/held-out-skins/", import.meta.url));

/** Texels along each side. */
const SIZE = 512;

/** Steps of the fits, whose light is taken out of the textures. */
const STEPS = 40;

/**
 * @returns one texture in the common layout for each person held out, in order of name; none where the photos
 *   are absent
 */
export async function heldOutSkins(): Promise<Image[]> {
  const photos = (["london-neutral", "canada"] as const)
    .flatMap(photosOf)
    .filter(({ heldOut }) => heldOut);
  const missing: typeof photos = [];
  for (const photo of photos) {
    if (!(await readImage(fileOf(photo.name)).catch(() => null))) missing.push(photo);
  }
  if (missing.length > 0) await makeSkins(missing);
  return Promise.all(photos.map(({ name }) => readImage(fileOf(name))));
}

function fileOf(name: string): string {
  return `${FOLDER}${basename(name, ".jpg")}.png`;
}

async function makeSkins(photos: readonly { name: string; path: string }[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const frame = await loadUvFrame();
  const models = await loadFitModels();
  try {
    for (const { name, path } of photos) {
      const photo = await readImage(path);
      const { head, camera, lighting, segmentation } = await fit(photo, models, {
        steps: STEPS,
        name,
      });
      const skin = photoTexture({ photo, head, camera, lighting, segmentation, frame, size: SIZE });
      await writeImage(fileOf(name), skin);
    }
  } finally {
    await models.dispose();
  }
}
