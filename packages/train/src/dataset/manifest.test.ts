import { describe, expect, it } from "vitest";
import { isDatasetSize, parseManifest, shardName } from "./manifest.js";

const MAP = {
  id: "london-001",
  shard: "shard-000.safetensors",
  photo: "london/001.jpg",
  sha256: "0".repeat(64),
  person: "001",
  landmarkError: 0.01,
  skinTone: [0.7, 0.6, 0.5],
  seen: 0.5,
  licence: "CC0-1.0",
  attribution: "",
};
const MANIFEST = {
  format: "ganfit-texture-dataset",
  version: 1,
  size: 64,
  uvFrame: "ganfit-uv-1",
  tool: "test",
  inputs: "0".repeat(64),
  maps: [MAP],
  rejected: [{ photo: "london/002.jpg", reason: "no face" }],
  mean: "mean.safetensors",
};

const parse = (value: unknown) => parseManifest(JSON.stringify(value), "m.json");

describe("parseManifest", () => {
  it("reads what was written", () => {
    expect(parse(MANIFEST)).toEqual(MANIFEST);
  });

  const wrong: readonly [what: string, change: object][] = [
    ["another format", { format: "other" }],
    ["a later version", { version: 2 }],
    ["a size that is no power of two", { size: 48 }],
    ["a size beyond bounds", { size: 1 << 20 }],
    ["another layout", { uvFrame: "other" }],
    ["no maps", { maps: [] }],
    ["a mean outside of the folder", { mean: "../mean.safetensors" }],
    ["a field too many", { more: 1 }],
    ["a shard outside of the folder", { maps: [{ ...MAP, shard: "../shard-000.safetensors" }] }],
    ["an absolute shard", { maps: [{ ...MAP, shard: "/etc/passwd" }] }],
    ["a shard in a folder", { maps: [{ ...MAP, shard: "a/shard-000.safetensors" }] }],
    ["a shard of two lines", { maps: [{ ...MAP, shard: "shard-000.safetensors\n" }] }],
    ["an id with a path", { maps: [{ ...MAP, id: "../../x" }] }],
    ["an id twice", { maps: [MAP, MAP] }],
    ["a colour of two channels", { maps: [{ ...MAP, skinTone: [1, 1] }] }],
    ["a share above 1", { maps: [{ ...MAP, seen: 1.5 }] }],
  ];
  for (const [what, change] of wrong) {
    it(`refuses ${what}`, () => {
      expect(() => parse({ ...MANIFEST, ...change })).toThrow(
        expect.objectContaining({ code: "usage", message: expect.stringMatching(/^m\.json /) }),
      );
    });
  }

  it("refuses what is no JSON", () => {
    expect(() => parseManifest("{", "m.json")).toThrow(/no JSON/);
  });
});

it("numbers shards so that they sort", () => {
  expect([shardName(0), shardName(12), shardName(1000)]).toEqual([
    "shard-000.safetensors",
    "shard-012.safetensors",
    "shard-1000.safetensors",
  ]);
});

it("takes powers of two from 16 to 1024", () => {
  expect([8, 16, 48, 512, 1024, 2048, 0, Number.NaN].map(isDatasetSize)).toEqual([
    false,
    true,
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});
