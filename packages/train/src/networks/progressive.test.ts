import { Graph, type Tensor } from "@ganfit/autodiff";
import { describe, expect, it, test } from "vitest";
import { countOf, noise, specsOf, valuesOf } from "../../test/network-values.js";
import { progressiveArchitecture } from "./architecture.js";
import { featuresAt, sizesTo } from "./progressive-generator.js";

const SMALL = { width: 1 / 64, latentSize: 32 } as const;
const small = progressiveArchitecture(32, SMALL);
const local = progressiveArchitecture(8, { ...SMALL, latent: "local" });

function latentOf(graph: Graph, count: number, seed = 1): Tensor {
  return graph.constant(noise(count * 32, seed), "float32", [count, 32]);
}

function scalar(graph: Graph, value: number): Tensor {
  return graph.constant([value], "float32", [1]);
}

/** Nearest. */
function enlarged(planes: Float64Array, size: number): Float64Array {
  const out = new Float64Array(4 * planes.length);
  for (let i = 0; i < out.length; i++) {
    const [row, column] = [Math.floor(i / (2 * size)), i % (2 * size)];
    // Rows of all planes follow one another, and planes have an even number of them.
    out[i] = planes[Math.floor(row / 2) * size + Math.floor(column / 2)]!;
  }
  return out;
}

