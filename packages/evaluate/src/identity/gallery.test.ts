import { describe, expect, it } from "vitest";
import { type Comparison, compareWithGallery, describeSeparation } from "./gallery.js";

const gallery = [
  { person: "a", photo: "a/1", features: Float32Array.of(0.8, 0.6) },
  { person: "a", photo: "a/2", features: Float32Array.of(1, 0) },
  { person: "b", photo: "b/1", features: Float32Array.of(0.6, 0.8) },
  { person: "c", photo: "c/1", features: Float32Array.of(0, 1) },
];
const features = Float32Array.of(0.8, 0.6);
const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(6)));

describe("a probe in a gallery", () => {
  it("has its person's other photos, everybody else's, and who is nearest of them", () => {
    const found = compareWithGallery({ person: "a", photo: "a/1", features }, gallery)!;
    expect(found).toMatchObject({ person: "a", nearestPerson: "b" });
    expect(rounded(found.genuine)).toEqual([0.8]);
    expect(found.nearest).toBeCloseTo(0.96, 6);
    expect(rounded(found.impostors)).toEqual([0.96, 0.6]);
  });

  it("of somebody of whom there is no other photo, or who is alone, cannot be compared", () => {
    expect(compareWithGallery({ person: "b", photo: "b/1", features }, gallery)).toBeNull();
    const alone = gallery.slice(0, 2);
    expect(compareWithGallery({ person: "a", photo: "a/1", features }, alone)).toBeNull();
  });
});

describe("separation", () => {
  const comparison = (genuine: number[], nearest: number): Comparison => ({
    person: "somebody",
    genuine,
    nearest,
    nearestPerson: "somebody else",
    impostors: [nearest, 0],
  });
  const comparisons = [comparison([0.7, 0.1], 0.2), comparison([0.5], 0.6), comparison([0.4], 0.3)];

  it("recognises a person by the photo most alike, and counts all pairs", () => {
    const found = describeSeparation(comparisons);
    expect(found.rank1).toBeCloseTo(2 / 3, 12);
    // Of 4 x 6 pairs, 0.1 is below three others, 0.5 and 0.4 below 0.6.
    expect(found.auc).toBeCloseTo((24 - 5) / 24, 12);
    expect(found.genuine).toMatchObject({ least: 0.1, most: 0.7 });
    expect(found.genuine.mean).toBeCloseTo(0.425, 12);
    expect(found.impostor).toMatchObject({ least: 0, most: 0.6 });
  });

  it("takes probes that could not be compared for unrecognised ones", () => {
    expect(describeSeparation(comparisons, 1)).toMatchObject({ probes: 4, rank1: 0.5 });
  });
});
