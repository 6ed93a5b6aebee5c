import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
  type SafetensorsData,
} from "./safetensors.js";

const side = fc.integer({ min: 0, max: 4 });
const shapes = fc.array(side, { maxLength: 4 });

function dataOf(type: number, count: number, bytes: Uint8Array): SafetensorsData {
  const types = [Float32Array, Uint8Array, Uint16Array, Int32Array, BigInt64Array];
  const Type = types[type]!;
  const own = new Uint8Array(count * Type.BYTES_PER_ELEMENT);
  for (let i = 0; i < own.length; i++) own[i] = bytes[i % bytes.length]! ^ (i * 37);
  return new Type(own.buffer);
}

const tensor: fc.Arbitrary<SafeTensor> = fc
  .record({
    type: fc.integer({ min: 0, max: 4 }),
    shape: shapes,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  })
  .map(({ type, shape, bytes }) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return { shape, data: dataOf(type, count, bytes) };
  });

const name = fc
  .oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("constructor", "toString"))
  // No lone surrogates, which UTF-8 cannot hold.
  .filter(
    (text) => !/\p{Surrogate}/u.test(text) && text !== "__proto__" && text !== "__metadata__",
  );

function bitsOf(data: SafetensorsData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

describe("encodeSafetensors and decodeSafetensors", () => {
  it("give back every tensor to the bit, and the metadata", () => {
    const named = fc.dictionary(name, tensor, { maxKeys: 6, noNullPrototype: true });
    const texts = fc.dictionary(name, fc.string({ unit: "grapheme" }), { noNullPrototype: true });
    fc.assert(
      fc.property(named, texts, (tensors, metadata) => {
        const bytes = encodeSafetensors({ tensors, metadata });
        const found = decodeSafetensors(bytes);
        expect(found.metadata).toEqual(metadata);
        expect(Object.keys(found.tensors)).toEqual(Object.keys(tensors));
        for (const [key, { data, shape }] of Object.entries(tensors)) {
          const back = found.tensors[key]!;
          expect(back.shape).toEqual(shape);
          expect(back.data.constructor).toBe(data.constructor);
          expect(bitsOf(back.data)).toEqual(bitsOf(data));
        }
        // Written again it is the same file.
        expect(encodeSafetensors(found)).toEqual(bytes);
      }),
      { seed: 1 },
    );
  });

  it("lay bytes out as the format says", () => {
    const bytes = encodeSafetensors({
      tensors: {
        scalar: { data: Float32Array.of(-1.5), shape: [] },
        "a/b": { data: Uint8Array.of(1, 2, 250, 0, 7, 9), shape: [2, 3] },
        none: { data: new Int32Array(0), shape: [0, 5] },
        large: { data: BigInt64Array.of(-2n), shape: [1] },
      },
      metadata: { note: "grüße" },
    });
    const view = new DataView(bytes.buffer);
    const length = view.getUint32(0, true);
    expect(view.getUint32(4, true)).toBe(0);
    expect((8 + length) % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text[0]).toBe("{");
    expect(text).toMatch(/\} *$/);
    expect(JSON.parse(text)).toEqual({
      __metadata__: { note: "grüße" },
      scalar: { dtype: "F32", shape: [], data_offsets: [0, 4] },
      "a/b": { dtype: "U8", shape: [2, 3], data_offsets: [4, 10] },
      none: { dtype: "I32", shape: [0, 5], data_offsets: [10, 10] },
      large: { dtype: "I64", shape: [1], data_offsets: [10, 18] },
    });
    const start = 8 + length;
    expect(view.getFloat32(start, true)).toBe(-1.5);
    expect([...bytes.subarray(start + 4, start + 10)]).toEqual([1, 2, 250, 0, 7, 9]);
    expect(view.getBigInt64(start + 10, true)).toBe(-2n);
    expect(bytes.length).toBe(start + 18);
  });

  it("leave no metadata where there is none", () => {
    const bytes = encodeSafetensors({ tensors: {}, metadata: {} });
    expect(new TextDecoder().decode(bytes.subarray(8)).trim()).toBe("{}");
    expect(decodeSafetensors(bytes)).toEqual({ tensors: {}, metadata: {} });
  });

  it("read a Buffer that is a view of a larger one, and copy what is in it", () => {
    const data = Float32Array.of(1, 2, 3);
    const file = encodeSafetensors({ tensors: { x: { data, shape: [3] } }, metadata: {} });
    // From an odd offset, so that the numbers are not aligned either.
    const larger = Buffer.concat([Buffer.alloc(13, 0xff), file, Buffer.alloc(5, 0xff)]);
    const view = larger.subarray(13, 13 + file.length);
    const found = decodeSafetensors(view);
    larger.fill(0);
    expect(found.tensors.x!.data).toEqual(data);
  });

  it("write views of larger arrays", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const bytes = encodeSafetensors({ tensors: { x: { data, shape: [2] } }, metadata: {} });
    expect(decodeSafetensors(bytes).tensors.x!.data).toEqual(Float32Array.of(1, 2));
  });

  it.each<[string, Record<string, SafeTensor>]>([
    ["a tensor of another shape", { x: { data: new Float32Array(3), shape: [2] } }],
    ["a tensor that is called as the metadata", { __metadata__: SCALAR() }],
    ["a tensor that is called as a prototype", Object.fromEntries([["__proto__", SCALAR()]])],
    ["another type", { x: { data: new Float64Array(1) as never, shape: [1] } }],
  ])("refuse to write %s", (_, tensors) => {
    expect(() => encodeSafetensors({ tensors, metadata: {} })).toThrow(
      expect.objectContaining({ name: "GanfitError", code: "usage" }),
    );
  });
});

