// STL, text and binary (https://en.wikipedia.org/wiki/STL_(file_format)). three's STLLoader leaves every triangle
// its own three vertices of float32 and takes files that are cut off, hence not used.
import { GanfitError } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { ByteScanner } from "./byte-scanner.js";
import { MeshBuilder, type MeshOptions } from "./mesh-builder.js";
import { failAt, type Place } from "./place.js";
import { TextScanner } from "./text-scanner.js";
import { VertexMerger } from "./vertex-merger.js";

const HEADER = 84;
const TRIANGLE = 50;

/**
 * Reads an STL file. The format knows no vertices: corners at exactly the same place become one, in the order in
 * which they come.
 *
 * @param name of the file, for messages
 * @throws GanfitError `data`, naming the line or byte, for what is malformed
 */
export function parseStl(bytes: Uint8Array, name: string, options: MeshOptions = {}): Mesh {
  const count =
    bytes.length < HEADER
      ? null
      : new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(HEADER - 4, true);
  const expected = count === null ? null : HEADER + TRIANGLE * count;
  // Binary files may begin with "solid" too, but then their length tells.
  if (count !== null && expected === bytes.length) return parseBinary(bytes, count, name, options);
  if (/^\s*solid\b/i.test(new TextDecoder("latin1").decode(bytes.subarray(0, 256)))) {
    return parseText(bytes, name, options);
  }
  throw new GanfitError(
    "data",
    count === null
      ? `${name} is not in the STL format, or cut off.`
      : `${name} is not in the STL format, or cut off: ${count} triangles would take ${expected} bytes, but it has ${bytes.length}.`,
  );
}

/** Adds corners to a mesh, equal ones once. */
class Corners {
  readonly mesh: MeshBuilder;
  readonly #merger = new VertexMerger();

  constructor(place: Place) {
    this.mesh = new MeshBuilder(place);
  }

  add(x: number, y: number, z: number): number {
    const { count } = this.#merger;
    const index = this.#merger.index(x, y, z);
    if (index === count) this.mesh.vertex(x, y, z);
    return index;
  }
}

function parseBinary(bytes: Uint8Array, count: number, name: string, options: MeshOptions): Mesh {
  const scanner = new ByteScanner(bytes, name, true, HEADER);
  const corners = new Corners(scanner);
  const next = (): number => scanner.number("float32");
  for (let t = 0; t < count; t++) {
    // The normal, which the corners tell too.
    scanner.at = HEADER + TRIANGLE * t + 12;
    const a = corners.add(next(), next(), next());
    const b = corners.add(next(), next(), next());
    const c = corners.add(next(), next(), next());
    corners.mesh.triangle(a, b, c);
  }
  return corners.mesh.finish(options);
}

function parseText(bytes: Uint8Array, name: string, options: MeshOptions): Mesh {
  const scanner = new TextScanner(bytes, name);
  const corners = new Corners(scanner);
  const expect = (...words: string[]): void => {
    for (const wanted of words) {
      const word = scanner.word();
      if (word.toLowerCase() !== wanted) {
        failAt(scanner, `has ${JSON.stringify(word)} where ${JSON.stringify(wanted)} belongs`);
      }
    }
  };
  const corner = (): number => {
    expect("vertex");
    return corners.add(scanner.number(), scanner.number(), scanner.number());
  };
  while (scanner.moreInFile()) {
    expect("solid");
    scanner.restOfLine();
    for (;;) {
      const word = scanner.word().toLowerCase();
      if (word === "endsolid") break;
      if (word !== "facet") failAt(scanner, `has ${JSON.stringify(word)} where "facet" belongs`);
      expect("normal");
      // Not read: flat triangles have normals that are no numbers.
      for (let axis = 0; axis < 3; axis++) scanner.skipWord();
      expect("outer", "loop");
      corners.mesh.triangle(corner(), corner(), corner());
      expect("endloop", "endfacet");
    }
    scanner.restOfLine();
  }
  return corners.mesh.finish(options);
}
