import type { Colour } from "@ganfit/core";

const NAMED: Readonly<Record<string, Colour>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  grey: [128, 128, 128],
  gray: [128, 128, 128],
};

/** A colour by name or as #rgb or #rrggbb; null for other text. */
export function parseColour(text: string): Colour | null {
  if (Object.hasOwn(NAMED, text)) return NAMED[text]!;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  const digits = short ? short.slice(1).map((digit) => digit + digit) : pairs(text);
  if (!digits) return null;
  const [r, g, b] = digits.map((pair) => Number.parseInt(pair, 16));
  return [r!, g!, b!];
}

function pairs(text: string): string[] | undefined {
  return /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text)?.slice(1);
}
