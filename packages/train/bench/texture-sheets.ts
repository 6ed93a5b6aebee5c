/** Pictures of a texture benchmark, for what figures do not say. */
import { contactSheet, type Image, randomUniform } from "@ganfit/core";
import type { Portrait } from "./texture-portrait.js";

const CELL = { width: 256, height: 256 };

export interface ProjectedPerson {
  readonly name: string;
  readonly truth: Image;
  readonly projected: Image;
}

/** Two people in a row: true and projected texture, true and projected portrait. */
export function projectionSheet(people: readonly ProjectedPerson[], portrait: Portrait): Image {
  const images = people.flatMap(({ truth, projected }) => [
    truth,
    projected,
    portrait.picture(truth),
    portrait.picture(projected),
  ]);
  const labels = people.flatMap(({ name }) => [name, "projected", "", "projected"]);
  return contactSheet(images, { columns: 8, cell: CELL, labels });
}

export function portraitSheet(textures: readonly Image[], columns: number, portrait: Portrait) {
  const images = textures.map((texture) => portrait.picture(texture));
  return contactSheet(images, { columns, cell: CELL });
}

/** Side of a portrait of the blind look, pixels, and how many lie on a page. */
const LARGE = 480;
const PER_PAGE = 8;

export interface BlindLook {
  readonly pages: readonly Image[];
  /** For each number below a portrait what it is. */
  readonly key: Readonly<Record<string, string>>;
}

/**
 * Portraits of real and generated textures in one light, shuffled, with nothing but a number below each.
 *
 * @param textures by what the key calls them
 */
export function blindLook(
  textures: readonly (readonly [name: string, texture: Image])[],
  seed: number,
  portrait: Portrait,
): BlindLook {
  const order = [...textures];
  const next = randomUniform(seed);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * next());
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const images = order.map(([, texture]) => portrait.picture(texture, LARGE));
  const pages: Image[] = [];
  for (let start = 0; start < images.length; start += PER_PAGE) {
    const page = images.slice(start, start + PER_PAGE);
    const labels = page.map((_, i) => String(start + i + 1));
    pages.push(contactSheet(page, { columns: PER_PAGE / 2, labels }));
  }
  return { pages, key: Object.fromEntries(order.map(([name], i) => [String(i + 1), name])) };
}
