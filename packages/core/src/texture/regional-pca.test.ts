import {
  evaluate,
  Graph,
  gradients,
  importModel,
  mul,
  readModel,
  reduceSum,
} from "@ganfit/autodiff";
import { expect, test } from "vitest";
import { linearGeneratorModel } from "./linear-generator.js";
import {
  encodeTexture,
  generateTexture,
  latentSize,
  type RegionalModel,
  regionWindows,
  trainRegionalModel,
} from "./regional-pca.js";
import { doubleTexture, mirrorTexture, type TextureMap } from "./texture-map.js";

const SIZE = 32;

/** Mulberry32, and a sum of uniforms that is nearly normal. */
function generator(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
}

/** Faces of a tone, and two features apart from each other that vary independently. */
function faces(count: number, seed: number): TextureMap[] {
  const normal = generator(seed);
  return Array.from({ length: count }, () => {
    const [tone, brow, chin, width] = [normal(), normal(), normal(), normal()];
    const colour = new Float32Array(3 * SIZE * SIZE);
    for (let i = 0; i < SIZE * SIZE; i++) {
      const [u, v] = [((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE];
      const blob = (x: number, y: number) => Math.exp(-((u - x) ** 2 + (v - y) ** 2) / 0.01);
      const detail =
        0.06 * brow * blob(0.3, 0.36) +
        0.06 * chin * blob(0.55, 0.8) +
        0.04 * width * blob(0.7, 0.5);
      for (let c = 0; c < 3; c++) {
        colour[3 * i + c] = 0.5 + 0.1 * tone + detail * (1 + c) + 0.003 * normal();
      }
    }
    return { size: SIZE, colour };
  });
}

const OPTIONS = { globalComponents: 2, pairComponents: 6 };

function rms(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
}

test("windows are smooth and sum to 1 everywhere", () => {
  for (const size of [32, 100, 256]) {
    const sum = new Float32Array(size * size);
    let step = 0;
    for (const { patch, window } of regionWindows(size)) {
      window.forEach((value, i) => {
        const [x, y] = [i % patch.width, Math.floor(i / patch.width)];
        sum[(patch.top + y) * size + patch.left + x]! += value;
        const before = x > 0 ? window[i - 1]! : value;
        step = Math.max(step, Math.abs(value - before));
      });
    }
    expect(step).toBeLessThan(10 / size);
    for (const extreme of [Math.min(...sum), Math.max(...sum)]) expect(extreme).toBeCloseTo(1, 5);
  }
});

test("new people are described who combine features in a new way", () => {
  const model = trainRegionalModel(faces(40, 1), OPTIONS);
  expect(latentSize(model)).toBe(2 + 8 * 6);
  const latents = faces(30, 2).map((face) => {
    const latent = encodeTexture(model, face);
    expect(rms(generateTexture(model, latent).colour, face.colour)).toBeLessThan(0.008);
    return latent;
  });
  // The tone is the first component, of unit variance.
  const first = latents.map((latent) => latent[0]!);
  const variance = first.reduce((sum, value) => sum + value * value, 0) / first.length;
  expect(variance).toBeGreaterThan(0.6);
  expect(variance).toBeLessThan(1.5);
});

test("a mirror image is described as well, by the mirror image of the texture", () => {
  const model = trainRegionalModel(faces(40, 1), OPTIONS);
  for (const face of faces(5, 3)) {
    const found = generateTexture(model, encodeTexture(model, face));
    const turned = generateTexture(model, encodeTexture(model, mirrorTexture(face)));
    expect(rms(mirrorTexture(turned).colour, found.colour)).toBeLessThan(1e-5);
  }
});

test("what is alike on both sides costs the numbers of one", () => {
  const normal = generator(4);
  const both = faces(40, 4).map((face) => {
    const turned = mirrorTexture(face).colour;
    const own = 0.002 * normal();
    return { size: SIZE, colour: face.colour.map((v, i) => (v + turned[i]!) / 2 + own) };
  });
  const model = trainRegionalModel(both, { globalComponents: 1, pairComponents: 4 });
  for (const { parity, basis, count, patch } of model.pairs) {
    const area = 3 * patch.width * patch.height;
    for (let k = 0; k < count; k++) {
      const strength = Math.hypot(...basis.subarray(k * area, (k + 1) * area));
      if (parity[k] === -1) expect(strength).toBeLessThan(1e-3);
    }
  }
});

test("what is hidden is guessed from what is seen", () => {
  const model = trainRegionalModel(faces(40, 1), OPTIONS);
  const [face] = faces(1, 5) as [TextureMap];
  const upper = Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
    i < 0.6 * SIZE * SIZE ? 1 : 0,
  );
  const damaged = { size: SIZE, colour: face.colour.map((v, i) => v * upper[Math.floor(i / 3)]!) };
  const { colour } = generateTexture(model, encodeTexture(model, damaged, upper));
  // The tone follows; the chin, of which nothing is seen, stays the mean's.
  const last = 3 * (SIZE * SIZE - 3);
  expect(Math.abs(colour[last]! - face.colour[last]!)).toBeLessThan(0.02);
  const above = 3 * Math.floor(0.5 * SIZE * SIZE);
  expect(rms(colour.slice(0, above), face.colour.slice(0, above))).toBeLessThan(0.012);
});

test("textures that do not fit are refused", () => {
  const maps = faces(3, 1);
  expect(() => trainRegionalModel(maps.slice(0, 1))).toThrow(/two or more/);
  expect(() => trainRegionalModel(maps, { pairComponents: [1, 2] })).toThrow(/8 pairs/);
  const model = trainRegionalModel(maps, OPTIONS);
  expect(() => generateTexture(model, [1])).toThrow(/takes 50 numbers/);
  expect(() => encodeTexture(model, { size: 4, colour: new Float32Array(48) })).toThrow(/not 4/);
  expect(() => linearGeneratorModel(model, maps[0])).toThrow(/mean of 64, not 32/);
});

function written(model: RegionalModel, mean?: TextureMap) {
  const graph = new Graph();
  const latent = graph.input("latent", "float32", [1, latentSize(model)]);
  const { texture } = importModel(readModel(linearGeneratorModel(model, mean)), graph, { latent });
  return { latent, texture: texture! };
}

test("the written network does what the model does, and has its gradient", async () => {
  const model = trainRegionalModel(faces(40, 1), OPTIONS);
  const { latent, texture } = written(model);
  expect(texture.shape).toEqual([1, 3, 2 * SIZE, 2 * SIZE]);
  const normal = generator(9);
  const z = Float32Array.from({ length: latentSize(model) }, normal);
  const expected = doubleTexture(generateTexture(model, z)).colour;
  const [found] = evaluate([texture], new Map([[latent, z]])) as [Float64Array];
  const texels = 4 * SIZE * SIZE;
  let worst = 0;
  for (let i = 0; i < texels; i++) {
    for (let c = 0; c < 3; c++) {
      worst = Math.max(worst, Math.abs(found[c * texels + i]! - expected[3 * i + c]!));
    }
  }
  // Bytes for components and half precision for the mean.
  expect(worst).toBeLessThan(0.01);

  const [slope] = gradients(reduceSum(mul(texture, texture)), [latent]);
  const energy = (values: Float32Array) => {
    const [map] = evaluate([texture], new Map([[latent, values]])) as [Float64Array];
    return map.reduce((sum, value) => sum + value * value, 0);
  };
  const [analytic] = evaluate([slope!], new Map([[latent, z]])) as [Float64Array];
  for (const k of [0, 1, 7, 30]) {
    const moved = (by: number) => z.map((value, i) => (i === k ? value + by : value));
    const numeric = (energy(moved(0.5)) - energy(moved(-0.5))) / 1;
    expect(Math.abs(numeric - analytic[k]!)).toBeLessThan(1e-3 * (1 + Math.abs(numeric)));
  }
});

test("a mean of more detail comes through", () => {
  const model = trainRegionalModel(faces(20, 1), OPTIONS);
  const mean = {
    size: 2 * SIZE,
    colour: Float32Array.from({ length: 12 * SIZE * SIZE }, (_, i) => (i % 7) / 7),
  };
  const { latent, texture } = written(model, mean);
  const [found] = evaluate([texture], new Map([[latent, new Float32Array(50)]])) as [Float64Array];
  for (let i = 0; i < 100; i++) expect(found[i]).toBeCloseTo(mean.colour[3 * i]!, 3);
});
