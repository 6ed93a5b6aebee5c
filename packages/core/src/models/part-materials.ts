// What the parts of a head are made of, the same for pictures and for exported files.

import type { Colour } from "../image/composite.js";
import { eyeCoordinates } from "./eyes.js";
import type { MorphableModel, Part, PartKind } from "./morphable-model.js";

export interface PartMaterial {
  /** Gamma-coded; 255 throughout where a picture gives the colour. */
  readonly colour: Colour;
  /** The picture worn: the head's skin, or an eyeball's. */
  readonly texture: "skin" | "eyes" | null;
  /** Of glTF: 0 is a mirror, 1 matt. */
  readonly roughness: number;
  /** Whether what lies around it keeps light away: eyes behind lids, teeth behind lips. */
  readonly shaded: boolean;
  /** Whether it is seen from behind: into the neck from below, hairs from any side. */
  readonly twoSided: boolean;
}

export const PART_MATERIALS: Readonly<Record<PartKind, PartMaterial>> = {
  skin: { colour: [255, 255, 255], texture: "skin", roughness: 0.6, shaded: false, twoSided: true },
  eyes: {
    colour: [255, 255, 255],
    texture: "eyes",
    roughness: 0.15,
    shaded: true,
    twoSided: false,
  },
  mouth: { colour: [150, 78, 74], texture: null, roughness: 0.45, shaded: true, twoSided: false },
  teeth: { colour: [238, 230, 214], texture: null, roughness: 0.25, shaded: true, twoSided: false },
  tongue: { colour: [186, 104, 102], texture: null, roughness: 0.4, shaded: true, twoSided: false },
  lashes: { colour: [34, 26, 23], texture: null, roughness: 0.8, shaded: false, twoSided: true },
  other: { colour: [176, 118, 106], texture: null, roughness: 0.6, shaded: true, twoSided: false },
};

/** Parts whose colour follows the exposure of the photo that a head is made of; hair is dark in any light. */
const EXPOSED: ReadonlySet<PartKind> = new Set<PartKind>(["mouth", "teeth", "tongue", "other"]);

/** The colour of a part of a head, gamma-coded 0-255: its material's under the head's exposure. */
export function partColour(kind: PartKind, exposure: number): Colour {
  const { colour } = PART_MATERIALS[kind];
  if (!EXPOSED.has(kind)) return colour;
  return [exposure * colour[0], exposure * colour[1], exposure * colour[2]];
}

/** Films that a game engine draws nearly clear over the eyes, by ICT-FaceKit's names of its parts. */
const CLEAR = /^(lacrimal-fluid|eye-blend|eye-occlusion)\b/;

/**
 * Whether a part is drawn. ICT-FaceKit has tear films and soft shadows as meshes in front of the eyes,
 * which show nothing of their own and, drawn opaque, hide the eyes.
 */
export function isVisible({ name, kind, count }: Part): boolean {
  return count > 0 && !(kind === "other" && CLEAR.test(name));
}

/** Texture coordinates of a head's triangles: skin in the common layout, eyeballs in their own. */
export interface SurfaceCoordinates {
  /** `M x 2`, u to the right and v down. */
  readonly coordinates: Float32Array;
  /** `T x 3` indices into `coordinates`, for all triangles; those of parts without a picture mean nothing. */
  readonly triangles: Uint32Array;
}

/** The model's coordinates of its skin, and those that `eyeCoordinates` gives its eyes. */
export function surfaceCoordinates(model: MorphableModel): SurfaceCoordinates {
  const coordinates: number[] = [];
  const triangles = new Uint32Array(model.triangles.length);
  const indices = new Map<string, number>();
  const take = (kind: PartKind, values: Float32Array, source: Uint32Array) => {
    for (const part of model.parts) {
      if (part.kind !== kind) continue;
      for (let i = 3 * part.start; i < 3 * (part.start + part.count); i++) {
        const key = `${kind} ${source[i]!}`;
        let index = indices.get(key);
        if (index === undefined) {
          index = coordinates.length / 2;
          coordinates.push(values[2 * source[i]!]!, values[2 * source[i]! + 1]!);
          indices.set(key, index);
        }
        triangles[i] = index;
      }
    }
  };
  if (model.uv) take("skin", model.uv.coordinates, model.uv.triangles);
  take("eyes", eyeCoordinates(model), model.triangles);
  if (coordinates.length === 0) coordinates.push(0, 0);
  return { coordinates: Float32Array.from(coordinates), triangles };
}
