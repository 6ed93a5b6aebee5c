/** Heads whose shape is known: random people of a shape model at rest, skin alone. */
import {
  evaluateModel,
  GanfitError,
  type MorphableModel,
  type PartKind,
  randomNormals,
} from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import {
  onParts,
  type PartsMesh,
  type PointsOnMesh,
  partsMesh,
  partsOf,
} from "../heads/parts-mesh.js";

/** Coefficients of identity are not further from 0. */
const IDENTITY_LIMIT = 2.5;

/** A model's skin, which all known heads have in common. */
export interface Skin extends PartsMesh {
  /** The 68 points of iBUG 300-W, on the skin's triangles. */
  readonly landmarks: PointsOnMesh;
}

export interface KnownHead {
  /** One coefficient per identity mode. */
  readonly identity: Float32Array;
  /** In the model's frame, millimetres; triangles of {@link Skin}. */
  readonly mesh: Mesh;
  /** `68 x 3`, millimetres. */
  readonly landmarks: Float64Array;
}

/**
 * @param kinds of parts
 * @throws GanfitError `model` where it has no iBUG landmarks on these parts
 */
export function skinOf(model: MorphableModel, kinds: readonly PartKind[] = ["skin"]): Skin {
  if (!model.landmarks?.ibug68) {
    throw new GanfitError("model", `${model.name} has no iBUG landmarks, which stand-ins need.`);
  }
  const parts = partsMesh(model, kinds);
  return { ...parts, landmarks: onParts(parts, model.landmarks.ibug68) };
}

/** Positions of points on a mesh: `n x 3`. */
export function pointsOn({ positions, triangles }: Mesh, points: PointsOnMesh): Float64Array {
  const out = new Float64Array(3 * points.triangles.length);
  for (let i = 0; i < out.length; i++) {
    const point = Math.floor(i / 3);
    for (let corner = 0; corner < 3; corner++) {
      const vertex = triangles[3 * points.triangles[point]! + corner]!;
      out[i]! += points.barycentric[3 * point + corner]! * positions[3 * vertex + (i % 3)]!;
    }
  }
  return out;
}

/** A random head: N(0, 1) for every coefficient of identity, cut off at 2.5; no expression. */
export function knownHead(skin: Skin, seed: number): KnownHead {
  const drawn = randomNormals(skin.model.identity.names.length, seed);
  return headOf(
    skin,
    Float32Array.from(drawn, (p) => Math.min(IDENTITY_LIMIT, Math.max(-IDENTITY_LIMIT, p))),
  );
}

/** The model's mean. */
export function meanHead(skin: Skin): KnownHead {
  return headOf(skin, new Float32Array(skin.model.identity.names.length));
}

/** The head with given coefficients of identity, at rest. */
export function headOf(skin: Skin, identity: Float32Array): KnownHead {
  const neutral = new Float32Array(skin.model.expression.names.length);
  const mesh = partsOf(skin, evaluateModel(skin.model, identity, neutral));
  return { identity, mesh, landmarks: pointsOn(mesh, skin.landmarks) };
}
