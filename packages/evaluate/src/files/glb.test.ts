import { Document, Logger, type Node, Primitive, WebIO } from "@gltf-transform/core";
import { describe, expect, it } from "vitest";
import { parseGlb } from "./glb.js";

const io = new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT));

/** Builds documents: a triangle at a node, with what the test adds. */
class Builder {
  readonly document = new Document();
  readonly buffer = this.document.createBuffer();
  readonly scene = this.document.createScene();

  accessor(type: "VEC3" | "SCALAR" | "VEC2", array: Float32Array | Uint16Array | Int16Array) {
    return this.document.createAccessor().setType(type).setArray(array).setBuffer(this.buffer);
  }

  primitive(numbers: ArrayLike<number>, indices?: readonly number[]): Primitive {
    const primitive = this.document
      .createPrimitive()
      .setAttribute("POSITION", this.accessor("VEC3", Float32Array.from(numbers)));
    if (indices) primitive.setIndices(this.accessor("SCALAR", Uint16Array.from(indices)));
    return primitive;
  }

  node(...primitives: Primitive[]): Node {
    const mesh = this.document.createMesh();
    for (const primitive of primitives) mesh.addPrimitive(primitive);
    const node = this.document.createNode().setMesh(mesh);
    this.scene.addChild(node);
    return node;
  }

  bytes(): Promise<Uint8Array> {
    return io.writeBinary(this.document);
  }
}

const TRIANGLE = [0, 0, 0, 1, 0, 0, 0, 1, 0];

