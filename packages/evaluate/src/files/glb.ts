/** Binary glTF 2.0 (https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html), decoded by glTF-Transform. */
import { GanfitError } from "@ganfit/core";
import {
  type Accessor,
  type Document,
  type GLTF,
  type JSONDocument,
  Logger,
  type Node,
  Primitive,
  WebIO,
} from "@gltf-transform/core";
import type { Mesh } from "../geometry/mesh.js";
import { MAX_TRIANGLES, MAX_VERTICES } from "./limits.js";
import { MeshBuilder, type MeshOptions } from "./mesh-builder.js";
import { failAt } from "./place.js";

/** Integers as positions are plain accessors, which need no help of a decoder. */
const QUANTIZATION = "KHR_mesh_quantization";

/**
 * Reads a GLB file: the triangles of all meshes of its scene, where their nodes put them, in metres as the format
 * has it, one after another in the order of the scene. Morph targets act with the file's own weights, so that a
 * head is read in the expression that viewers show.
 *
 * @param name of the file, for messages
 * @throws GanfitError `data` for files that are malformed, compressed (Draco, meshopt), or have skins, strips or fans
 */
export async function parseGlb(
  bytes: Uint8Array,
  name: string,
  options: MeshOptions = {},
): Promise<Mesh> {
  const length = bytes.length < 12 ? null : viewOf(bytes).getUint32(8, true);
  if (length === null || viewOf(bytes).getUint32(0, true) !== 0x46546c67) {
    throw new GanfitError(
      "data",
      `${name} is not in the GLB format: it does not begin with "glTF".`,
    );
  }
  if (length !== bytes.length) {
    throw new GanfitError(
      "data",
      `${name} is cut off or damaged: it should have ${length} bytes, but has ${bytes.length}.`,
    );
  }
  try {
    return collect(await decode(bytes, name), name, options);
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GanfitError(
      "data",
      `${name} is a damaged GLB file, or of a kind that is not read (${reason.replace(/\.$/, "")}).`,
      { cause },
    );
  }
}

async function decode(bytes: Uint8Array, name: string): Promise<Document> {
  const io = new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT));
  // The library views chunks as 32-bit numbers, which have to be aligned.
  const content = await io.binaryToJSON(bytes.byteOffset % 4 === 0 ? bytes : bytes.slice());
  const json = plainGeometry(content.json);
  checkSizes(json, name);
  checkTree(json, name);
  return io.readJSON({ json, resources: content.resources } satisfies JSONDocument);
}

function plainGeometry(json: GLTF.IGLTF): GLTF.IGLTF {
  const { extensionsRequired = [] } = json;
  return { ...json, extensionsRequired: extensionsRequired.filter((e) => e !== QUANTIZATION) };
}

/** Accessors without data are zeros, so that a small file may ask for any amount of memory. */
function checkSizes({ accessors = [] }: GLTF.IGLTF, name: string): void {
  const total = accessors.reduce((sum, { count }) => sum + count, 0);
  if (!(total <= 3 * MAX_TRIANGLES)) {
    throw new GanfitError("data", `${name} has more numbers than the largest mesh that is read.`);
  }
}

/** Nodes that are their own ancestors would never end. */
function checkTree({ nodes = [], scenes = [] }: GLTF.IGLTF, name: string): void {
  const parents = new Map<number, number>();
  const roots = scenes.flatMap((scene) => [...new Set(scene.nodes ?? [])]);
  for (const child of [...nodes.flatMap(({ children = [] }) => children), ...new Set(roots)]) {
    parents.set(child, (parents.get(child) ?? 0) + 1);
    if (parents.get(child) !== 1) {
      throw new GanfitError("data", `${name} has a node with two parents (number ${child}).`);
    }
  }
}

function collect(document: Document, name: string, options: MeshOptions): Mesh {
  const root = document.getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  if (!scene) throw new GanfitError("data", `${name} has no scene.`);
  const place = { name, unit: "primitive", where: 0 };
  const mesh = new MeshBuilder(place);
  const visit = (node: Node): void => {
    const parts = node.getMesh()?.listPrimitives() ?? [];
    if (parts.length > 0 && node.getSkin()) failAt(place, "has a skin, which is not read");
    const starts = new Map<Accessor, number>();
    for (const part of parts) {
      addPrimitive(part, node, mesh, starts, options, (problem) => failAt(place, problem));
      place.where++;
    }
    for (const child of node.listChildren()) visit(child);
  };
  for (const node of scene.listChildren()) visit(node);
  return mesh.finish(options);
}

