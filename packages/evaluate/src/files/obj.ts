// Wavefront OBJ, of which a shape needs only `v` and `f`; everything else is passed over. three's OBJLoader makes
// unconnected triangles of float32, so that neither the vertices' order nor their digits survive, hence not used.
import type { Mesh } from "../geometry/mesh.js";
import { MeshBuilder, type MeshOptions } from "./mesh-builder.js";
import { failAt } from "./place.js";
import { TextScanner } from "./text-scanner.js";

const V = "v".charCodeAt(0);
const F = "f".charCodeAt(0);
const MINUS = "-".charCodeAt(0);
const SLASH = "/".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** More digits than any index has that is in range. */
const MAX_DIGITS = 12;

/**
 * Reads an OBJ file: all vertices in the file's order, used by faces or not, and the faces, polygons cut into fans
 * from their first corner. Colours behind positions are passed over.
 *
 * @param name of the file, for messages
 * @throws GanfitError `data`, naming the line, for what is malformed or refers to vertices that are not there
 */
export function parseObj(bytes: Uint8Array, name: string, options: MeshOptions = {}): Mesh {
  const scanner = new TextScanner(bytes, name);
  const mesh = new MeshBuilder(scanner, 1);
  for (; !scanner.done; scanner.nextLine()) {
    if (!scanner.moreInLine()) continue;
    const command = bytes[scanner.at++];
    if (!scanner.atBlank()) continue;
    if (command === V) mesh.vertex(scanner.number(), scanner.number(), scanner.number());
    else if (command === F) readFace(scanner, mesh);
  }
  return mesh.finish(options);
}

function readFace(scanner: TextScanner, mesh: MeshBuilder): void {
  let first = 0;
  let last = 0;
  let corners = 0;
  for (; scanner.moreInLine(); corners++) {
    const corner = readCorner(scanner, mesh.vertexCount);
    if (corners === 0) first = corner;
    if (corners >= 2) mesh.triangle(first, last, corner);
    last = corner;
  }
  if (corners < 3) failAt(scanner, `has a face with ${corners} corners`);
}

/**
 * Reads `v`, `v/vt`, `v//vn` or `v/vt/vn`.
 *
 * @param count of vertices so far, which negative numbers count back from
 * @returns the vertex, from 0
 */
function readCorner(scanner: TextScanner, count: number): number {
  const { bytes } = scanner;
  const negative = bytes[scanner.at] === MINUS;
  if (negative) scanner.at++;
  const start = scanner.at;
  let index = 0;
  for (; isDigit(bytes[scanner.at]); scanner.at++) {
    index = 10 * index + (bytes[scanner.at]! - ZERO);
  }
  const digits = scanner.at - start;
  // Of texture coordinates and normals only the looks are checked.
  if (bytes[scanner.at] === SLASH) {
    while (isDigit(bytes[scanner.at]) || isOneOf(bytes[scanner.at], MINUS, SLASH)) scanner.at++;
  }
  if (digits === 0 || digits > MAX_DIGITS || !scanner.atBlank()) {
    failAt(scanner, "has a face whose corners are no indices");
  }
  if (index === 0) failAt(scanner, "has a face with vertex 0, but vertices are counted from 1");
  if (!negative) return index - 1;
  if (index > count) {
    failAt(scanner, `has a face with vertex -${index}, but only ${count} come before it`);
  }
  return count - index;
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

const isOneOf = (byte: number | undefined, a: number, b: number): boolean =>
  byte === a || byte === b;

/**
 * A mesh as OBJ.
 *
 * @param digits behind the decimal point
 */
export function objText({ positions, triangles }: Mesh, digits = 6): string {
  const lines: string[] = [];
  for (let i = 0; i < positions.length; i += 3) {
    const [x, y, z] = [positions[i]!, positions[i + 1]!, positions[i + 2]!];
    lines.push(`v ${x.toFixed(digits)} ${y.toFixed(digits)} ${z.toFixed(digits)}\n`);
  }
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i]! + 1, triangles[i + 1]! + 1, triangles[i + 2]! + 1];
    lines.push(`f ${a} ${b} ${c}\n`);
  }
  return lines.join("");
}
