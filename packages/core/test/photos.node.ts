/** The portraits in ../shared, which tests and benches use where they are, and never copy. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { holdout, shared } from "./shared.js";

export type PhotoSet =
  | "london-neutral"
  | "london-smiling"
  | "canada"
  | "composite"
  | "official-portraits"
  | "one-person";

export interface Photo {
  /** `set/file.jpg`. */
  readonly name: string;
  readonly path: string;
  /** Whether the person is one that nothing is trained on. */
  readonly heldOut: boolean;
  /** Hand-placed points, pixels; null where the set has none. */
  readonly template: readonly (readonly [x: number, y: number])[] | null;
}

/** Points of the template that mark what the 478 landmarks have as well. */
export const TEMPLATE_POINTS = {
  rightPupil: 0,
  leftPupil: 1,
  rightMouthCorner: 87,
  leftMouthCorner: 93,
} as const;

/** The photos of a set in order of name; none where `../shared` is absent. */
export function photosOf(set: PhotoSet): Photo[] {
  const photos = shared("photos");
  if (!photos) return [];
  const heldOut = holdout(photos);
  return readdirSync(join(photos, set))
    .filter((file) => file.endsWith(".jpg"))
    .sort()
    .map((file) => {
      const person = file.replace(/\.jpg$/, "");
      const template = join(photos, set, `${person}.tem`);
      return {
        name: `${set}/${file}`,
        path: join(photos, set, file),
        heldOut: heldOut.has(set.startsWith("london") ? person : `${set}/${person}`),
        template: existsSync(template) ? templateOf(readFileSync(template, "utf8")) : null,
      };
    });
}

function templateOf(text: string): [number, number][] {
  const [first, ...lines] = text.trim().split(/\r?\n/);
  return lines.slice(0, Number(first)).map((line) => {
    const [x, y] = line.trim().split(/\s+/).map(Number);
    return [x!, y!];
  });
}
