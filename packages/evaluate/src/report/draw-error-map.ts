/** Errors on a mesh as a picture: from the front, from the side, and a bar that says what the colours are. */
import { draw, GanfitError, type Image, labelSize, type Shape } from "@ganfit/core";
import { ticks } from "d3-array";
import type { ErrorMap } from "../score.js";
import { errorColour } from "./colour-map.js";
import { drawMesh } from "./draw-mesh.js";

export interface DrawErrorMapOptions {
  /** Millimetres at the end of the bar, positive; larger errors have its last colour. */
  readonly most: number;
  /** Pixels, each side of each of the two views; 360 where not given. */
  readonly size?: number;
}

/** Degrees of the second view. */
const THREE_QUARTER = 40;

const INK = [32, 32, 32] as const;

/** Of the letters' dots, pixels. */
const LETTERS = 2;

/** Space around the views and the bar, pixels. */
const MARGIN = 12;

const BAR_WIDTH = 18;

/**
 * Two views of the mesh, coloured by error and softly shaded, with the title above and the bar of
 * millimetres to the right.
 *
 * @throws GanfitError `usage` where `most` is not positive, `size` not a whole number from 64 on, or the
 * mesh has not one error for each vertex
 */
export function drawErrorMap(map: ErrorMap, { most, size = 360 }: DrawErrorMapOptions): Image {
  if (!(most > 0 && Number.isFinite(most) && Number.isInteger(size) && size >= 64)) {
    throw new GanfitError(
      "usage",
      `An error map cannot end at ${most} mm on ${size} pixels: a positive number and 64 pixels or more are needed.`,
    );
  }
  if (map.positions.length !== 3 * map.errors.length) {
    throw new GanfitError(
      "usage",
      `An error map of ${map.positions.length / 3} vertices came with ${map.errors.length} errors.`,
    );
  }
  const mesh = { ...map, values: map.errors };
  const colour = (error: number) => errorColour(error / most);
  const views = [0, THREE_QUARTER].map((yaw) => drawMesh(mesh, { size, yaw, colour }));
  const line = labelSize("", LETTERS).height;
  // Room for the line "mm" above the bar, and for half a line where a tick is at its end.
  const barHeight = size - 3 * line;
  const marks = barMarks(most, (1.5 * line) / barHeight);
  const top = MARGIN + line + MARGIN;
  const barLeft = 2 * size + MARGIN;
  const textLeft = barLeft + BAR_WIDTH + 10;
  const widest = Math.max(...marks.map(({ text }) => labelSize(text, LETTERS).width));
  const picture = blank(textLeft + widest + MARGIN, top + size + MARGIN);
  views.forEach((view, i) => {
    paste(picture, view, i * size, top);
  });
  const bar = { left: barLeft, top: top + 2 * line, height: barHeight };
  paintBar(picture, bar);
  const heightOf = (share: number) => bar.top + (1 - share) * bar.height;
  const shapes: Shape[] = [
    label(fitting(map.title, picture.width - 2 * MARGIN), MARGIN, MARGIN),
    label("mm", barLeft, top),
    ...marks.flatMap(({ share, text }): Shape[] => {
      const y = heightOf(share);
      const from = barLeft + BAR_WIDTH;
      return [
        { kind: "line", points: [from, y, from + 5, y], colour: INK, width: 1 },
        label(text, textLeft, y - line / 2),
      ];
    }),
  ];
  return draw(picture, shapes);
}

/**
 * Where the bar has numbers: at round ones, and at its end, which stands for all beyond it.
 *
 * @param gap share of the bar that must lie between a round number and the end
 */
export function barMarks(
  most: number,
  gap: number,
): { readonly share: number; readonly text: string }[] {
  const round = ticks(0, most, 5);
  // What the numbers show is kept apart from errors of rounding such as 0.30000000000000004.
  const text = (value: number) => String(Number(value.toPrecision(6)));
  return [
    ...round
      .map((value) => ({ share: value / most, text: text(value) }))
      .filter(({ share }) => 1 - share >= gap),
    { share: 1, text: `>= ${text(most)}` },
  ];
}

function blank(width: number, height: number): Image {
  return { width, height, data: new Uint8Array(width * height * 3).fill(255) };
}

function paste(onto: Image, image: Image, left: number, top: number): void {
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width);
    onto.data.set(row, 3 * ((top + y) * onto.width + left));
  }
}

function paintBar(
  image: Image,
  { left, top, height }: { readonly left: number; readonly top: number; readonly height: number },
): void {
  for (let y = 0; y < height; y++) {
    const colour = errorColour(1 - (y + 0.5) / height);
    for (let x = 0; x < BAR_WIDTH; x++) {
      image.data.set(colour, 3 * ((top + y) * image.width + left + x));
    }
  }
}

function label(text: string, x: number, y: number): Shape {
  return { kind: "label", text, x, y, colour: INK, size: LETTERS };
}

/** As much of the text as fits, with dots where it was cut. */
function fitting(text: string, width: number): string {
  if (labelSize(text, LETTERS).width <= width) return text;
  let end = text.length;
  while (end > 0 && labelSize(`${text.slice(0, end)}...`, LETTERS).width > width) end--;
  return `${text.slice(0, end)}...`;
}
