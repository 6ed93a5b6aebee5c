// The pictures by which a person's likeness is looked at.

import type { Image } from "../src/image/image.js";
import { contactSheet } from "../src/image/montage.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import { STUDIO } from "../src/render/lighting.js";
import type { PhotoLikeness } from "./likeness-photo.js";

const CELL = 320;
const ROWS = 8;

export interface SheetRow {
  readonly name: string;
  /** Rows with less come first: a cosine, or where there is none another measure. */
  readonly likeness: number;
  readonly own: PhotoLikeness;
  /** Null for people of whom there is one photo. */
  readonly other: PhotoLikeness | null;
  readonly judged: Image;
  readonly head: TexturedHead;
}

/** Sheets of eight people each, least alike first: photo, fitted, judged, other photo, fitted, clay, texture. */
export function* likenessSheets(rows: readonly SheetRow[]): Generator<Image> {
  const sorted = [...rows].sort((a, b) => a.likeness - b.likeness);
  for (let start = 0; start < sorted.length; start += ROWS) {
    const part = sorted.slice(start, start + ROWS);
    yield contactSheet(part.flatMap(picturesOf), {
      columns: 7,
      cell: { width: CELL, height: CELL },
      labels: part.flatMap(labelsOf),
    });
  }
}

function picturesOf({ own, other, judged, head }: SheetRow): Image[] {
  return [
    own.photo,
    own.painted,
    judged,
    other?.photo ?? EMPTY,
    other?.painted ?? EMPTY,
    clayOf(head),
    head.skin,
  ];
}

function labelsOf({ name, likeness, own, other }: SheetRow): string[] {
  const psnr = (each: PhotoLikeness | null) => (each ? `${each.psnr.toFixed(1)} dB` : "");
  return [name, psnr(own), likeness.toFixed(3), "", psnr(other), "", ""];
}

function clayOf(head: TexturedHead): Image {
  const expression = new Float32Array(head.expression.length);
  const size = { width: CELL, height: CELL };
  return renderHead(
    { ...head, expression },
    {
      camera: portraitCamera(evaluateModel(head.model, head.identity, expression), {
        ...size,
        yaw: 35,
      }),
      lighting: STUDIO,
      background: [255, 255, 255],
      clay: true,
      ...size,
    },
  ).image;
}

const EMPTY: Image = { width: 1, height: 1, data: new Uint8Array([255, 255, 255]) };
