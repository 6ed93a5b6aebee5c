import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, sampleModel } from "../../../test/sample-model.js";
import { GanfitError } from "../../errors.js";
import { checkModel } from "../validate-model.js";
import { type ByteSource, memorySource } from "./byte-source.js";
import { inspectCompactModel, readCompactModel, writeCompactModel } from "./compact.js";
import { crc32 } from "./compact-crc32.js";
import { withFile } from "./compact-file.node.js";
import type { ModeHeader } from "./compact-header.js";
import { quantiseMode } from "./compact-quantise.js";

const model = sampleModel({ rows: 12, columns: 14 });
const file = writeCompactModel(model);
const read = (bytes: Uint8Array) => readCompactModel(memorySource(bytes));

/** Fast, where `toEqual` takes seconds for large arrays. */
const same = (a: ArrayBufferView, b: ArrayBufferView) =>
  Buffer.compare(
    Buffer.from(a.buffer, a.byteOffset, a.byteLength),
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  ) === 0;

type Json = { [key: string]: Json };

/** The JSON header of a file. */
function headerOf(bytes: Uint8Array): Json {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(24, 24 + length)));
}

/** A file with one value of its header changed (`a.b.0.c`) and everything else made to fit. */
function withHeader([path, value]: readonly [string, unknown], bytes = file): Uint8Array {
  const header = headerOf(bytes);
  const keys = path.split(".");
  const parent = keys.slice(0, -1).reduce((at, key) => at[key]!, header);
  const owned = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(parent, keys.at(-1)!, owned);
  return withRawHeader(new TextEncoder().encode(JSON.stringify(header)), bytes);
}

function withRawHeader(json: Uint8Array, bytes = file): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  const sections = bytes.subarray(Math.ceil((24 + length) / 64) * 64);
  const start = Math.ceil((24 + json.length) / 64) * 64;
  const out = new Uint8Array(start + sections.length);
  out.set(bytes.subarray(0, 24));
  out.set(json, 24);
  out.set(sections, start);
  const view = new DataView(out.buffer);
  view.setUint32(12, json.length, true);
  view.setUint32(16, crc32(json), true);
  return out;
}

describe("round trip", () => {
  test("keeps everything but displacements exactly", async () => {
    const back = await read(file);
    const { identity, expression, ...rest } = model;
    const { identity: identityBack, expression: expressionBack, ...restBack } = back;
    expect(restBack).toEqual(rest);
    for (const [a, b] of [
      [identity, identityBack],
      [expression, expressionBack],
    ] as const) {
      expect({ ...b, displacements: null }).toEqual({ ...a, displacements: null });
      expect(b.displacements.length).toBe(a.displacements.length);
    }
  });

  test("rounds displacements by at most half a step, 1/32767 of a mode's largest", async () => {
    const back = await read(file);
    for (const basis of ["identity", "expression"] as const) {
      const before = model[basis].displacements;
      const after = back[basis].displacements;
      for (let k = 0; k < model[basis].names.length; k++) {
        for (let axis = 0; axis < 3; axis++) {
          let largest = 0;
          let error = 0;
          for (let i = axis; i < model.mean.length; i += 3) {
            const at = k * model.mean.length + i;
            largest = Math.max(largest, Math.abs(before[at]!));
            error = Math.max(error, Math.abs(before[at]! - after[at]!));
          }
          expect(error).toBeGreaterThan(0);
          expect(error).toBeLessThanOrEqual(largest / 32767);
        }
      }
    }
  });

  test("writes the same bytes again", async () => {
    expect(same(writeCompactModel(await read(file)), file)).toBe(true);
  });

  test("works without landmarks, symmetry, uv and modes, and with many vertices", async () => {
    const bare = sampleModel({ rows: 300, columns: 222, identityModes: 1, expressionModes: 0 });
    expect(bare.mean.length / 3).toBeGreaterThan(65_536);
    const without = { ...bare, landmarks: null, symmetry: null, uv: null };
    const back = await read(writeCompactModel(without));
    expect(same(back.triangles, without.triangles)).toBe(true);
    expect({ landmarks: back.landmarks, symmetry: back.symmetry, uv: back.uv }).toEqual({
      landmarks: null,
      symmetry: null,
      uv: null,
    });
    const { uv } = await read(writeCompactModel(bare));
    expect(same(uv!.coordinates, bare.uv!.coordinates)).toBe(true);
    expect(same(uv!.triangles, bare.uv!.triangles)).toBe(true);
    const half = { ...model, landmarks: { ibug68: null, mediapipe478: null } };
    expect((await read(writeCompactModel(half))).landmarks).toEqual(half.landmarks);
  });

  test("refuses to write what is no valid model", () => {
    expect(() => writeCompactModel({ ...model, name: "" })).toThrow(GanfitError);
  });
});

