// The mirror image of each vertex across x = 0.

import { GanfitError } from "../../packages/core/src/errors.js";

/**
 * @param vertices `N x 3`, exactly mirror-symmetric (to the given tolerance)
 * @param among the vertices that matter; the others count as their own mirror images
 * @returns `N`: an involution; a vertex of the midline is its own mirror image
 * @throws GanfitError "model" if some vertex has no mirror image or several
 */
export function findSymmetry(
  vertices: ArrayLike<number>,
  among: Iterable<number> = Array.from({ length: vertices.length / 3 }, (_, v) => v),
  tolerance = 1e-6,
): Uint32Array {
  const key = (x: number, y: number, z: number) =>
    [x, y, z].map((value) => Math.round(value / tolerance)).join(",");
  const count = vertices.length / 3;
  const at = new Map<string, number[]>();
  const chosen = [...among];
  for (const v of chosen) {
    const place = key(vertices[v * 3]!, vertices[v * 3 + 1]!, vertices[v * 3 + 2]!);
    const there = at.get(place);
    if (there) there.push(v);
    else at.set(place, [v]);
  }
  const out = Uint32Array.from({ length: count }, (_, v) => v);
  for (const v of chosen) {
    const there = at.get(key(-vertices[v * 3]!, vertices[v * 3 + 1]!, vertices[v * 3 + 2]!));
    if (there?.length !== 1) {
      throw new GanfitError(
        "model",
        `Vertex ${v} has ${there?.length ?? 0} mirror images instead of one.`,
      );
    }
    out[v] = there[0]!;
  }
  return out;
}

/** The mirror image of a field of displacements (or positions), `N x 3`. */
export function mirror(field: ArrayLike<number>, symmetry: Uint32Array): Float64Array {
  const out = new Float64Array(field.length);
  for (let v = 0; v < symmetry.length; v++) {
    const from = symmetry[v]! * 3;
    out[v * 3] = -field[from]!;
    out[v * 3 + 1] = field[from + 1]!;
    out[v * 3 + 2] = field[from + 2]!;
  }
  return out;
}

/** Half the sum of a field and its mirror image: exactly symmetric. */
export function symmetricPart(field: ArrayLike<number>, symmetry: Uint32Array): Float64Array {
  const out = mirror(field, symmetry);
  for (let i = 0; i < out.length; i++) out[i] = (out[i]! + field[i]!) / 2;
  return out;
}
