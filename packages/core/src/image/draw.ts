/** Lines, dots and labels on a picture, with soft edges. */
import { type Colour, mix } from "./composite.js";
import { dotOf, GLYPH_HEIGHT, GLYPH_WIDTH } from "./glyphs.js";
import type { Image } from "./image.js";
import type { Points } from "./similarity.js";

/** Lengths and positions in pixels, the centre of the first pixel at (0.5, 0.5). */
export type Shape =
  | {
      readonly kind: "line";
      /** Corners; one alone makes a dot. */
      readonly points: Points;
      /** Back to the first corner, as a box is. */
      readonly closed?: boolean;
      readonly colour: Colour;
      /** 2 where not given. */
      readonly width?: number;
    }
  | {
      readonly kind: "dots";
      readonly points: Points;
      readonly colour: Colour;
      /** 2 where not given. */
      readonly radius?: number;
    }
  | {
      readonly kind: "label";
      /** ASCII; other characters show as "?". */
      readonly text: string;
      /** Of the top left corner; rounded to whole pixels. */
      readonly x: number;
      readonly y: number;
      readonly colour: Colour;
      /** Pixels a dot of the 5 x 7 letters: a whole number, 2 where not given. */
      readonly size?: number;
      /** Of a box behind the text; none where not given. */
      readonly background?: Colour;
    };

/** The four corners of an upright box, for a closed line. */
export function boxPoints(left: number, top: number, width: number, height: number): number[] {
  const right = left + width;
  const bottom = top + height;
  return [left, top, right, top, right, bottom, left, bottom];
}

/** A copy of the picture with shapes drawn in order. What lies outside is left out. */
export function draw(image: Image, shapes: readonly Shape[]): Image {
  const canvas = { ...image, data: image.data.slice() };
  for (const shape of shapes) {
    if (shape.kind === "label") {
      drawLabel(canvas, shape);
      continue;
    }
    const { points } = shape;
    const radius = shape.kind === "dots" ? (shape.radius ?? 2) : (shape.width ?? 2) / 2;
    const joined = shape.kind === "line";
    const count = points.length >> 1;
    const last = joined && !shape.closed && count > 1 ? count - 1 : count;
    for (let i = 0; i < last; i++) {
      const j = joined ? (i + 1) % count : i;
      const to: Stroke = [points[2 * i]!, points[2 * i + 1]!, points[2 * j]!, points[2 * j + 1]!];
      drawStroke(canvas, to, radius, shape.colour);
    }
  }
  return canvas;
}

/** Size of a label's text, pixels. */
export function labelSize(text: string, size = 2): { width: number; height: number } {
  const columns = Math.max(0, text.length * (GLYPH_WIDTH + 1) - 1);
  return { width: columns * size, height: GLYPH_HEIGHT * size };
}

type Stroke = readonly [x0: number, y0: number, x1: number, y1: number];

/** All within `radius` of a straight stroke. */
function drawStroke(image: Image, [x0, y0, x1, y1]: Stroke, radius: number, colour: Colour): void {
  const { width, height, data } = image;
  const reach = radius + 0.5;
  if (!Number.isFinite(x0 + y0 + x1 + y1 + reach)) return;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy;
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(height - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let y = top; y <= bottom; y++) {
    // Where the stroke's axis comes within reach of this row.
    const near = (side: number) =>
      dy === 0 ? (side < 0 ? 0 : 1) : Math.min(1, Math.max(0, (y + 0.5 + side * reach - y0) / dy));
    const ends = [x0 + near(-1) * dx, x0 + near(1) * dx];
    const left = Math.max(0, Math.floor(Math.min(...ends) - reach));
    const right = Math.min(width - 1, Math.floor(Math.max(...ends) + reach));
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const share = reach - Math.hypot(px - along * dx, py - along * dy);
      if (share > 0) mix(data, 3 * (y * width + x), colour, Math.min(1, share));
    }
  }
}

function drawLabel(image: Image, label: Extract<Shape, { kind: "label" }>): void {
  const size = Math.max(1, Math.round(label.size ?? 2));
  const left = Math.round(label.x);
  const top = Math.round(label.y);
  const { width, height } = labelSize(label.text, size);
  if (label.background) {
    fill(image, left - size, top - size, width + 2 * size, height + 2 * size, label.background);
  }
  for (let i = 0; i < label.text.length; i++) {
    for (let column = 0; column < GLYPH_WIDTH; column++) {
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        if (!dotOf(label.text[i]!, column, row)) continue;
        const x = left + (i * (GLYPH_WIDTH + 1) + column) * size;
        fill(image, x, top + row * size, size, size, label.colour);
      }
    }
  }
}

function fill(image: Image, left: number, top: number, w: number, h: number, colour: Colour): void {
  for (let y = Math.max(0, top); y < Math.min(image.height, top + h); y++) {
    for (let x = Math.max(0, left); x < Math.min(image.width, left + w); x++) {
      image.data.set(colour, 3 * (y * image.width + x));
    }
  }
}
