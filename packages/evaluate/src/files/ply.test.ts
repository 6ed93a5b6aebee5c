import { randomUniform } from "@ganfit/core";
import { BufferAttribute, BufferGeometry, Mesh as ThreeMesh } from "three";
import { PLYExporter } from "three/examples/jsm/exporters/PLYExporter.js";
import { PLYLoader } from "three/examples/jsm/loaders/PLYLoader.js";
import { describe, expect, it } from "vitest";
import type { MeshOptions } from "./mesh-builder.js";
import { parsePly, plyBytes } from "./ply.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, options?: MeshOptions) => parsePly(bytesOf(text), "a.ply", options);

const positions = Float64Array.from([0.1, 0, 0, 1, 0.2, 0, 1, 1, 0.3, 0, 1, -1e-9, 5, 6, 7]);
const triangles = Uint32Array.from([0, 1, 2, 0, 2, 3]);

const TEXT = `ply
format ascii 1.0
comment made by hand
obj_info 1
element vertex 5
property float nx
property double z
property list uchar int seen_by
property float x
property float y
property uchar red
element camera 1
property float view
property list int float lens
element face 2
property uchar flag
property list uchar uint vertex_indices
property list uchar float texcoord
element nothing 999999999
end_header
nan 3 2 7 7 1 2 255
0 6 0 4 5 255
0 9 1 7 7 8 255
0 12 0 10 11 0
0 15 0 13 14 0
0.5 2 nan 7
1 4 0 1 2 3 6 0 0 1 0 1 1
0 3 4 3 2 0
`;

