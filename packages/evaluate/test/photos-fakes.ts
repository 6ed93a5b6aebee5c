/** A fitter and a judge without networks: a picture's face is its mean colour, and a head's that of its photo. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodePng, GanfitError, type Image } from "@ganfit/core";
import { onTestFinished } from "vitest";
import type { HeadFitter, ReadPhoto } from "../src/photos/head-fitter.js";
import type { Judge } from "../src/photos/judge.js";

export type Colour = readonly [r: number, g: number, b: number];

/** Of photos in which nobody finds a face. */
export const FACELESS: Colour = [0, 0, 0];
/** Of photos in which the judge finds a face, but which cannot be fitted. */
export const UNFITTABLE: Colour = [255, 255, 255];

export interface FakeTools {
  readonly fitter: HeadFitter;
  readonly judge: Judge;
  /** Names of the photos that were fitted, `a onto b` for another photo of the person. */
  readonly fitted: string[];
  /** What was judged. */
  readonly judged: string[];
}

/**
 * @param options.blend what is mixed into the colour of heads from the front, half and half
 * @param options.key of the fitter
 */
export function fakeTools({
  blend,
  key = "one",
  fittedWith = false,
}: {
  blend?: Colour;
  key?: string;
  fittedWith?: boolean;
} = {}): FakeTools {
  const fitted: string[] = [];
  const judged: string[] = [];
  const fitter: HeadFitter = {
    key,
    description: ["Heads are made up."],
    async fit(photo, { signal } = {}) {
      signal?.throwIfAborted();
      requireFace(photo.image, photo.name, UNFITTABLE);
      fitted.push(photo.name);
      const colour = colourOf(photo.image);
      const front = blend
        ? (colour.map((value, c) => (value + blend[c]!) / 2) as number[])
        : colour;
      return {
        seconds: 2,
        landmarkError: 0.01,
        shape: Float32Array.of(0, 0, 0, colour[0], 0, 0, 0, colour[1], 0),
        pictures: (texture) => ({
          own: likenessOf(photo, texture === "photo" ? 30 : 25),
          judged: plain(front as unknown as Colour),
          clay: plain([128, 128, 128]),
          skin: plain(colour),
        }),
        async onto(other) {
          requireFace(other.image, other.name, UNFITTABLE);
          fitted.push(`${photo.name} onto ${other.name}`);
          return () => likenessOf(other, 20);
        },
      };
    },
  };
  const judge: Judge = {
    name: "mean colour",
    licence: "none",
    sha256: "c".repeat(64),
    fittedWith,
    async embed(picture, { name }) {
      judged.push(name);
      requireFace(picture, name, FACELESS);
      const colour = colourOf(picture).map((value) => value - 128);
      const length = Math.hypot(...colour);
      return Float32Array.from(colour, (value) => value / length);
    },
  };
  return { fitter, judge, fitted, judged };
}

/** Photos of one colour each, in a new folder that goes away with the test. */
export async function photoFolder(
  photos: Readonly<Record<string, Colour | Uint8Array>>,
): Promise<string> {
  const folder = await emptyFolder();
  for (const [name, content] of Object.entries(photos)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const bytes = content instanceof Uint8Array ? content : await encodePng(plain(content));
    await writeFile(path, bytes);
  }
  return folder;
}

export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ganfit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What `embed` compares: cosine of two colours. */
export function cosineOf(a: Colour, b: Colour): number {
  const [x, y] = [a, b].map((colour) => colour.map((value) => value - 128));
  const dot = x!.reduce((sum, value, c) => sum + value * y![c]!, 0);
  return dot / Math.hypot(...x!) / Math.hypot(...y!);
}

function plain(colour: Colour): Image {
  const data = Uint8Array.from({ length: 3 * 8 * 8 }, (_, i) => colour[i % 3]!);
  return { width: 8, height: 8, data };
}

function colourOf({ data }: Image): Colour {
  return [data[0]!, data[1]!, data[2]!];
}

function likenessOf({ image }: ReadPhoto, psnr: number) {
  return { psnr, ssim: 0.9, covered: 1, photo: image, painted: image };
}

function requireFace(image: Image, name: string, without: Colour): void {
  const colour = colourOf(image);
  for (const each of [FACELESS, without]) {
    if (colour.every((value, c) => value === each[c])) {
      throw new GanfitError("no-face", `No face was found in ${name}.`);
    }
  }
}