describe("parseGlb", () => {
  it("joins primitives where their nodes put them", async () => {
    const b = new Builder();
    const parent = b.document.createNode().setTranslation([10, 0, 0]).setScale([2, 2, 2]);
    b.scene.addChild(parent);
    const quad = b.primitive([...TRIANGLE, 1, 1, 0], [0, 1, 2, 1, 3, 2]);
    // A quarter turn about z.
    const child = b.node(quad).setRotation([0, 0, Math.SQRT1_2, Math.SQRT1_2]);
    parent.addChild(child.setTranslation([0, 0, 1]));
    b.node(b.primitive(TRIANGLE));
    const mesh = await parseGlb(await b.bytes(), "a.glb");
    const expected = [10, 0, 2, 10, 2, 2, 8, 0, 2, 8, 2, 2, ...TRIANGLE];
    expect(mesh.positions.length).toBe(expected.length);
    for (const [i, x] of expected.entries()) expect(mesh.positions[i]).toBeCloseTo(x, 6);
    expect([...mesh.triangles]).toEqual([0, 1, 2, 1, 3, 2, 4, 5, 6]);
  });

  it("turns triangles round that a mirror turned", async () => {
    const b = new Builder();
    b.node(b.primitive(TRIANGLE)).setScale([-1, 1, 1]);
    const mesh = await parseGlb(await b.bytes(), "a.glb");
    expect([...mesh.positions].map((x) => x + 0)).toEqual([0, 0, 0, -1, 0, 0, 0, 1, 0]);
    expect([...mesh.triangles]).toEqual([0, 2, 1]);
  });

  it("does not double positions that primitives share", async () => {
    const b = new Builder();
    const first = b.primitive([...TRIANGLE, 1, 1, 0], [0, 1, 2]);
    const second = b.document
      .createPrimitive()
      .setAttribute("POSITION", first.getAttribute("POSITION"))
      .setIndices(b.accessor("SCALAR", Uint16Array.from([1, 3, 2])));
    b.node(first, second);
    const mesh = await parseGlb(await b.bytes(), "a.glb");
    expect(mesh.positions.length).toBe(12);
    expect([...mesh.triangles]).toEqual([0, 1, 2, 1, 3, 2]);
  });

  it("moves vertices by the default weights of morph targets", async () => {
    const b = new Builder();
    const primitive = b.primitive(TRIANGLE);
    for (const z of [1, 10]) {
      const moves = Float32Array.from(TRIANGLE, (_, i) => (i % 3 === 2 ? z : 0));
      primitive.addTarget(
        b.document.createPrimitiveTarget().setAttribute("POSITION", b.accessor("VEC3", moves)),
      );
    }
    const node = b.node(primitive);
    node.getMesh()!.setWeights([0.5, 0.25]);
    const ofMesh = await parseGlb(await b.bytes(), "a.glb");
    expect([...ofMesh.positions]).toEqual([0, 0, 3, 1, 0, 3, 0, 1, 3]);
    node.setWeights([0, 1]);
    const ofNode = await parseGlb(await b.bytes(), "a.glb");
    expect([...ofNode.positions]).toEqual([0, 0, 10, 1, 0, 10, 0, 1, 10]);
  });

  it("reads quantised positions", async () => {
    const b = new Builder();
    const primitive = b.document.createPrimitive().setAttribute(
      "POSITION",
      b
        .accessor(
          "VEC3",
          Int16Array.from(TRIANGLE, (x) => 32767 * x),
        )
        .setNormalized(true),
    );
    b.node(primitive);
    const mesh = await parseGlb(
      rewrite(await b.bytes(), (j) => {
        j.extensionsRequired = ["KHR_mesh_quantization"];
      }),
      "a.glb",
    );
    expect([...mesh.positions]).toEqual(TRIANGLE);
  });

  it("reads bytes that do not lie at a multiple of four", async () => {
    const b = new Builder();
    b.node(b.primitive(TRIANGLE));
    const bytes = await b.bytes();
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect((await parseGlb(shifted.subarray(1), "a.glb")).positions.length).toBe(9);
  });

  it.each<[string, (b: Builder) => void, string]>([
    ["no mesh", () => {}, "a.glb has no vertices."],
    [
      "lines",
      (b) => b.node(b.primitive(TRIANGLE).setMode(Primitive.Mode.LINES!)),
      "At primitive 0, a.glb is not made of triangles.",
    ],
    [
      "points",
      (b) => b.node(b.primitive(TRIANGLE).setMode(Primitive.Mode.POINTS!)),
      "At primitive 0, a.glb is not made of triangles.",
    ],
    [
      "a far index",
      (b) => b.node(b.primitive(TRIANGLE), b.primitive(TRIANGLE, [0, 1, 3])),
      "At primitive 1, a.glb has a triangle with vertex 3 of 3.",
    ],
    [
      "half a triangle",
      (b) => b.node(b.primitive(TRIANGLE, [0, 1])),
      "At primitive 0, a.glb has 2 corners, which are no triangles.",
    ],
    [
      "no number",
      (b) => b.node(b.primitive(TRIANGLE.with(4, Number.NaN))),
      "At primitive 0, a.glb has a coordinate that is not finite.",
    ],
    [
      "a skin",
      (b) => b.node(b.primitive(TRIANGLE)).setSkin(b.document.createSkin()),
      "At primitive 0, a.glb has a skin, which is not read.",
    ],
  ])("refuses %s", async (_, fill, message) => {
    const b = new Builder();
    fill(b);
    const read = parseGlb(await b.bytes(), "a.glb");
    await expect(read).rejects.toMatchObject({ code: "data", message });
  });

  it("takes points where they are asked for", async () => {
    const b = new Builder();
    b.node(b.primitive(TRIANGLE).setMode(Primitive.Mode.POINTS!));
    const mesh = await parseGlb(await b.bytes(), "a.glb", { points: true });
    expect(mesh.positions.length).toBe(9);
    expect(mesh.triangles.length).toBe(0);
  });

  it.each<[string, (json: Json) => void, RegExp]>([
    [
      "compression",
      (j) => {
        j.extensionsRequired = ["KHR_draco_mesh_compression"];
      },
      /Missing required extension, "KHR_draco_mesh_compression"/,
    ],
    [
      "a circle of nodes",
      (j) => {
        j.nodes[0].children = [0];
      },
      /has a node with two parents \(number 0\)/,
    ],
    [
      "a bomb",
      (j) => {
        j.accessors[0] = { type: "VEC3", componentType: 5126, count: 1e9 };
      },
      /has more numbers than the largest mesh/,
    ],
    [
      "files elsewhere",
      (j) => {
        j.buffers[0].uri = "other.bin";
      },
      /Cannot resolve external buffers/,
    ],
    [
      "accessors that are none",
      (j) => {
        j.accessors = 5;
      },
      /a.glb is a damaged GLB file/,
    ],
  ])("refuses %s", async (_, change, message) => {
    const b = new Builder();
    b.node(b.primitive(TRIANGLE));
    const read = parseGlb(rewrite(await b.bytes(), change), "a.glb");
    await expect(read).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(message),
    });
  });

  it("refuses other formats and files that are cut off", async () => {
    const b = new Builder();
    b.node(b.primitive(TRIANGLE));
    const bytes = await b.bytes();
    await expect(parseGlb(bytes.subarray(1), "a.glb")).rejects.toThrow(
      'does not begin with "glTF"',
    );
    await expect(parseGlb(bytes.subarray(0, -4), "a.glb")).rejects.toThrow("a.glb is cut off");
    await expect(parseGlb(new Uint8Array(3), "a.glb")).rejects.toThrow("is not in the GLB format");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: files in tests are broken in ways that types exclude
type Json = any;

/** The file with another JSON chunk. */
function rewrite(bytes: Uint8Array, change: (json: Json) => void): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(12, true);
  const json = JSON.parse(new TextDecoder().decode(bytes.subarray(20, 20 + length)));
  change(json);
  const text = JSON.stringify(json);
  const chunk = new TextEncoder().encode(text.padEnd(4 * Math.ceil(text.length / 4)));
  const out = new Uint8Array(bytes.length - length + chunk.length);
  out.set(bytes.subarray(0, 20));
  out.set(chunk, 20);
  out.set(bytes.subarray(20 + length), 20 + chunk.length);
  const head = new DataView(out.buffer);
  head.setUint32(8, out.length, true);
  head.setUint32(12, chunk.length, true);
  return out;
}
