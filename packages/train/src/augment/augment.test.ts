import { describe, expect, test } from "vitest";
import { farthest, frame, paintedMap } from "../../test/painted-face.js";
import { type AugmentDataset, createAugmenter, shrinkMaps } from "./augment.js";

const PLAIN = { mirror: 0, mix: 0, swap: 0, tone: 0 } as const;

function painted(size: number, people = 5): AugmentDataset {
  const maps = Array.from({ length: people }, (_, k) => {
    const shade = 1 - 0.04 * k;
    const skin = [0.7 * shade, 0.52 * shade - 0.01 * (k % 2), 0.42 * shade] as const;
    return { ...paintedMap(size, { skin, seed: k + 1 }), person: `p${k}` };
  });
  return { size, maps };
}

describe("createAugmenter", () => {
  test.each([16, 32, 64, 256])("gives maps of %i texels in [0, 1], by the seed", (size) => {
    const dataset = painted(size);
    const before = dataset.maps.map(({ colour }) => colour.slice());
    const augmenter = createAugmenter(dataset, frame);
    const again = createAugmenter(dataset, frame);
    for (let seed = 0; seed < (size > 64 ? 4 : 12); seed++) {
      const { colour, confidence, size: side } = augmenter.next(seed);
      expect(side).toBe(size);
      for (const values of [colour, confidence]) {
        expect(values.every((value) => value >= 0 && value <= 1 + 1e-6)).toBe(true);
      }
      const same = again.next(seed);
      expect(farthest(same.colour, colour)).toBe(0);
      expect(farthest(same.confidence, confidence)).toBe(0);
      // The caller may write into what it gets.
      colour.fill(9);
      confidence.fill(9);
    }
    dataset.maps.forEach(({ colour, confidence }, i) => {
      expect(farthest(colour, before[i]!)).toBe(0);
      expect(confidence.every((value) => value === 1)).toBe(true);
    });
  });

  test("without any augmentation gives everyone's own maps", () => {
    const dataset = painted(32);
    const augmenter = createAugmenter(dataset, frame, PLAIN);
    const seen = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const { colour } = augmenter.next(seed);
      seen.add(dataset.maps.findIndex((map) => farthest(map.colour, colour) === 0));
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("with all of it no two seeds agree", () => {
    const augmenter = createAugmenter(painted(32), frame, { mix: 1, tone: 1 });
    const maps = Array.from({ length: 20 }, (_, seed) => augmenter.next(seed).colour);
    for (let a = 0; a < maps.length; a++) {
      for (let b = 0; b < a; b++) expect(farthest(maps[a]!, maps[b]!)).toBeGreaterThan(0.01);
    }
  });

  test("nobody gives to themselves, or to skin of another kind", () => {
    const [one] = painted(32).maps;
    const alone = { size: 32, maps: [one!, { ...one!, colour: one!.colour.map((v) => v / 2) }] };
    const options = { ...PLAIN, mix: 1, swap: 1, part: 1 };
    const photos = createAugmenter(alone, frame, options);
    for (let seed = 0; seed < 10; seed++) {
      const { colour } = photos.next(seed);
      expect(alone.maps.some((map) => farthest(map.colour, colour) === 0)).toBe(true);
    }
    const strangers = alone.maps.map((map, i) => ({ ...map, person: `${i}` }));
    const apart = createAugmenter({ size: 32, maps: strangers }, frame, options);
    for (let seed = 0; seed < 10; seed++) {
      const { colour } = apart.next(seed);
      expect(alone.maps.some((map) => farthest(map.colour, colour) === 0)).toBe(true);
    }
  });

  test("what makes no sense is refused", () => {
    expect(() => createAugmenter({ size: 32, maps: [] }, frame)).toThrow(/0 maps/);
    expect(() => createAugmenter(painted(24), frame)).toThrow(/24 texels/);
    expect(() => createAugmenter(painted(16), frame, { mix: 2 })).toThrow(/"mix":2/);
  });
});

describe("shrinkMaps", () => {
  test("takes means over blocks", () => {
    const dataset = painted(32);
    const { size, maps } = shrinkMaps(dataset, 16);
    expect(size).toBe(16);
    const of = (x: number, y: number) => dataset.maps[1]!.colour[3 * (32 * y + x) + 2]!;
    const mean = (of(10, 6) + of(11, 6) + of(10, 7) + of(11, 7)) / 4;
    expect(maps[1]!.colour[3 * (16 * 3 + 5) + 2]).toBeCloseTo(mean, 6);
    expect(maps[1]!.person).toBe("p1");
    expect(shrinkMaps(dataset, 32)).toBe(dataset);
  });

  test("by whole numbers only", () => {
    expect(() => shrinkMaps(painted(32), 24)).toThrow(/shrunk to 24/);
  });
});
