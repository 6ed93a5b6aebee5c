// A head as binary glTF 2.0 (https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html): metres, y up, the
// face towards +z, as the format has it. One mesh for each kind of part, every expression a morph target
// of each mesh that moves, the person's neutral face as the shape that they start from.

import {
  type Accessor,
  Document,
  Logger,
  type Material,
  type Mesh,
  PlatformIO,
} from "@gltf-transform/core";
import { GanfitError } from "../errors.js";
import { srgbToLinear } from "../image/colour.js";
import type { Image } from "../image/image.js";
import { ambientOcclusion, nostrilOcclusion, reddened } from "../models/ambient-occlusion.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { eyeTexture } from "../models/eyes.js";
import { lashOpacity } from "../models/lashes.js";
import type { MorphableModel, PartKind } from "../models/morphable-model.js";
import { PART_MATERIALS, partColour } from "../models/part-materials.js";
import { type PartMesh, partMeshes } from "../models/part-meshes.js";
import type { TexturedHead } from "../models/textured-head.js";
import { vertexNormals } from "../render/normals.js";
import { vertexTangents } from "../render/tangents.js";

export interface GlbOptions {
  /** Of a PNG, such as `encodePng`. */
  readonly encode: (image: Image) => Promise<Uint8Array>;
  /** Name and version of the program, for `asset.generator`. */
  readonly generator: string;
  /**
   * Expressions that become morph targets, in this order; all of the model's where not given. Of the
   * others the head keeps what it has, in its shape.
   */
  readonly expressions?: readonly string[];
}

const METRE = 1e-3;

/**
 * Displacements below this, millimetres for a weight of 1, are left out. 62 of them at full strength stay
 * below a hundredth of a millimetre.
 */
const STILL = 1e-4;

/** How far the mouth is open where teeth and tongue get their shade: closed they would be black for good. */
const SHADE_JAW_OPEN = 0.7;

/** Only packs bytes; there are no other files to read or write. */
class MemoryIO extends PlatformIO {
  protected override readURI(): Promise<never> {
    return Promise.reject(new GanfitError("usage", "A GLB refers to no other files."));
  }

  protected override resolve(base: string, path: string): string {
    return base + path;
  }

  protected override dirname(uri: string): string {
    return uri;
  }
}

/**
 * Writes a head as GLB. Meshes that move carry the names of their targets in `extras.targetNames`, where
 * three.js, Blender and others look for them, and the head's own expression as default weights. `head.normals`
 * becomes the skin's `normalTexture`, with the tangents that it refers to; like the normals they are those of
 * the shape that morph targets start from.
 *
 * @throws GanfitError `usage` where an expression is asked for that the model lacks
 */
export async function writeGlb(head: TexturedHead, options: GlbOptions): Promise<Uint8Array> {
  const { model } = head;
  const modes = modesOf(model, options.expressions ?? model.expression.names);
  const document = new Document();
  const asset = document.getRoot().getAsset();
  asset.generator = options.generator;
  asset.copyright = `${model.attribution} (${model.licence})`;
  asset.extras = { model: model.name, licence: model.licence, attribution: model.attribution };
  const buffer = document.createBuffer();

  const rest = head.expression.slice();
  for (const k of modes) rest[k] = 0;
  const positions = evaluateModel(model, head.identity, rest);
  const normals = vertexNormals(positions, model.triangles);
  const open = openness(head, rest);
  const nostrils = nostrilOcclusion(model);
  const opacity = lashOpacity(model);
  const materials = await makeMaterials(document, head, options.encode);
  const root = document.createNode("head");
  document.getRoot().setDefaultScene(document.createScene(model.name).addChild(root));

  for (const part of partMeshes(model)) {
    const accessor = (
      type: "VEC2" | "VEC3" | "VEC4" | "SCALAR",
      array: Float32Array | Uint8Array,
    ) => document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
    const turned = gather(normals, part, 1);
    const indices =
      part.vertices.length > 65_535 ? part.triangles : Uint16Array.from(part.triangles);
    const primitive = document
      .createPrimitive()
      .setMaterial(materials.get(part.kind)!)
      .setIndices(document.createAccessor().setType("SCALAR").setArray(indices).setBuffer(buffer))
      .setAttribute("POSITION", accessor("VEC3", gather(positions, part, METRE)))
      .setAttribute("NORMAL", accessor("VEC3", turned));
    if (part.coordinates) {
      primitive.setAttribute("TEXCOORD_0", accessor("VEC2", part.coordinates));
      if (part.kind === "skin" && head.normals) {
        const { triangles, coordinates } = part;
        const placed = gather(positions, part, METRE);
        const mesh = { positions: placed, triangles, coordinates, coordinateTriangles: triangles };
        primitive.setAttribute("TANGENT", accessor("VEC4", vertexTangents(mesh, turned)));
      }
    }
    const colours = vertexColours(part, part.kind === "skin" ? nostrils : open, opacity);
    primitive.setAttribute("COLOR_0", accessor("VEC4", colours).setNormalized(true));
    const mesh = document.createMesh(part.kind).addPrimitive(primitive);
    addTargets(document, mesh, part, head, modes);
    root.addChild(document.createNode(part.kind).setMesh(mesh));
  }
  // Sparse accessors of many entries, there on purpose, would be warned of.
  return new MemoryIO().setLogger(new Logger(Logger.Verbosity.ERROR)).writeBinary(document);
}

