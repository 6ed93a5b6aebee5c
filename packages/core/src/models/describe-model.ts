import { ARKIT_NAMES } from "./arkit.js";
import type { Basis, MorphableModel, PartKind } from "./morphable-model.js";

/** What a model holds, without its numbers. */
export interface ModelDescription {
  readonly name: string;
  readonly licence: string;
  readonly attribution: string;
  readonly vertices: number;
  readonly triangles: number;
  /** Vertices that a `skin` part uses. */
  readonly skinVertices: number;
  /** Millimetres along x, y and z. */
  readonly size: readonly [number, number, number];
  readonly parts: readonly {
    readonly name: string;
    readonly kind: PartKind;
    readonly triangles: number;
  }[];
  readonly identity: BasisDescription;
  readonly expression: BasisDescription;
  /** How many of ARKit's 52 blend shapes are among the expressions. */
  readonly arkit: number;
  readonly landmarks: readonly string[];
  readonly symmetry: boolean;
  readonly uvFrame: string | null;
}

export interface BasisDescription {
  readonly count: number;
  readonly prior: Basis["prior"];
  readonly names: readonly string[];
}

export function describeModel(model: MorphableModel): ModelDescription {
  const expressions = new Set(model.expression.names);
  return {
    name: model.name,
    licence: model.licence,
    attribution: model.attribution,
    vertices: model.mean.length / 3,
    triangles: model.triangles.length / 3,
    skinVertices: skinVertices(model),
    size: [extent(model.mean, 0), extent(model.mean, 1), extent(model.mean, 2)],
    parts: model.parts.map(({ name, kind, count }) => ({ name, kind, triangles: count })),
    identity: describeBasis(model.identity),
    expression: describeBasis(model.expression),
    arkit: ARKIT_NAMES.filter((name) => expressions.has(name)).length,
    landmarks: Object.entries(model.landmarks ?? {})
      .filter(([, points]) => points !== null)
      .map(([name]) => name),
    symmetry: model.symmetry !== null,
    uvFrame: model.uv?.frame ?? null,
  };
}

function describeBasis({ names, prior }: Basis): BasisDescription {
  return { count: names.length, prior, names };
}

function skinVertices({ parts, triangles }: MorphableModel): number {
  const used = new Set<number>();
  for (const { kind, start, count } of parts) {
    if (kind !== "skin") continue;
    for (let i = start * 3; i < (start + count) * 3; i++) used.add(triangles[i]!);
  }
  return used.size;
}

function extent(positions: Float32Array, axis: number): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = axis; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]!);
    high = Math.max(high, positions[i]!);
  }
  return high - low;
}