function farthest(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("the paper's table 2", () => {
  const paper = progressiveArchitecture(1024);
  const latentSpecs = specsOf((weights, graph) =>
    paper.generator(weights, graph.input("latent", "float32", [1, 512]), 1024),
  );
  const pictureSpecs = specsOf((weights, graph) =>
    paper.discriminator(weights, graph.input("pictures", "float32", [4, 4, 1024, 1024]), 1024),
  );
  const of = (specs: typeof latentSpecs, pattern: RegExp) =>
    countOf(new Map([...specs].filter(([name]) => pattern.test(name))));
  const SIDES = [8, 16, 32, 64, 128, 256, 512, 1024];
  // Rows of the table, the two convolutions of each size, and their sums by hand.
  const LAYERS: Record<number, [first: number, second: number]> = {
    8: [2_359_808, 2_359_808],
    16: [2_359_808, 2_359_808],
    32: [2_359_808, 2_359_808],
    64: [1_179_904, 590_080],
    128: [295_040, 147_584],
    256: [73_792, 36_928],
    512: [18_464, 9_248],
    1024: [4_624, 2_320],
  };

  test.each(SIDES)("the generator's layers at %i", (side) => {
    const [first, second] = LAYERS[side]!;
    expect(of(latentSpecs, new RegExp(`^${side}x${side}/conv0/`))).toBe(first);
    expect(of(latentSpecs, new RegExp(`^${side}x${side}/conv1/`))).toBe(second);
  });

  test("23.1 million trainable weights of the generator", () => {
    // The table's convolution of 4 x 4 has one bias for each of 512 features; the dense layer in its place 16.
    expect(of(latentSpecs, /^4x4\/dense\//)).toBe(4_194_304 + 16 * 512);
    expect(of(latentSpecs, /^4x4\/conv\//)).toBe(2_359_808);
    expect(of(latentSpecs, /^1024x1024\/colour\//)).toBe(51);
    const table = of(latentSpecs, /./) - 15 * 512 - of(latentSpecs, /^\d{1,3}x\d+\/colour\//);
    // 4,194,816 + 2,359,808 at 4, the rows above, and 51.
    expect(table).toBe(23_071_507);
    expect((table / 1e6).toFixed(1)).toBe("23.1");
    // Colours of the eight smaller sizes: 3 (features + 1) each.
    const features = [512, 512, 512, 512, 256, 128, 64, 32];
    expect(of(latentSpecs, /^\d{1,3}x\d+\/colour\//)).toBe(
      features.reduce((sum, count) => sum + 3 * (count + 1), 0),
    );
  });

  test.each(SIDES)("the discriminator's layers at %i", (side) => {
    // The mirror image: from n to n, then from n to those of half the size.
    const n = Math.min(512, 16384 / side);
    const half = Math.min(512, 32768 / side);
    expect(of(pictureSpecs, new RegExp(`^${side}x${side}/conv0/`))).toBe(9 * n * n + n);
    expect(of(pictureSpecs, new RegExp(`^${side}x${side}/conv1/`))).toBe(9 * n * half + half);
  });

  test("23.1 million trainable weights of the discriminator", () => {
    expect(of(pictureSpecs, /^4x4\/conv\//)).toBe(9 * 513 * 512 + 512);
    expect(of(pictureSpecs, /^4x4\/dense0\//)).toBe(16 * 512 * 512 + 512);
    expect(of(pictureSpecs, /^4x4\/dense1\//)).toBe(513);
    // A standing size has one entry, whose fourth channel, the confidence, the paper has not.
    expect([...pictureSpecs.keys()].filter((name) => name.includes("entry"))).toEqual([
      "1024x1024/entry/weight",
      "1024x1024/entry/bias",
    ]);
    expect(of(pictureSpecs, /entry/)).toBe(16 * 5);
    const table = of(pictureSpecs, /./) - 16;
    // 64 entry, the rows above, 2,364,416 + 4,194,816 + 513 at 4.
    expect(table).toBe(23_077_137);
    expect((table / 1e6).toFixed(1)).toBe("23.1");
  });

  test("the width is a share of the features", () => {
    expect(sizesTo(512)).toEqual([4, 8, 16, 32, 64, 128, 256, 512]);
    expect([4, 32, 64, 512, 1024].map((side) => featuresAt(side, { width: 0.25 }))).toEqual([
      128, 128, 64, 8, 4,
    ]);
    expect(featuresAt(1024, { width: 0.001 })).toBe(1);
  });
});

describe.each([
  ["dense", small],
  ["local", progressiveArchitecture(32, { ...SMALL, latent: "local" })],
] as const)("the progressive generator with a %s latent", (_, architecture) => {
  it.each([4, 8, 16, 32])("makes pictures up to %i", (size) => {
    const graph = new Graph();
    const latent = graph.input("latent", "float32", [2, 32]);
    const shapes = new Map<number, readonly number[]>();
    specsOf((weights) => {
      const own = (name: string, shape: readonly number[]) => graph.input(name, "float32", shape);
      for (const [side, picture] of architecture.generator(own, latent, size)) {
        shapes.set(side, picture.shape);
      }
      return weights;
    });
    expect([...shapes]).toEqual(sizesTo(size).map((side) => [side, [2, 3, side, side]]));
  });

  it("shows the smaller size enlarged where the larger has not come in, and no more of it where it has", () => {
    const pictures = (fade?: number) =>
      valuesOf((weights, graph) => {
        const share = fade === undefined ? undefined : scalar(graph, fade);
        const made = architecture.generator(weights, latentOf(graph, 2), 8, share);
        return { small: made.get(4)!, large: made.get(8)! };
      });
    const [none, half, all, alone] = [0, 0.5, 1, undefined].map(pictures);
    expect(farthest(none!.large, enlarged(none!.small, 4))).toBeLessThan(1e-12);
    expect(farthest(all!.large, alone!.large)).toBeLessThan(1e-12);
    expect(farthest(none!.large, alone!.large)).toBeGreaterThan(0.01);
    const mean = none!.large.map((value, i) => (value + all!.large[i]!) / 2);
    expect(farthest(half!.large, mean)).toBeLessThan(1e-12);
    expect(farthest(half!.small, alone!.small)).toBe(0);
  });

  it("takes no notice of a latent's length", () => {
    const pictures = (scale: number) =>
      valuesOf((weights, graph) => {
        const z = noise(32, 4).map((value) => value * scale);
        const latent = graph.constant(z, "float32", [1, 32]);
        return { large: architecture.generator(weights, latent, 8).get(8)! };
      }).large;
    expect(farthest(pictures(1), pictures(3))).toBeLessThan(1e-5);
  });

  it("gives each latent of a batch the picture that it has alone", () => {
    const z = noise(64, 9);
    const pictures = (from: number, to: number) =>
      valuesOf((weights, graph) => {
        const latent = graph.constant(z.slice(32 * from, 32 * to), "float32", [to - from, 32]);
        return { large: architecture.generator(weights, latent, 8).get(8)! };
      }).large;
    const alone = pictures(1, 2);
    expect(farthest(pictures(0, 2).slice(alone.length), alone)).toBeLessThan(1e-12);
  });
});

describe("a local latent", () => {
  const changed = (change: (cell: Float32Array) => void) => {
    const pictures = (z: Float32Array) =>
      valuesOf((weights, graph) => {
        const made = local.generator(weights, graph.constant(z, "float32", [1, 32]), 8);
        return { small: made.get(4)!, large: made.get(8)! };
      });
    const z = noise(32, 2);
    const other = z.slice();
    // The first cell's, at the top left.
    change(other.subarray(0, 2));
    const [a, b] = [pictures(z), pictures(other)];
    const places = (one: Float64Array, two: Float64Array, size: number) => {
      const found = new Set<string>();
      one.forEach((value, i) => {
        if (Math.abs(value - two[i]!) < 1e-9) return;
        const texel = i % (size * size);
        found.add(`${Math.floor(texel / size)} ${texel % size}`);
      });
      return found;
    };
    return [places(a.small, b.small, 4), places(a.large, b.large, 8)] as const;
  };
  const square = (side: number) =>
    Array.from({ length: side * side }, (_, i) => `${Math.floor(i / side)} ${i % side}`).sort();

  it("changes what the convolutions reach of its cell, where its length stays", () => {
    const [small, large] = changed((cell) => cell.reverse());
    // One convolution reaches the next cells; of these two at twice the size two texels more.
    expect([...small].sort()).toEqual(square(2));
    expect([...large].sort()).toEqual(square(6));
  });

  it("changes all of it where its length does not: the whole latent lies on one sphere", () => {
    const [small, large] = changed((cell) => cell.fill(3));
    expect([small.size, large.size]).toEqual([16, 64]);
  });

  it("needs sixteen cells", () => {
    expect(() => progressiveArchitecture(8, { latent: "local", latentSize: 24 })).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});

describe("the progressive discriminator", () => {
  it.each([4, 8, 16, 32])("scores pictures of %i", (size) => {
    const { score } = valuesOf((weights, graph) => {
      const x = graph.constant(noise(3 * 4 * size * size, 3), "float32", [3, 4, size, size]);
      return { score: small.discriminator(weights, x, size) };
    });
    expect(score).toHaveLength(3);
    expect(new Set(score).size).toBe(3);
  });

  it("sees the smaller size's picture where the larger has not come in, and no more of it where it has", () => {
    const x = noise(2 * 4 * 64, 5);
    const scores = (fade?: number) =>
      valuesOf((weights, graph) => {
        const pictures = graph.constant(x, "float32", [2, 4, 8, 8]);
        const share = fade === undefined ? undefined : scalar(graph, fade);
        return { score: small.discriminator(weights, pictures, 8, share) };
      }).score;
    const means = new Float32Array(2 * 4 * 16);
    for (let i = 0; i < means.length; i++) {
      const [row, column] = [Math.floor(i / 4), i % 4];
      for (const [y, x0] of [0, 1, 2, 3].map((k) => [k >> 1, k & 1])) {
        means[i]! += x[(2 * row + y!) * 8 + 2 * column + x0!]! / 4;
      }
    }
    const { score: halfSize } = valuesOf((weights, graph) => {
      const pictures = graph.constant(means, "float32", [2, 4, 4, 4]);
      return { score: small.discriminator(weights, pictures, 4) };
    });
    expect(farthest(scores(0), halfSize)).toBeLessThan(1e-5);
    expect(farthest(scores(1), scores())).toBeLessThan(1e-12);
    expect(farthest(scores(0), scores(1))).toBeGreaterThan(0.01);
  });

  it("tells a picture among its likes from one among others", () => {
    const one = noise(4 * 16, 6);
    const other = noise(4 * 16, 7);
    const scoreOf = (...pictures: Float32Array[]) =>
      valuesOf((weights, graph) => {
        const x = graph.constant(
          Float32Array.from(pictures.flatMap((picture) => [...picture])),
          "float32",
          [pictures.length, 4, 4, 4],
        );
        return { score: small.discriminator(weights, x, 4) };
      }).score[0]!;
    expect(scoreOf(one, one)).toBeCloseTo(scoreOf(one), 10);
    expect(Math.abs(scoreOf(one, other) - scoreOf(one))).toBeGreaterThan(1e-3);
  });
});
