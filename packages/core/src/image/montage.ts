import { GanfitError } from "../errors.js";
import { type Colour, flatten } from "./composite.js";
import { fitInside, type Size } from "./crop.js";
import { draw, labelSize, type Shape } from "./draw.js";
import type { Image } from "./image.js";
import { warpSimilarity } from "./warp.js";

export interface ContactSheetOptions {
  /** As many as give a sheet about as wide as high where not given. */
  readonly columns?: number;
  /** Every picture is scaled to fit; the size of the largest where not given. */
  readonly cell?: Size;
  /** Around and between pictures, pixels; 8 where not given. */
  readonly padding?: number;
  /** White where not given; shows through transparent pictures. */
  readonly background?: Colour;
  /** ASCII, below the pictures in their order, cut to the width of the cell. */
  readonly labels?: readonly string[];
}

/** Dots of a label's letters, pixels. */
const LABEL_SIZE = 2;

/**
 * Pictures in rows, each with a line of text below it.
 *
 * @throws GanfitError `usage` without pictures, or with a number of columns or a size that is not a
 * positive integer
 */
export function contactSheet(images: readonly Image[], options: ContactSheetOptions = {}): Image {
  const cell = options.cell ?? {
    width: Math.max(...images.map((image) => image.width)),
    height: Math.max(...images.map((image) => image.height)),
  };
  const { padding = 8, background = [255, 255, 255], labels } = options;
  const columns =
    options.columns ?? Math.ceil(Math.sqrt((images.length * cell.height) / cell.width));
  if (images.length === 0) throw new GanfitError("usage", "A contact sheet needs pictures.");
  const sizes = [columns, cell.width, cell.height, padding + 1];
  if (!sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new GanfitError(
      "usage",
      `A contact sheet cannot have ${columns} columns of ${cell.width} x ${cell.height} pixels, ${padding} apart.`,
    );
  }
  const caption = labels ? labelSize("", LABEL_SIZE).height + padding : 0;
  const pitch = { x: cell.width + padding, y: cell.height + padding + caption };
  const width = padding + Math.min(columns, images.length) * pitch.x;
  const height = padding + Math.ceil(images.length / columns) * pitch.y;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(background, 3 * i);
  const shapes: Shape[] = [];
  images.forEach((image, index) => {
    const left = padding + (index % columns) * pitch.x;
    const top = padding + Math.floor(index / columns) * pitch.y;
    const opaque = flatten(image, background);
    const placed = warpSimilarity(opaque, fitInside(image, cell), cell.width, cell.height, {
      border: background,
      linear: true,
    });
    for (let y = 0; y < cell.height; y++) {
      const row = placed.data.subarray(3 * y * cell.width, 3 * (y + 1) * cell.width);
      data.set(row, 3 * ((top + y) * width + left));
    }
    const characters = Math.floor(
      (cell.width / LABEL_SIZE + 1) / (labelSize("AA", 1).width - labelSize("A", 1).width),
    );
    const text = (labels?.[index] ?? "").slice(0, characters);
    const colour = readableOn(background);
    const y = top + cell.height + padding / 2;
    shapes.push({ kind: "label", text, x: left, y, colour, size: LABEL_SIZE });
  });
  return draw({ width, height, data }, shapes);
}

function readableOn([r, g, b]: Colour): Colour {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 127 ? [0, 0, 0] : [255, 255, 255];
}