function modesOf({ name, expression }: MorphableModel, names: readonly string[]): number[] {
  return names.map((wanted) => {
    const k = expression.names.indexOf(wanted);
    if (k < 0) throw new GanfitError("usage", `${name} has no expression named ${wanted}.`);
    return k;
  });
}

function gather(values: Float32Array, { vertices }: PartMesh, factor: number): Float32Array {
  const out = new Float32Array(3 * vertices.length);
  vertices.forEach((v, i) => {
    for (let k = 0; k < 3; k++) out[3 * i + k] = factor * values[3 * v + k]!;
  });
  return out;
}

/** All meshes that move have all targets, so that one list of weights fits them all. */
function addTargets(
  document: Document,
  mesh: Mesh,
  part: PartMesh,
  { model, expression }: TexturedHead,
  modes: readonly number[],
): void {
  const { names, displacements } = model.expression;
  const [buffer] = document.getRoot().listBuffers();
  const stride = model.mean.length;
  const targets = modes.map((k) => {
    const moved = gather(displacements.subarray(k * stride, (k + 1) * stride), part, METRE);
    for (let i = 0; i < moved.length; i += 3) {
      const length = Math.hypot(moved[i]!, moved[i + 1]!, moved[i + 2]!);
      if (length < STILL * METRE) moved.fill(0, i, i + 3);
    }
    return moved;
  });
  const counts = targets.map((target) => {
    let moving = 0;
    for (let i = 0; i < target.length; i += 3) {
      if (target[i] !== 0 || target[i + 1] !== 0 || target[i + 2] !== 0) moving++;
    }
    return moving;
  });
  if (counts.every((count) => count === 0)) return;
  let still: Accessor | undefined;
  const [primitive] = mesh.listPrimitives();
  targets.forEach((target, i) => {
    const make = (sparse: boolean) =>
      document
        .createAccessor()
        .setType("VEC3")
        .setArray(target)
        .setSparse(sparse)
        .setBuffer(buffer!);
    // A sparse entry has an index beside its three numbers.
    const sparse = counts[i]! < 0.8 * part.vertices.length;
    if (counts[i] === 0) still ??= make(true);
    const accessor = counts[i] === 0 ? still! : make(sparse);
    const name = names[modes[i]!]!;
    primitive!.addTarget(document.createPrimitiveTarget(name).setAttribute("POSITION", accessor));
  });
  mesh.setWeights(modes.map((k) => expression[k]!));
  mesh.setExtras({ targetNames: modes.map((k) => names[k]!) });
}

async function makeMaterials(
  document: Document,
  head: TexturedHead,
  encode: GlbOptions["encode"],
): Promise<Map<PartKind, Material>> {
  const { model, skin, exposure } = head;
  const texture = async (name: string, image: Image) =>
    document
      .createTexture(name)
      .setMimeType("image/png")
      .setURI(`${name}.png`)
      .setImage(await encode(image));
  const kinds = new Set(model.parts.map(({ kind }) => kind));
  const worn = kinds.has("skin") && model.uv !== null;
  const textures = {
    skin: worn ? await texture("skin", skin) : null,
    eyes: kinds.has("eyes") ? await texture("eyes", eyeTexture(head)) : null,
  };
  const relief = worn && head.normals ? await texture("normal", head.normals) : null;
  const materials = new Map<PartKind, Material>();
  for (const kind of kinds) {
    const { roughness, twoSided, texture: picture } = PART_MATERIALS[kind];
    const [r, g, b] = partColour(kind, exposure).map((value) => srgbToLinear(value / 255));
    const material = document
      .createMaterial(kind)
      .setBaseColorFactor([r!, g!, b!, 1])
      .setMetallicFactor(0)
      .setRoughnessFactor(roughness)
      .setDoubleSided(twoSided)
      .setAlphaMode(kind === "lashes" ? "BLEND" : "OPAQUE");
    if (picture) material.setBaseColorTexture(textures[picture]);
    if (kind === "skin") material.setNormalTexture(relief);
    materials.set(kind, material);
  }
  return materials;
}

/** `V`: the share of light that reaches what lies hidden, the mouth ajar. */
function openness({ model, identity }: TexturedHead, expression: Float32Array): Float32Array {
  const ajar = expression.slice();
  const jaw = model.expression.names.indexOf("jawOpen");
  if (jaw >= 0) ajar[jaw] = SHADE_JAW_OPEN;
  return ambientOcclusion(model, evaluateModel(model, identity, ajar));
}

/** `n x 4`, R G B A: how dim hidden places are, in linear light, and how opaque lashes. */
function vertexColours(
  { vertices }: PartMesh,
  light: Float32Array,
  opacity: Float32Array,
): Uint8Array {
  const out = new Uint8Array(4 * vertices.length);
  vertices.forEach((v, i) => {
    const factors = [...reddened(light[v]!), opacity[v]!];
    for (let c = 0; c < 4; c++) out[4 * i + c] = Math.round(255 * factors[c]!);
  });
  return out;
}