describe("parsePly", () => {
  it("reads text: any order of properties, and what it does not know is passed over", () => {
    for (const text of [TEXT, TEXT.replaceAll("\n", "\r\n"), TEXT.replaceAll("\n", "\r")]) {
      const mesh = parse(text);
      expect([...mesh.positions]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
      expect([...mesh.triangles]).toEqual([0, 1, 2, 0, 2, 3, 4, 3, 2]);
    }
  });

  it.each([true, false])("reads binary with all types of numbers (little-endian: %s)", (little) => {
    const types = [
      "char",
      "uint8",
      "short",
      "uint16",
      "int32",
      "uint",
      "float32",
      "double",
    ] as const;
    const set = [
      "Int8",
      "Uint8",
      "Int16",
      "Uint16",
      "Int32",
      "Uint32",
      "Float32",
      "Float64",
    ] as const;
    const sizes = [1, 1, 2, 2, 4, 4, 4, 8];
    for (const [t, type] of types.entries()) {
      const header = `ply\nformat binary_${little ? "little" : "big"}_endian 1.0\nelement face 1\nproperty list ${type.startsWith("f") || type === "double" ? "int" : type} ${type} vertex_index\nelement vertex 3\nproperty ${type} x\nproperty uchar a\nproperty ${type} y\nproperty ${type} z\nend_header\n`;
      const bytes = new Uint8Array(1000);
      const start = bytesOf(header);
      bytes.set(start);
      const view = new DataView(bytes.buffer);
      let at = start.length;
      const put = (value: number, kind = t): void => {
        view[`set${set[kind]!}`](at, value, little);
        at += sizes[kind]!;
      };
      put(3, t >= 6 ? 4 : t);
      for (const corner of [2, 0, 1]) put(corner);
      for (let v = 0; v < 3; v++) {
        put(10 * v + 1);
        put(77, 1);
        put(10 * v + 2);
        put(10 * v + 3);
      }
      const mesh = parsePly(bytes.subarray(0, at), "a.ply");
      expect([...mesh.positions]).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23]);
      expect([...mesh.triangles]).toEqual([2, 0, 1]);
      expect(() => parsePly(bytes.subarray(0, at - 1), "a.ply")).toThrow(
        /At byte \d+, a.ply is cut off/,
      );
    }
  });

  it.each(["ascii", "little", "big"])("reads what three's PLYExporter writes (%s)", (format) => {
    const next = randomUniform(4);
    const geometry = new BufferGeometry();
    const numbers = Float32Array.from({ length: 300 }, () => 200 * next() - 100);
    const corners = Uint32Array.from({ length: 270 }, () => Math.floor(100 * next()));
    geometry.setAttribute("position", new BufferAttribute(numbers, 3));
    geometry.setAttribute("normal", new BufferAttribute(numbers.slice(), 3));
    geometry.setIndex(new BufferAttribute(corners, 1));
    const written = new PLYExporter().parse(
      new ThreeMesh(geometry),
      undefined as never,
      {
        binary: format !== "ascii",
        littleEndian: format === "little",
      } as object,
    ) as unknown as string | ArrayBuffer;
    const bytes = typeof written === "string" ? bytesOf(written) : new Uint8Array(written);
    const mesh = parsePly(bytes, "three.ply");
    expect(Float32Array.from(mesh.positions)).toEqual(numbers);
    expect(mesh.triangles).toEqual(corners);
  });

  const vertices = "element vertex 3\nproperty float x\nproperty float y\nproperty float z\n";
  const faces = "element face 1\nproperty list uchar int vertex_indices\n";
  const head = `ply\nformat ascii 1.0\n${vertices}${faces}end_header\n`;
  it.each([
    ["plx\n", 'a.ply is not in the PLY format: it does not begin with "ply".'],
    ["", 'a.ply is not in the PLY format: it does not begin with "ply".'],
    ["ply\nformat ascii 1.0\n", "a.ply is cut off: its header has no end."],
    ["ply\nformat ascii 2.0\n", "At line 2, a.ply has a line that no PLY header has."],
    ["ply\nproperty float x\n", "At line 2, a.ply has a line that no PLY header has."],
    ["ply\nelement vertex -1\n", "At line 2, a.ply has a line that no PLY header has."],
    [
      "ply\nelement vertex 3\nproperty half x\n",
      "At line 3, a.ply has a line that no PLY header has.",
    ],
    [
      "ply\nelement vertex 3\nproperty constructor x\n",
      "At line 3, a.ply has a line that no PLY header has.",
    ],
    [
      "ply\nelement face 3\nproperty list float int vertex_index\n",
      "At line 3, a.ply has a line that no PLY header has.",
    ],
    [`ply\n${vertices}end_header\n`, "At line 6, a.ply ends its header without naming a format."],
    [
      `ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n`,
      "a.ply has vertices without x, y and z, one of each.",
    ],
    [
      `ply\nformat ascii 1.0\n${vertices}element face 1\nproperty int a\nend_header\n0 0 0\n0 0 0\n0 0 0\n1\n`,
      "a.ply has faces without one list of vertex_indices.",
    ],
    [`${head}0 0 0\n1 0 0\n0 x 0\n3 0 1 2\n`, 'At line 12, a.ply has "x" where a number belongs.'],
    [
      `${head}0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n`,
      "At line 13, a.ply has a face with vertex 3, but the file has only 3.",
    ],
    [
      `${head}0 0 0\n1 0 0\n0 1 0\n3 0 1 -1\n`,
      "At line 13, a.ply has a face with vertex -1, which cannot be.",
    ],
    [
      `${head}0 0 0\n1 0 0\n0 1 0\n3 0 1 1.5\n`,
      "At line 13, a.ply has a face with vertex 1.5, which cannot be.",
    ],
    [`${head}0 0 0\n1 0 0\n0 1 0\n2 0 1\n`, "At line 13, a.ply has a face with 2 corners."],
    [`${head}0 0 0\n1 0 0\n0 1 0\n`, "At line 13, a.ply is cut off."],
    [
      `ply\nformat ascii 1.0\n${vertices}end_header\n0 0 0\n1 0 0\n0 1 0\n`,
      "a.ply has 3 vertices but no triangles.",
    ],
    [`ply\nformat ascii 1.0\n${faces}end_header\n3 0 1 2\n`, "a.ply has no vertices."],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "data", message }));
  });

  it("refuses numbers that are not finite", () => {
    const bytes = plyBytes({ positions: positions.with(4, Number.NaN), triangles });
    expect(() => parsePly(bytes, "a.ply")).toThrow("has a coordinate that is not finite");
  });

  it("takes points without faces where they are asked for", () => {
    const mesh = parse(`ply\nformat ascii 1.0\n${vertices}end_header\n0 0 0\n1 0 0\n0 1 0\n`, {
      points: true,
    });
    expect(mesh.positions.length).toBe(9);
  });
});

describe("plyBytes", () => {
  it("is read back to the last bit", () => {
    expect(parsePly(plyBytes({ positions, triangles }), "a.ply")).toEqual({ positions, triangles });
  });

  it("is read by three's PLYLoader", () => {
    const bytes = plyBytes({ positions, triangles });
    const geometry = new PLYLoader().parse(bytes.buffer as ArrayBuffer);
    expect(geometry.getAttribute("position").array).toEqual(positions);
    expect([...geometry.getIndex()!.array]).toEqual([...triangles]);
  });
});
