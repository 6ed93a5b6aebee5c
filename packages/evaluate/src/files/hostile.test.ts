/** Files that somebody damaged: each ends in what is valid, or in an error that names the file. */

import { GanfitError } from "@ganfit/core";
import { Document, WebIO } from "@gltf-transform/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mesh } from "../geometry/mesh.js";
import { ljsonText, npyBytes, pointRowsText, ppText } from "./landmark-text.js";
import { objText } from "./obj.js";
import { parseLandmarks } from "./parse-landmarks.js";
import { parseMesh } from "./parse-mesh.js";
import { plyBytes } from "./ply.js";
import { parseVertexIds } from "./vertex-ids.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

const MESH: Mesh = {
  positions: Float64Array.from({ length: 24 }, (_, i) => Math.sin(7 * i)),
  triangles: Uint32Array.of(0, 1, 2, 2, 1, 3, 4, 5, 6, 6, 5, 7, 0, 1, 4),
};
const POINTS = MESH.positions.slice(0, 15);

function plyText(): Uint8Array {
  const rows = Array.from({ length: 8 }, (_, v) =>
    MESH.positions.slice(3 * v, 3 * v + 3).join(" "),
  );
  return bytesOf(
    `ply\nformat ascii 1.0\nelement vertex 8\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n${rows.join("\n")}\n4 0 1 2 3\n`,
  );
}

function stlText(): Uint8Array {
  const facets = Array.from({ length: 5 }, (_, t) => {
    const corners = [0, 1, 2].map((k) => {
      const v = MESH.triangles[3 * t + k]!;
      return `vertex ${MESH.positions.slice(3 * v, 3 * v + 3).join(" ")}`;
    });
    return `facet normal 0 0 1\nouter loop\n${corners.join("\n")}\nendloop\nendfacet\n`;
  });
  return bytesOf(`solid a\n${facets.join("")}endsolid a\n`);
}

function stlBytes(): Uint8Array {
  const bytes = new Uint8Array(84 + 5 * 50);
  const view = new DataView(bytes.buffer);
  view.setUint32(80, 5, true);
  MESH.triangles.forEach((v, i) => {
    for (let k = 0; k < 3; k++) {
      const at = 84 + 50 * Math.floor(i / 3) + 12 * (1 + (i % 3)) + 4 * k;
      view.setFloat32(at, MESH.positions[3 * v + k]!, true);
    }
  });
  return bytes;
}

async function glbBytes(): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const positions = document
    .createAccessor()
    .setType("VEC3")
    .setArray(Float32Array.from(MESH.positions))
    .setBuffer(buffer);
  const indices = document.createAccessor().setArray(MESH.triangles).setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute("POSITION", positions)
    .setIndices(indices)
    .addTarget(document.createPrimitiveTarget().setAttribute("POSITION", positions));
  const mesh = document.createMesh().addPrimitive(primitive).setWeights([0.5]);
  const child = document.createNode().setMesh(mesh).setScale([1, 2, 3]);
  document.createScene().addChild(document.createNode().addChild(child));
  return new WebIO().writeBinary(document);
}

type Read = (bytes: Uint8Array) => Promise<Float64Array | Uint32Array>;

const meshOf =
  (name: string): Read =>
  async (bytes) => {
    const { positions, triangles } = await parseMesh(bytes, name);
    expect(triangles.length % 3).toBe(0);
    expect(triangles.length).toBeGreaterThan(0);
    for (const v of triangles) expect(v).toBeLessThan(positions.length / 3);
    return positions;
  };
const landmarksOf =
  (name: string): Read =>
  async (bytes) =>
    parseLandmarks(bytes, name, 5);

const CASES: readonly (readonly [string, Uint8Array | Promise<Uint8Array>, Read])[] = [
  ["some.obj", bytesOf(objText(MESH)), meshOf("some.obj")],
  ["binary some.ply", plyBytes(MESH), meshOf("some.ply")],
  ["text some.ply", plyText(), meshOf("some.ply")],
  ["text some.stl", stlText(), meshOf("some.stl")],
  ["binary some.stl", stlBytes(), meshOf("some.stl")],
  ["some.glb", glbBytes(), meshOf("some.glb")],
  ["some.ljson", bytesOf(ljsonText(POINTS)), landmarksOf("some.ljson")],
  ["some.pp", bytesOf(ppText(POINTS)), landmarksOf("some.pp")],
  ["some.txt", bytesOf(pointRowsText(POINTS)), landmarksOf("some.txt")],
  [
    "some.pts",
    bytesOf(`version: 1\nn_points: 5\n{\n${pointRowsText(POINTS)}}\n`),
    landmarksOf("some.pts"),
  ],
  ["some.json", bytesOf(JSON.stringify(Array(5).fill([1, 2, 3]))), landmarksOf("some.json")],
  ["some.npy", npyBytes(POINTS), landmarksOf("some.npy")],
  [
    "some.pkl",
    Uint8Array.from(Buffer.from("gAJdcQAoSwVKcBEBAEsCSwBlLg==", "base64")),
    async (bytes) => parseVertexIds(bytes, "some.pkl"),
  ],
];

/** What is read, or null where the file is refused; throws where it ends otherwise than it should. */
async function readOrRefused(read: Read, bytes: Uint8Array) {
  try {
    const numbers = await read(bytes);
    expect(numbers.every(Number.isFinite)).toBe(true);
    return numbers;
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    expect(error).toMatchObject({ code: "data", message: expect.stringMatching(/\bsome\.\w+/) });
    return null;
  }
}

describe.each(CASES)("%s", (name, made, read) => {
  it("may be cut off anywhere", async () => {
    const bytes = await made;
    const whole = await readOrRefused(read, bytes);
    expect(whole).not.toBeNull();
    for (let end = 0; end < bytes.length; end += 7) {
      const part = await readOrRefused(read, bytes.subarray(0, end));
      // Without its last blanks a file is still whole. Plain rows cannot tell where they should end.
      if (part && name !== "some.obj" && name !== "some.txt") expect(part).toEqual(whole);
    }
  });

  it("may have any bytes changed", async () => {
    const bytes = await made;
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        await readOrRefused(read, damaged);
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it("may be any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await readOrRefused(read, bytes);
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});
