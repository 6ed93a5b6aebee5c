// Stanford's polygon format (Turk 1994), text and binary. three's PLYLoader drops polygons of five and more corners
// without a word and checks neither indices nor numbers, so that a damaged file becomes a wrong score, hence not used.
import { GanfitError } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { ByteScanner, type ScalarType } from "./byte-scanner.js";
import { MeshBuilder, type MeshOptions } from "./mesh-builder.js";
import { failAt, type Place } from "./place.js";
import { type PlyElement, type PlyProperty, parsePlyHeader } from "./ply-header.js";
import { TextScanner } from "./text-scanner.js";

/** Where the numbers of the rows come from. */
interface Numbers extends Place {
  number(type: ScalarType): number;
  skip(type: ScalarType): void;
}

/**
 * Reads a PLY file: `x`, `y`, `z` of its `vertex` rows, and the lists `vertex_indices` (or `vertex_index`) of its
 * `face` rows, polygons cut into fans from their first corner. Everything else is passed over.
 *
 * @param name of the file, for messages
 * @throws GanfitError `data`, naming the line or byte, for what is malformed or refers to vertices that are not there
 */
export function parsePly(bytes: Uint8Array, name: string, options: MeshOptions = {}): Mesh {
  const { format, elements, end, line } = parsePlyHeader(bytes, name);
  const numbers =
    format === "ascii"
      ? textNumbers(bytes, name, end, line)
      : new ByteScanner(bytes, name, format === "binary_little_endian", end);
  const mesh = new MeshBuilder(numbers);
  for (const element of elements) {
    // Rows of nothing take no bytes, so that the file's length is no bound of their number.
    if (element.properties.length === 0) continue;
    if (element.name === "vertex") readVertices(numbers, element, mesh);
    else if (element.name === "face") readFaces(numbers, element, mesh);
    else {
      for (let row = 0; row < element.count; row++) {
        for (const property of element.properties) skipProperty(numbers, property);
      }
    }
  }
  return mesh.finish(options);
}

function textNumbers(bytes: Uint8Array, name: string, end: number, line: number): Numbers {
  const scanner = new TextScanner(bytes, name);
  scanner.at = end;
  scanner.where = line;
  return {
    name,
    unit: scanner.unit,
    get where() {
      return scanner.where;
    },
    number: () => {
      if (!scanner.moreInFile()) failAt(scanner, "is cut off");
      return scanner.number();
    },
    skip: () => {
      if (!scanner.moreInFile()) failAt(scanner, "is cut off");
      scanner.skipWord();
    },
  };
}

function readVertices(numbers: Numbers, element: PlyElement, mesh: MeshBuilder): void {
  const axes = element.properties.map(({ name, countType }) =>
    countType === null ? "xyz".indexOf(name) : -1,
  );
  if (presentAxes(axes) !== "012") {
    throw new GanfitError("data", `${numbers.name} has vertices without x, y and z, one of each.`);
  }
  const position = [0, 0, 0];
  for (let row = 0; row < element.count; row++) {
    for (const [i, property] of element.properties.entries()) {
      const axis = axes[i]!;
      if (axis < 0) skipProperty(numbers, property);
      else position[axis] = numbers.number(property.type);
    }
    mesh.vertex(position[0]!, position[1]!, position[2]!);
  }
}

function readFaces(numbers: Numbers, element: PlyElement, mesh: MeshBuilder): void {
  const corners = element.properties.filter(isCorners);
  if (corners.length !== 1) {
    throw new GanfitError("data", `${numbers.name} has faces without one list of vertex_indices.`);
  }
  for (let row = 0; row < element.count; row++) {
    for (const property of element.properties) {
      if (!isCorners(property)) {
        skipProperty(numbers, property);
        continue;
      }
      const count = countOf(numbers, property.countType);
      if (count < 3) failAt(numbers, `has a face with ${count} corners`);
      const first = numbers.number(property.type);
      let last = numbers.number(property.type);
      for (let i = 2; i < count; i++) {
        const corner = numbers.number(property.type);
        mesh.triangle(first, last, corner);
        last = corner;
      }
    }
  }
}

type ListProperty = PlyProperty & { readonly countType: ScalarType };

const isCorners = (property: PlyProperty): property is ListProperty =>
  property.countType !== null && /^vertex_(?:indices|index)$/.test(property.name);

function skipProperty(numbers: Numbers, { type, countType }: PlyProperty): void {
  const count = countType === null ? 1 : countOf(numbers, countType);
  for (let i = 0; i < count; i++) numbers.skip(type);
}

/** The number of a list's items. */
function countOf(numbers: Numbers, type: ScalarType): number {
  const count = numbers.number(type);
  if (!Number.isInteger(count) || count < 0) failAt(numbers, `has a list of ${count} items`);
  return count;
}

/** The axes that there are, in order. */
const presentAxes = (axes: readonly number[]): string =>
  axes
    .filter((axis) => axis >= 0)
    .sort()
    .join("");

/** A mesh as binary little-endian PLY, its positions in double precision. */
export function plyBytes({ positions, triangles }: Mesh): Uint8Array {
  const header = new TextEncoder().encode(
    [
      "ply",
      "format binary_little_endian 1.0",
      `element vertex ${positions.length / 3}`,
      ...["x", "y", "z"].map((axis) => `property double ${axis}`),
      `element face ${triangles.length / 3}`,
      "property list uchar int vertex_indices",
      "end_header\n",
    ].join("\n"),
  );
  const faces = header.length + 8 * positions.length;
  const bytes = new Uint8Array(faces + (triangles.length / 3) * 13);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < positions.length; i++) {
    view.setFloat64(header.length + 8 * i, positions[i]!, true);
  }
  for (let t = 0; t < triangles.length / 3; t++) {
    const at = faces + 13 * t;
    view.setUint8(at, 3);
    for (let k = 0; k < 3; k++) view.setInt32(at + 1 + 4 * k, triangles[3 * t + k]!, true);
  }
  return bytes;
}