/** @param starts first vertex of positions that several primitives of the node share; added to */
function addPrimitive(
  primitive: Primitive,
  node: Node,
  mesh: MeshBuilder,
  starts: Map<Accessor, number>,
  { points = false }: MeshOptions,
  fail: (problem: string) => never,
): void {
  const mode = primitive.getMode();
  const isPoints = points && mode === Primitive.Mode.POINTS;
  if (mode !== Primitive.Mode.TRIANGLES && !isPoints) fail("is not made of triangles");
  const accessor = primitive.getAttribute("POSITION") ?? fail("has no positions");
  if (accessor.getType() !== "VEC3") fail("has positions that are not of three numbers");
  const count = accessor.getCount();
  const { matrix, mirrors } = placement(node);
  // Targets may move the same positions elsewhere.
  const shareable = primitive.listTargets().length === 0;
  const known = shareable ? starts.get(accessor) : undefined;
  const start = known ?? mesh.vertexCount;
  if (shareable) starts.set(accessor, start);
  if (known === undefined) {
    const positions = morphed(primitive, accessor, node, fail);
    for (let v = 0; v < count; v++) {
      const [x, y, z] = [positions[3 * v]!, positions[3 * v + 1]!, positions[3 * v + 2]!];
      const axis = (k: number) =>
        matrix[k]! * x + matrix[k + 4]! * y + matrix[k + 8]! * z + matrix[k + 12]!;
      mesh.vertex(axis(0), axis(1), axis(2));
    }
  }
  if (isPoints) return;
  const indices = primitive.getIndices()?.getArray();
  const corners = indices?.length ?? count;
  if (corners % 3 !== 0) fail(`has ${corners} corners, which are no triangles`);
  for (let i = 0; i < corners; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const vertex = indices ? indices[i + k]! : i + k;
      if (vertex >= count) fail(`has a triangle with vertex ${vertex} of ${count}`);
      return start + vertex;
    });
    // A mirrored surface would look inwards.
    if (mirrors) mesh.triangle(a!, c!, b!);
    else mesh.triangle(a!, b!, c!);
  }
}

/** The node's matrix in the scene, by columns, and whether it makes left hands of right ones. */
function placement(node: Node): { readonly matrix: readonly number[]; readonly mirrors: boolean } {
  const m = node.getWorldMatrix();
  const determinant =
    m[0] * (m[5] * m[10] - m[9] * m[6]) -
    m[4] * (m[1] * m[10] - m[9] * m[2]) +
    m[8] * (m[1] * m[6] - m[5] * m[2]);
  return { matrix: m, mirrors: determinant < 0 };
}

/** Positions with the default weights of morph targets, of the node where it has some, else of its mesh. */
function morphed(
  primitive: Primitive,
  base: Accessor,
  node: Node,
  fail: (problem: string) => never,
): Float64Array {
  const positions = elementsOf(base);
  const own = node.getWeights();
  const weights = own.length > 0 ? own : (node.getMesh()?.getWeights() ?? []);
  for (const [i, target] of primitive.listTargets().entries()) {
    const weight = weights[i] ?? 0;
    const moves = target.getAttribute("POSITION");
    if (weight === 0 || moves === null) continue;
    if (moves.getCount() !== base.getCount() || moves.getType() !== "VEC3") {
      fail("has a morph target of another size");
    }
    elementsOf(moves).forEach((move, k) => {
      positions[k]! += weight * move;
    });
  }
  return positions;
}

/** @returns `count x 3`, normalised integers as the fractions that they stand for */
function elementsOf(accessor: Accessor): Float64Array {
  const count = Math.min(accessor.getCount(), MAX_VERTICES + 1);
  const out = new Float64Array(3 * count);
  const element: number[] = [];
  for (let v = 0; v < count; v++) out.set(accessor.getElement(v, element), 3 * v);
  return out;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
