import { GanfitError } from "../errors.js";
import type { LinearModel } from "../models/evaluate-model.js";
import type {
  Basis,
  MorphableModel,
  Part,
  PartKind,
  SurfacePoints,
} from "../models/morphable-model.js";

/** The part of a model that a fit renders: its skin, what may hide skin, and what its landmarks lie on. */
export interface VisibleMesh {
  /** The model at the V vertices that are left. */
  readonly shape: LinearModel;
  /** `T x 3` vertices of the skin's triangles. */
  readonly triangles: Uint32Array;
  /** As `triangles`, and after them those of eyes, teeth and mouth, which may hide skin behind them. */
  readonly opaque: Uint32Array;
  /** For each triangle of `opaque` that of the model. */
  readonly ofModel: Uint32Array;
  /** `M x 2`, u right and v down. */
  readonly uv: Float32Array;
  /** `T x 3` indices into `uv`. */
  readonly uvTriangles: Uint32Array;
  /** `n x 3`: this mesh's vertices for triangles of the model, such as those of landmarks. */
  verticesOf(triangles: Uint32Array): Uint32Array;
}

/** Parts that hide what is behind them. Lashes let it through, and `other` parts may. */
const HIDING: ReadonlySet<PartKind> = new Set<PartKind>(["eyes", "mouth", "teeth", "tongue"]);

/**
 * @param points landmarks that may be asked for; they may lie on other parts than skin
 * @throws GanfitError `model` where the model has no skin or no texture coordinates
 */
export function visibleMesh(model: MorphableModel, points: SurfacePoints): VisibleMesh {
  const skinParts = model.parts.filter(({ kind }) => kind === "skin");
  if (!model.uv || skinParts.length === 0) {
    throw new GanfitError("model", `${model.name} has no skin with texture coordinates to fit.`);
  }
  const cut = (values: Uint32Array, ranges: readonly Part[]) => {
    const total = ranges.reduce((sum, { count }) => sum + 3 * count, 0);
    const out = new Uint32Array(total);
    let at = 0;
    for (const { start, count } of ranges) {
      out.set(values.subarray(3 * start, 3 * (start + count)), at);
      at += 3 * count;
    }
    return out;
  };
  const hidingParts = model.parts.filter(({ kind }) => HIDING.has(kind));
  const skin = cut(model.triangles, skinParts);
  const hiding = cut(model.triangles, hidingParts);
  const used = new Set([...skin, ...hiding]);
  for (const triangle of points.triangles) {
    for (let c = 0; c < 3; c++) used.add(model.triangles[3 * triangle + c]!);
  }
  const kept = Uint32Array.from(used).sort();
  const renamed = new Map(Array.from(kept, (vertex, i) => [vertex, i] as const));
  const rename = (vertex: number) => renamed.get(vertex)!;
  const take = (from: Float32Array, to: Float32Array) => {
    kept.forEach((vertex, i) => {
      to.set(from.subarray(3 * vertex, 3 * vertex + 3), 3 * i);
    });
    return to;
  };
  const modes = (basis: Basis): Basis => {
    const { names, displacements } = basis;
    const size = 3 * kept.length;
    const out = new Float32Array(names.length * size);
    names.forEach((_, k) => {
      const mode = displacements.subarray(k * model.mean.length, (k + 1) * model.mean.length);
      take(mode, out.subarray(k * size, (k + 1) * size));
    });
    return { ...basis, displacements: out };
  };
  return {
    shape: {
      name: model.name,
      mean: take(model.mean, new Float32Array(3 * kept.length)),
      identity: modes(model.identity),
      expression: modes(model.expression),
    },
    triangles: skin.map(rename),
    opaque: Uint32Array.from([...skin, ...hiding], rename),
    ofModel: Uint32Array.from(
      [...skinParts, ...hidingParts].flatMap(({ start, count }) =>
        Array.from({ length: count }, (_, i) => start + i),
      ),
    ),
    uv: model.uv.coordinates,
    uvTriangles: cut(model.uv.triangles, skinParts),
    verticesOf: (triangles) => {
      const corners = new Uint32Array(3 * triangles.length);
      triangles.forEach((triangle, i) => {
        for (let c = 0; c < 3; c++) {
          corners[3 * i + c] = rename(model.triangles[3 * triangle + c]!);
        }
      });
      return corners;
    },
  };
}

/** The skin's triangle among those of `opaque`; -1 for one of eyes, teeth or mouth, and where there is none. */
export function skinTriangle({ triangles }: Pick<VisibleMesh, "triangles">, triangle: number) {
  return 3 * triangle < triangles.length ? triangle : -1;
}
