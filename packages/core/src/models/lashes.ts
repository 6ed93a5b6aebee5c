// Lashes come as single hairs or as sheets that a game engine would cut into hairs with a picture of its own.

import { SurfaceIndex } from "./closest-point.js";
import type { MorphableModel, Part } from "./morphable-model.js";

/** Connected triangles, on average, from which on they are taken for sheets; hairs have a few each. */
const SHEET_TRIANGLES = 24;
/** Hairs shine and let light through: less than 1 keeps them from looking like wire. */
const HAIR_OPACITY = 0.8;
/** Of a sheet at its root, 2 mm off the eyeball; it is clear from the reach on, millimetres. */
const SHEET_OPACITY = 0.55;
const SHEET_ROOT = 2;
const SHEET_REACH = 7;

/**
 * How opaque lashes are. Sheets fade out away from the eye, which looks like the shadow that dense hairs
 * make rather than like a plate.
 *
 * @returns `V`; 1 for vertices of other parts
 */
export function lashOpacity(model: MorphableModel): Float32Array {
  let found = FOUND.get(model);
  if (!found) {
    found = measure(model);
    FOUND.set(model, found);
  }
  return found;
}

/** Every picture of a model asks again. */
const FOUND = new WeakMap<MorphableModel, Float32Array>();

function measure(model: MorphableModel): Float32Array {
  const out = new Float32Array(model.mean.length / 3).fill(1);
  for (const part of model.parts) {
    if (part.kind !== "lashes") continue;
    const corners = model.triangles.subarray(3 * part.start, 3 * (part.start + part.count));
    const sheets = isSheet(corners);
    const eyes = sheets ? eyesOf(model) : null;
    for (const v of new Set(corners)) {
      const [x, y, z] = [model.mean[3 * v]!, model.mean[3 * v + 1]!, model.mean[3 * v + 2]!];
      const away = eyes?.closest(x, y, z, SHEET_REACH)?.distance ?? SHEET_REACH;
      const left = Math.min(1, (SHEET_REACH - away) / (SHEET_REACH - SHEET_ROOT));
      out[v] = sheets ? SHEET_OPACITY * left ** 2 : HAIR_OPACITY;
    }
  }
  return out;
}

/** Pieces are counted by their Euler characteristic, which is 1 for each that is a disc. */
function isSheet(corners: Uint32Array): boolean {
  const edges = new Set<string>();
  for (let t = 0; t < corners.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [corners[t + k]!, corners[t + ((k + 1) % 3)]!];
      edges.add(a < b ? `${a} ${b}` : `${b} ${a}`);
    }
  }
  const triangles = corners.length / 3;
  const pieces = Math.max(1, new Set(corners).size - edges.size + triangles);
  return triangles / pieces >= SHEET_TRIANGLES;
}

function eyesOf({ mean, parts, triangles }: MorphableModel): SurfaceIndex | null {
  const eyes = parts
    .filter(({ kind }: Part) => kind === "eyes")
    .flatMap(({ start, count }) => Array.from(triangles.subarray(3 * start, 3 * (start + count))));
  return eyes.length > 0 ? new SurfaceIndex(mean, Uint32Array.from(eyes)) : null;
}
