// Which faces of MakeHuman's base mesh make up the head, and what they are.

import { GanfitError } from "../../packages/core/src/errors.js";
import type { PartKind } from "../../packages/core/src/models/morphable-model.js";
import { DisjointSets } from "./disjoint-sets.js";
import type { SourceMesh } from "./source.js";

export interface HeadPart {
  readonly name: string;
  readonly kind: PartKind;
  /** Faces of the source mesh. */
  readonly faces: readonly number[];
}

/** Parts in the order in which the model has them. */
export const PART_KINDS: Readonly<Record<string, PartKind>> = {
  skin: "skin",
  "eye-left": "eyes",
  "eye-right": "eyes",
  "teeth-upper": "teeth",
  "teeth-lower": "teeth",
  tongue: "tongue",
  "lashes-left": "lashes",
  "lashes-right": "lashes",
  mouth: "mouth",
  "socket-left": "other",
  "socket-right": "other",
};

/** Groups of the source that are parts by themselves. */
const GROUP_PARTS: Readonly<Record<string, string>> = {
  "helper-l-eye": "eye-left",
  "helper-r-eye": "eye-right",
  "helper-upper-teeth": "teeth-upper",
  "helper-lower-teeth": "teeth-lower",
  "helper-tongue": "tongue",
  "helper-l-eyelashes-1": "lashes-left",
  "helper-l-eyelashes-2": "lashes-left",
  "helper-r-eyelashes-1": "lashes-right",
  "helper-r-eyelashes-2": "lashes-right",
};

/** A vertex of each uv island of the body that belongs to the head. */
const ISLAND_SEEDS: Readonly<Record<number, string>> = {
  881: "head",
  673: "mouth",
  11915: "socket-left",
  5310: "socket-right",
};

/** Enough of neck and shoulders to hold any sensible cut: lowest y and largest |x|, decimetres. */
const TORSO_FLOOR = 4.6;
const TORSO_HALF_WIDTH = 1.7;

/** Vertices of the skull and upper face without the ears: what moves rigidly with the head. */
const SKULL_FLOOR = 6.9;
const SKULL_HALF_WIDTH = 0.68;

export interface HeadFaces {
  readonly parts: readonly HeadPart[];
  /** Faces of the skin that lie on the head proper, the rest being the neck and below. */
  readonly headSkin: ReadonlySet<number>;
  /** Vertices of the skull and upper face, without ears. */
  readonly skull: readonly number[];
}

/** @throws GanfitError "model" if the mesh is not MakeHuman's base mesh */
export function findHeadFaces(mesh: SourceMesh): HeadFaces {
  const { vertices, quads, groups, groupNames } = mesh;
  const faces = new Map<string, number[]>(Object.keys(PART_KINDS).map((name) => [name, []]));
  const headSkin = new Set<number>();
  const islands = uvIslands(mesh);
  for (let f = 0; f < groups.length; f++) {
    const group = groupNames[groups[f]!]!;
    const part = GROUP_PARTS[group];
    if (part) faces.get(part)!.push(f);
    if (group !== "body") continue;
    const island = islands[f];
    if (island === "head") {
      headSkin.add(f);
      faces.get("skin")!.push(f);
    } else if (island) {
      faces.get(island)!.push(f);
    } else {
      const corners = quads.subarray(f * 4, f * 4 + 4);
      const near = corners.every(
        (v) => vertices[v * 3 + 1]! > TORSO_FLOOR && Math.abs(vertices[v * 3]!) < TORSO_HALF_WIDTH,
      );
      if (near) faces.get("skin")!.push(f);
    }
  }
  const empty = [...faces].find(([, list]) => list.length === 0);
  if (empty) throw new GanfitError("model", `The source mesh has no faces for ${empty[0]}.`);
  const skull = [...new Set([...headSkin].flatMap((f) => [...quads.subarray(f * 4, f * 4 + 4)]))]
    .filter(
      (v) => vertices[v * 3 + 1]! > SKULL_FLOOR && Math.abs(vertices[v * 3]!) < SKULL_HALF_WIDTH,
    )
    .sort((a, b) => a - b);
  const parts = [...faces].map(([name, list]) => ({ name, kind: PART_KINDS[name]!, faces: list }));
  return { parts, headSkin, skull };
}

/** For each face the name of its uv island, if {@link ISLAND_SEEDS} has one. */
function uvIslands({ quads, uvQuads }: SourceMesh): (string | undefined)[] {
  const sets = new DisjointSets();
  for (let i = 0; i < uvQuads.length; i++) {
    if (i % 4 > 0) sets.join(uvQuads[i]!, uvQuads[i - 1]!);
  }
  const names = new Map<number, string>();
  for (let i = 0; i < quads.length; i++) {
    const name = ISLAND_SEEDS[quads[i]!];
    if (name) names.set(sets.root(uvQuads[i]!), name);
  }
  return Array.from({ length: quads.length / 4 }, (_, f) => names.get(sets.root(uvQuads[f * 4]!)));
}
