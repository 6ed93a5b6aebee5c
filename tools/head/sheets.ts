// Contact sheets of a head, to look at it and for the documentation.

import type { Image } from "../../packages/core/src/image/image.js";
import { contactSheet } from "../../packages/core/src/image/montage.js";
import type { Part } from "../../packages/core/src/models/morphable-model.js";
import { type PreviewOptions, preview } from "../../packages/core/src/render/preview.js";

/** What a sheet needs to know of a head. */
export interface SheetHead {
  readonly mean: Float32Array;
  readonly triangles: Uint32Array;
  readonly parts: readonly Part[];
}

/** One picture: the head displaced, seen from somewhere, with a caption. */
export interface Shot {
  readonly label: string;
  /** `V x 3` each, millimetres, with its weight. */
  readonly displacements?: readonly (readonly [ArrayLike<number>, number])[];
  readonly view: Omit<PreviewOptions, "width" | "height">;
}

/** Half the opening of the cone that the iris fills, seen from the eye's centre, degrees. */
const IRIS = 23;

/**
 * The head with the front of its eyes as a part of kind `other`, so that a sheet shows where they look.
 * The iris is where it is on the mean.
 */
export function withIrises({ mean, triangles, parts }: SheetHead): SheetHead {
  const ordered: number[] = [];
  const ranges: Part[] = [];
  const add = (part: Omit<Part, "start" | "count">, list: readonly number[]) => {
    if (list.length === 0) return;
    ranges.push({ ...part, start: ordered.length / 3, count: list.length });
    for (const t of list) ordered.push(...triangles.subarray(t * 3, t * 3 + 3));
  };
  for (const { name, kind, start, count } of parts) {
    const all = Array.from({ length: count }, (_, i) => start + i);
    if (kind !== "eyes") {
      add({ name, kind: kind === "other" ? "mouth" : kind }, all);
      continue;
    }
    const centroid = (list: readonly number[]) =>
      [0, 1, 2].map((i) => list.reduce((sum, v) => sum + mean[v * 3 + i]!, 0) / list.length);
    const centre = centroid([...new Set(triangles.subarray(start * 3, (start + count) * 3))]);
    const front = (t: number) => {
      const d = centroid([...triangles.subarray(t * 3, t * 3 + 3)]).map((x, i) => x - centre[i]!);
      return d[2]! > Math.cos((IRIS * Math.PI) / 180) * Math.hypot(...d);
    };
    add(
      { name, kind },
      all.filter((t) => !front(t)),
    );
    add({ name: `${name}-iris`, kind: "other" }, all.filter(front));
  }
  return { mean, triangles: Uint32Array.from(ordered), parts: ranges };
}

/** Brown irises. */
const COLOURS = { other: [96, 66, 44] } as const;

/** @returns the pictures of all shots in rows, each with its label */
export function renderSheet(
  head: SheetHead,
  shots: readonly Shot[],
  layout: { readonly width: number; readonly height: number; readonly columns: number },
): Image {
  const shown = withIrises(head);
  const pictures = shots.map(({ displacements = [], view }) => {
    const vertices = head.mean.slice();
    for (const [field, weight] of displacements) {
      for (let i = 0; i < vertices.length; i++) vertices[i]! += weight * field[i]!;
    }
    return preview(vertices, shown, {
      colours: COLOURS,
      ...view,
      width: layout.width,
      height: layout.height,
    });
  });
  return contactSheet(pictures, {
    columns: layout.columns,
    padding: 4,
    labels: shots.map(({ label }) => label),
  });
}
