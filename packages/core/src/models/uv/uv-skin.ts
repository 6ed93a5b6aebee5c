// The skin of a head made ready to be laid flat: one piece, holes closed, cut open along the seam.

import { GanfitError } from "../../errors.js";
import type { MorphableModel } from "../morphable-model.js";
import { cheapestPath, cutMesh } from "./mesh-cut.js";
import { fillHoles } from "./mesh-fill.js";
import { boundaryLoops, connectedPieces, triangleNeighbours } from "./mesh-topology.js";

/** The largest connected piece of a model's skin. */
export interface Skin {
  /** Triangles of the model. */
  readonly numbers: Uint32Array;
  /** `S x 3`: those triangles, in vertices of the model. */
  readonly triangles: Uint32Array;
  /** Border around the face or the neck: the longest; undefined for a closed surface. */
  readonly border: readonly number[] | undefined;
  /** The other borders, such as those of the eyes and the mouth. */
  readonly holes: readonly (readonly number[])[];
}

/** @throws GanfitError `model` where the model has no skin */
export function skinOf(model: MorphableModel): Skin {
  const all: number[] = [];
  for (const { kind, start, count } of model.parts) {
    if (kind === "skin") for (let t = start; t < start + count; t++) all.push(t);
  }
  if (all.length === 0) {
    throw new GanfitError("model", `${model.name} has no part of kind "skin".`);
  }
  const { of, sizes } = connectedPieces(triangleNeighbours(select(model.triangles, all)));
  const largest = sizes.indexOf(Math.max(...sizes));
  const numbers = Uint32Array.from(all.filter((_, i) => of[i] === largest));
  const triangles = select(model.triangles, numbers);
  const loops = boundaryLoops(triangles, triangleNeighbours(triangles))
    .map((loop) => ({ loop, length: lengths([...loop, loop[0]!], model.mean).at(-1)! }))
    .sort((a, b) => b.length - a.length)
    .map(({ loop }) => loop);
  return { numbers, triangles, border: loops[0], holes: loops.slice(1) };
}

/** A skin as a disk. */
export interface OpenSkin {
  /** `P x 3`: the model's vertices and the middles of the closed holes. */
  readonly positions: Float64Array;
  /** `F x 3`: the skin's triangles, then those that close holes; in `positions`. */
  readonly triangles: Uint32Array;
  /** Borders of the holes that were closed; hole `h` has the middle `V + h`. */
  readonly holes: readonly (readonly number[])[];
  /** How many of the triangles are skin. */
  readonly skinCount: number;
  /** `F x 3`: the same in vertices of the disk. */
  readonly mapTriangles: Uint32Array;
  /** `M`: for each vertex of the disk the one of `positions`. */
  readonly vertexOf: Uint32Array;
  /**
   * The seam from its end inside the skin to the border, as vertices of the disk on its left and right
   * side in the layout (the person's right and left side); empty without a seam.
   */
  readonly seam: { readonly left: readonly number[]; readonly right: readonly number[] };
  /** Part of the seam's length at each of its vertices, from 0 to 1. */
  readonly seamLengths: readonly number[];
  /** The rest of the border, from the left copy of the seam's lower end to the right one. */
  readonly border: readonly number[];
}

export interface SeamChoice {
  /** Where the seam ends inside the skin. */
  readonly tip: number;
  /** How much an edge between two vertices costs. */
  readonly cost: (a: number, b: number) => number;
  /** Where the seam may end if the skin has no border. */
  readonly end: number;
}

/**
 * @param seam undefined for a skin that needs no seam, since it covers only the face
 * @throws GanfitError `model` where the seam's ends are not connected
 */
export function openSkin(
  model: MorphableModel,
  { triangles, border, holes }: Skin,
  seam: SeamChoice | undefined,
): OpenSkin {
  const filled = fillHoles(model.mean, triangles, holes);
  const onBorder = new Set(border);
  let path: number[] = [];
  if (seam !== undefined) {
    const found = cheapestPath(
      filled.triangles,
      seam.tip,
      (v) => (border === undefined ? v === seam.end : onBorder.has(v)),
      seam.cost,
    );
    if (found === undefined) {
      throw new GanfitError("model", `The skin of ${model.name} cannot be cut at the back.`);
    }
    path = found;
  } else if (border === undefined) {
    throw new GanfitError(
      "model",
      `The skin of ${model.name} is closed and its crown was not found, so it cannot be laid flat.`,
    );
  }
  const { triangles: mapTriangles, vertexOf } = cutMesh(filled.triangles, path);
  const loops = boundaryLoops(mapTriangles, triangleNeighbours(mapTriangles));
  const loop = loops[0]!;
  if (path.length === 0) {
    return {
      ...filled,
      holes,
      skinCount: triangles.length / 3,
      mapTriangles,
      vertexOf,
      seam: { left: [], right: [] },
      seamLengths: [],
      border: [],
    };
  }
  // The disk lies to the left of its border, which runs counter-clockwise in the layout: after the
  // seam's tip at the top comes the left side.
  const start = loop.findIndex((v) => vertexOf[v] === path[0]);
  const around = [...loop.slice(start), ...loop.slice(0, start)];
  const last = path.length - 1;
  const left = around.slice(0, last + 1);
  const right = [around[0]!, ...around.slice(around.length - last).reverse()];
  const along = lengths(path, model.mean);
  return {
    ...filled,
    holes,
    skinCount: triangles.length / 3,
    mapTriangles,
    vertexOf,
    seam: { left, right },
    seamLengths: along.map((length) => length / along.at(-1)!),
    border: around.slice(last, around.length - last + 1),
  };
}

/** Length of a path up to each of its vertices. */
export function lengths(path: readonly number[], positions: ArrayLike<number>): number[] {
  let sum = 0;
  return path.map((v, i) => {
    if (i > 0) {
      const u = path[i - 1]!;
      sum += Math.hypot(
        positions[3 * v]! - positions[3 * u]!,
        positions[3 * v + 1]! - positions[3 * u + 1]!,
        positions[3 * v + 2]! - positions[3 * u + 2]!,
      );
    }
    return sum;
  });
}

function select(triangles: Uint32Array, numbers: ArrayLike<number>): Uint32Array {
  const out = new Uint32Array(3 * numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const t = numbers[i]!;
    out.set(triangles.subarray(3 * t, 3 * t + 3), 3 * i);
  }
  return out;
}