describe("quantisation", () => {
  test("is exact once rounded, for any size of displacements", () => {
    const value = fc.oneof(
      fc.float({ min: -500, max: 500, noNaN: true }),
      fc.float({ min: Math.fround(-1e-6), max: Math.fround(1e-6), noNaN: true }),
      fc.constantFrom(0, 32767, 32767.5, 16383.75, 16384).map((n) => n / 1024),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 40 }),
        (rows) => {
          const before = Float32Array.from(rows.flat());
          const once = expand(quantiseMode(before), rows.length);
          const again = quantiseMode(once);
          expect(expand(again, rows.length)).toEqual(once);
          expect(again.values).toEqual(quantiseMode(before).values);
          for (let i = 0; i < before.length; i++) {
            const step = 2 ** again.exponents[i % 3]!;
            expect(Math.abs(before[i]! - once[i]!)).toBeLessThanOrEqual(step / 2);
          }
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });

  function expand(mode: ReturnType<typeof quantiseMode>, count: number): Float32Array {
    const out = new Float32Array(3 * count);
    for (let i = 0; i < mode.values.length; i++) {
      const vertex = mode.vertices ? mode.vertices[Math.floor(i / 3)]! : Math.floor(i / 3);
      out[3 * vertex + (i % 3)] = mode.values[i]! * 2 ** mode.exponents[i % 3]!;
    }
    return out;
  }

  test("stores few moving vertices sparsely", () => {
    const displacements = new Float32Array(3 * 1000);
    displacements.set([1, 2, 3], 3 * 77);
    const mode = quantiseMode(displacements);
    expect(mode.vertices).toEqual(Uint32Array.of(77));
    expect(mode.values.length).toBe(3);
    expect(quantiseMode(displacements.map(() => 1)).vertices).toBeNull();
  });
});

test("CRC-32 agrees with zlib's", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256);
  expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