function SCALAR(): SafeTensor {
  return { data: new Float32Array(1), shape: [] };
}

/** A file with a header as it stands, and so many zeros. */
function fileOf(header: string | Uint8Array, space: number, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + space);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function placed(...places: readonly [start: number, end: number][]): string {
  const entries = places.map(([start, end], i) => [
    `t${i}`,
    { dtype: "U8", shape: [end - start], data_offsets: [start, end] },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

const one = (change: object) =>
  JSON.stringify({ x: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...change } });

describe("decodeSafetensors", () => {
  it("takes tensors in any order", () => {
    const { tensors } = decodeSafetensors(fileOf(placed([4, 6], [0, 4], [4, 4]), 6));
    expect(Object.values(tensors).map(({ data }) => data.length)).toEqual([2, 4, 0]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["no bytes", new Uint8Array(0), /it has 0 bytes/],
    ["a part of the length", new Uint8Array(7), /it has 7 bytes/],
    ["a header longer than the file", fileOf("{}", 0, 3n), /cut off/],
    ["a header of 2^63 bytes", fileOf("{}", 0, 1n << 63n), /cut off/],
    ["a header beyond the format's limit", fileOf("{}", 0, 100_000_001n), /cut off/],
    ["no header at all", fileOf("", 0), /no JSON/],
    ["a header that is no JSON", fileOf("{x", 0), /no JSON/],
    ["a header that is no UTF-8", fileOf(Uint8Array.of(0x22, 0xff, 0x22), 0), /no JSON/],
    ["a list as header", fileOf("[]", 0), /header is wrong/],
    ["null as header", fileOf("null", 0), /header is wrong/],
    ["numbers as tensors", fileOf('{"x":1}', 0), /header is wrong at x/],
    ["a tensor without a place", fileOf('{"x":{"dtype":"F32"}}', 0), /x has no place/],
    ["an unknown type", fileOf(one({ dtype: "F8_E4M3" }), 8), /unknown type F8_E4M3/],
    ["a type with a prototype's name", fileOf(one({ dtype: "constructor" }), 8), /unknown type/],
    ["a tensor too many of fields", fileOf(one({ more: 1 }), 8), /header is wrong/],
    ["a negative side", fileOf(one({ shape: [-2] }), 8), /header is wrong/],
    ["a broken side", fileOf(one({ shape: [0.5, 4] }), 8), /header is wrong/],
    ["sides whose product overflows", fileOf(one({ shape: [2 ** 52, 2 ** 52] }), 8), /not lie/],
    ["places before the file", fileOf(one({ data_offsets: [-8, 0] }), 8), /header is wrong/],
    ["places beyond the file", fileOf(one({ data_offsets: [8, 16] }), 8), /not lie/],
    ["places back to front", fileOf(one({ data_offsets: [8, 0] }), 8), /not lie/],
    ["one place", fileOf(one({ data_offsets: [8] }), 8), /header is wrong/],
    ["a tensor that is cut off", fileOf(one({}), 7), /not lie/],
    ["bytes of no tensor", fileOf(one({}), 9), /take 8 of 9 bytes/],
    ["a hole", fileOf(placed([0, 4], [5, 8]), 8), /begins at 5, not at 4/],
    ["tensors that overlap", fileOf(placed([0, 4], [2, 6]), 6), /begins at 2, not at 4/],
    // Together they take as many bytes as there are.
    ["one place for two tensors", fileOf(placed([0, 4], [0, 4]), 8), /begins at 0, not at 4/],
    ["metadata of numbers", fileOf('{"__metadata__":{"a":1}}', 0), /header is wrong/],
    [
      "a tensor as metadata",
      fileOf('{"__metadata__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
      /metadata is no text/,
    ],
    [
      "a tensor that is called as a prototype",
      fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
      /take 0 of 4 bytes/,
    ],
  ])("refuses %s", (_, bytes, sentence) => {
    expect(() => decodeSafetensors(bytes, "f.safetensors")).toThrow(
      expect.objectContaining({
        name: "GanfitError",
        code: "usage",
        message: expect.stringMatching(/^f\.safetensors is no safetensors file: /),
      }),
    );
    expect(() => decodeSafetensors(bytes)).toThrow(sentence);
  });

  it("ends in a GanfitError for any damage, or gives what is still a file", () => {
    const file = encodeSafetensors({
      tensors: { x: { data: Float32Array.of(1, 2), shape: [2] }, y: SCALAR() },
      metadata: { a: "b" },
    });
    const damage = fc.record({
      at: fc.nat(file.length - 1),
      value: fc.nat(255),
      cut: fc.nat(file.length),
    });
    fc.assert(
      fc.property(damage, ({ at, value, cut }) => {
        const bytes = file.slice(0, cut % 3 === 0 ? cut : file.length);
        if (at < bytes.length) bytes[at] = value;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "GanfitError" });
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