describe("partial reading", () => {
  /** Counts what is read. */
  function counting(bytes: Uint8Array): {
    source: ByteSource;
    total: () => number;
    reads: () => number;
  } {
    const inner = memorySource(bytes);
    let total = 0;
    let reads = 0;
    return {
      total: () => total,
      reads: () => reads,
      source: {
        size: inner.size,
        read: (offset, length) => {
          total += length;
          reads++;
          return inner.read(offset, length);
        },
      },
    };
  }
  const large = writeCompactModel(
    sampleModel({ rows: 40, columns: 50, identityModes: 30, expressionModes: 2 }),
  );

  test("the first identity modes equal those of the whole model, for fewer bytes", async () => {
    const whole = await read(large);
    const part = counting(large);
    const few = await readCompactModel(part.source, { identityModes: 4 });
    expect(few.identity.names).toEqual(whole.identity.names.slice(0, 4));
    expect(few.identity.displacements).toEqual(
      whole.identity.displacements.slice(0, 4 * whole.mean.length),
    );
    expect(few.expression).toEqual(whole.expression);
    expect(part.total()).toBeLessThan(0.5 * large.length);
    const all = counting(large);
    await readCompactModel(all.source);
    expect(all.reads()).toBeLessThanOrEqual(4);
    expect(
      (await readCompactModel(memorySource(large), { identityModes: 0 })).identity.names,
    ).toEqual([]);
  });

  test("refuses more modes than there are", async () => {
    for (const identityModes of [31, -1, 1.5]) {
      await expect(readCompactModel(memorySource(large), { identityModes })).rejects.toMatchObject({
        code: "usage",
      });
    }
  });

  test("the summary reads the header only", async () => {
    const { source, total } = counting(large);
    expect(await inspectCompactModel(source)).toMatchObject({
      name: "sample",
      licence: "CC0-1.0",
      vertexCount: 2000,
      triangleCount: 3900,
      identity: { prior: "normal", names: expect.arrayContaining(["shape29"]) },
      expression: { prior: "unit-interval", names: ["blink0", "blink1"] },
      landmarks: ["ibug68", "mediapipe478"],
      symmetry: true,
      uvFrame: "test",
      bytes: large.length,
    });
    expect(total()).toBeLessThan(10_000);
  });

  test("reads from a file", async () => {
    const directory = await mkdtemp(join(tmpdir(), "ganfit-compact-"));
    try {
      const path = join(directory, "model.gfm");
      await writeFile(path, large);
      const back = await withFile(path, (source) => readCompactModel(source));
      expect(same(writeCompactModel(back), large)).toBe(true);
      await expect(withFile(directory, readCompactModel)).rejects.toThrow(/is not a file/);
      await expect(withFile(join(directory, "no"), readCompactModel)).rejects.toThrow(/cannot be/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("damaged and hostile files", () => {
  async function outcome(bytes: Uint8Array): Promise<"valid" | "refused"> {
    try {
      checkModel(await read(bytes));
      return "valid";
    } catch (error) {
      if (!(error instanceof GanfitError && error.code === "model")) throw error;
      return "refused";
    }
  }

  const small = writeCompactModel(sampleModel({ rows: 4, columns: 4, identityModes: 2 }));

  test("every truncation is refused", async () => {
    const next = random(5);
    const lengths = [0, 1, 7, 8, 23, 24, 25, small.length - 1];
    for (let i = 0; i < 300; i++) lengths.push(Math.floor(next() * small.length));
    for (const length of lengths) expect(await outcome(small.subarray(0, length))).toBe("refused");
    expect(await outcome(Uint8Array.of(...small, 0))).toBe("refused");
  });

  test("flipped bits are refused, or fall on padding and change nothing", async () => {
    const next = random(6);
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const bytes = small.slice();
      bytes[Math.floor(next() * bytes.length)]! ^= 1 << Math.floor(next() * 8);
      if ((await outcome(bytes)) === "refused") refused++;
      else expect(same(writeCompactModel(await read(bytes)), small)).toBe(true);
    }
    expect(refused).toBeGreaterThan(1300);
  });

  test("random headers with a right checksum are refused or valid", async () => {
    const next = random(7);
    const length = new DataView(small.buffer).getUint32(12, true);
    const json = small.slice(24, 24 + length);
    for (let i = 0; i < 1500; i++) {
      const changed = json.slice();
      const edits = 1 + Math.floor(next() * 3);
      for (let e = 0; e < edits; e++) {
        // Mostly digits, so that the JSON stays well-formed and the numbers are what is wrong.
        const at = Math.floor(next() * changed.length);
        const digit = changed[at]! >= 48 && changed[at]! <= 57;
        changed[at] = digit ? 48 + Math.floor(next() * 10) : Math.floor(next() * 256);
      }
      await outcome(withRawHeader(changed, small));
    }
  });

  /** What to change, to which value, and the words that the error must have. */
  const HOSTILE: readonly [string, string, unknown, RegExp][] = [
    ["section outside", "mean.offset", 2 ** 40, /cut short/],
    ["section at 2^53", "mean.offset", 2 ** 53 - 64, /cut short/],
    ["negative offset", "mean.offset", -64, /wrong mean.offset/],
    ["overlap", "triangles.offset", 0, /overlap/],
    ["no alignment", "triangles.offset", 4 * 12 * 14 * 3 + 4, /aligned/],
    ["wrong length", "mean.length", 64, /implies/],
    ["many vertices", "vertexCount", 4_000_000, /implies/],
    ["too many vertices", "vertexCount", 2 ** 31, /wrong vertexCount/],
    ["fraction", "vertexCount", 168.5, /wrong vertexCount/],
    ["string for a number", "vertexCount", "168", /wrong vertexCount/],
    ["unknown key", "extra", 1, /wrong/],
    ["missing section", "mean", null, /wrong mean/],
    ["exponent", "identity.modes.0.exponents.0", 1000, /wrong identity/],
    ["two modes of a name", "identity.modes.0.name", "shape1", /two identity modes/],
    ["two parts of a name", "parts.1.name", "skin", /two parts/],
    ["deviation", "identity.modes.0.standardDeviation", -1, /not positive/],
    ["wrong sum", "mean.crc32", 1, /damaged/],
    ["landmark count", "landmarks.ibug68.count", 67, /implies/],
  ];

  test.each(HOSTILE)("%s is refused", async (_, path, value, message) => {
    const bytes = withHeader([path, value]);
    await expect(read(bytes)).rejects.toThrow(message);
    await expect(read(bytes)).rejects.toThrow(GanfitError);
  });

  test("a small file cannot ask for much memory", async () => {
    const tiny = sampleModel({ rows: 150, columns: 150, identityModes: 1, expressionModes: 0 });
    const still = {
      ...tiny,
      identity: { ...tiny.identity, displacements: tiny.identity.displacements.map(() => 0) },
    };
    const whole = writeCompactModel(still);
    // 4,000 modes that move nothing: 1 GB of zeros.
    const modes = Array.from({ length: 4000 }, (_, k) => ({
      ...headerOf(whole).identity!.modes![0],
      name: `m${k}`,
    }));
    const bytes = withHeader(["identity.modes", modes], whole);
    await expect(read(bytes)).rejects.toThrow(/allowed/);
  });

  test("a sparse mode must list its vertices in order", async () => {
    const bytes = file.slice();
    const view = new DataView(bytes.buffer);
    const length = view.getUint32(12, true);
    const { stored, section } = headerOf(bytes).expression!.modes![0] as unknown as ModeHeader;
    expect(stored).toBeGreaterThan(1);
    const at = Math.ceil((24 + length) / 64) * 64 + section.offset;
    view.setUint16(at, view.getUint16(at + 2, true), true);
    const sum = crc32(bytes.subarray(at, at + section.length));
    const changed = withHeader(["expression.modes.0.section.crc32", sum], bytes);
    await expect(read(changed)).rejects.toThrow(/lists its vertices wrongly/);
  });

  test("other files and later versions are told apart", async () => {
    await expect(read(new TextEncoder().encode("x".repeat(100)))).rejects.toThrow(/begin as one/);
    const later = file.slice();
    later[8] = 2;
    await expect(read(later)).rejects.toThrow(/version 2/);
  });
});
