import { beforeAll, describe, expect, test } from "vitest";
import { ball, plainHead, plainModel } from "../../test/plain-model.js";
import { sampleHead } from "../../test/sample-head.js";
import { loadModel } from "../models/store/store.node.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { Camera } from "../render/camera.js";
import { AMBIENT, GAMMA, type PhongLighting, STUDIO } from "../render/lighting.js";
import { portraitCamera } from "./portrait-camera.js";
import { renderHead } from "./render-head.js";

const SIZE = 80;
/** 1 mm at the origin is 1 pixel, the origin in the middle. */
const camera: Camera = {
  position: [0, 0, 400],
  lookAt: [0, 0, 0],
  focalLength: 400,
  roll: 0,
  principalPoint: [SIZE / 2, SIZE / 2],
};
const view = { camera, width: SIZE, height: SIZE };

/** Red rises to the right, green downwards. */
const ramp = {
  width: 64,
  height: 64,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 64, Math.floor(i / 192)];
    return [4 * x, 4 * y, 100][i % 3]!;
  }),
};

describe("a square of 60 mm that leans back", () => {
  const SLOPE = 0.8;
  const model = plainModel({
    mean: [-30, -30, 30 * SLOPE, 30, -30, 30 * SLOPE, 30, 30, -30 * SLOPE, -30, 30, -30 * SLOPE],
    triangles: [0, 1, 2, 0, 2, 3],
    coordinates: [0, 1, 1, 1, 1, 0, 0, 0],
  });
  const { image, coverage, skin } = renderHead(plainHead(model, ramp), {
    ...view,
    lighting: AMBIENT,
  });

  test("shows its texture where the ray through each pixel meets it", () => {
    let compared = 0;
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        const pixel = row * SIZE + column;
        // The ray (a, -b, -1) d from z = 400 meets z = -0.8 y.
        const [a, b] = [(column + 0.5 - 40) / 400, (row + 0.5 - 40) / 400];
        const d = 400 / (1 + SLOPE * b);
        const [u, v] = [(a * d + 30) / 60, (b * d + 30) / 60];
        const inside = Math.min(u, v, 1 - u, 1 - v);
        if (inside < -0.03) expect(coverage.data[pixel]).toBe(0);
        if (inside < 0.03) continue;
        compared++;
        expect(coverage.data[pixel]).toBe(1);
        expect(image.alpha![pixel]).toBe(255);
        expect(Math.abs(image.data[3 * pixel]! - 4 * (64 * u - 0.5))).toBeLessThan(1.5);
        expect(Math.abs(image.data[3 * pixel + 1]! - 4 * (64 * v - 0.5))).toBeLessThan(1.5);
        expect(image.data[3 * pixel + 2]).toBe(100);
      }
    }
    expect(compared).toBeGreaterThan(2500);
  });

  test("is all skin, and covers at its edges a share of the pixels", () => {
    expect(skin.data).toEqual(coverage.data);
    const shares = new Set(coverage.data);
    expect([...shares].every((share) => Number.isInteger(4 * share))).toBe(true);
    expect(shares.size).toBeGreaterThan(2);
  });

  test("opacity in the texture's layout makes skin transparent", () => {
    const opacity = { width: 2, height: 1, data: Float32Array.of(0, 1) };
    const half = renderHead(plainHead(model, ramp), { ...view, lighting: AMBIENT, opacity });
    const middle = 40 * SIZE;
    expect(half.coverage.data[middle + 15]).toBe(0);
    expect(half.coverage.data[middle + 40]).toBeCloseTo(0.5, 1);
    expect(half.coverage.data[middle + 65]).toBe(1);
    expect(half.image.data[3 * (middle + 40) + 2]).toBe(100);
  });

  test("a background shows through, without opacity in the result", () => {
    const colour = renderHead(plainHead(model), {
      ...view,
      lighting: AMBIENT,
      background: [9, 8, 7],
    });
    expect(colour.image.alpha).toBeUndefined();
    expect([...colour.image.data.subarray(0, 3)]).toEqual([9, 8, 7]);
    const photo = { width: SIZE, height: SIZE, data: new Uint8Array(3 * SIZE * SIZE).fill(33) };
    const laid = renderHead(plainHead(model), {
      ...view,
      lighting: AMBIENT,
      background: photo,
    }).image;
    expect([...laid.data.subarray(0, 3)]).toEqual([33, 33, 33]);
    const middle = 3 * (40 * SIZE + 40);
    expect([...laid.data.subarray(middle, middle + 3)]).toEqual([128, 128, 128]);
  });

  test("one sample or three give the same inside", () => {
    const middle = 3 * (40 * SIZE + 40);
    for (const supersampling of [1, 3]) {
      const options = { ...view, lighting: AMBIENT, supersampling };
      const other = renderHead(plainHead(model, ramp), options).image;
      for (let c = 0; c < 3; c++) {
        expect(Math.abs(other.data[middle + c]! - image.data[middle + c]!)).toBeLessThanOrEqual(2);
      }
    }
  });
});

describe("a ball of 30 mm", () => {
  const shape = ball(30, [0, 0, 0], 64);
  const grey = 128 / 255;
  const model = plainModel({
    ...shape,
    coordinates: shape.mean.flatMap(() => [0.5]).slice(0, (2 * shape.mean.length) / 3),
  });

  /** The normal where the ray through a pixel meets the ball, null beside it. */
  function normalAt(column: number, row: number): [number, number, number] | null {
    const ray = [(column + 0.5 - 40) / 400, -(row + 0.5 - 40) / 400, -1];
    const a = ray[0]! ** 2 + ray[1]! ** 2 + 1;
    const root = 400 ** 2 - a * (400 ** 2 - 30 ** 2);
    if (root < 0) return null;
    const d = (400 - Math.sqrt(root)) / a;
    return [(d * ray[0]!) / 30, (d * ray[1]!) / 30, (400 - d) / 30];
  }

  test("is lit by harmonics as its normal says", () => {
    const { image } = renderHead(plainHead(model), { ...view, lighting: STUDIO });
    const k = STUDIO.coefficients;
    let compared = 0;
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        const n = normalAt(column, row);
        if (!n || n[2] < 0.4) continue;
        const [x, y, z] = n;
        const basis = [1, x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y];
        const light = basis.reduce((sum, value, i) => sum + value * k[3 * i]!, 0);
        const expected = 255 * Math.min(1, grey * light ** (1 / GAMMA));
        expect(Math.abs(image.data[3 * (row * SIZE + column)]! - expected)).toBeLessThan(2);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });

  test("is lit by a point light with a highlight where the light is mirrored", () => {
    const lighting: PhongLighting = {
      kind: "phong",
      position: [300, 0, 400],
      colour: [0.6, 0.6, 0.6],
      ambient: [0.2, 0.2, 0.2],
      specular: 0.3,
      shininess: 60,
    };
    const { image } = renderHead(plainHead(model), { ...view, lighting });
    const row = image.data.subarray(3 * 40 * SIZE, 3 * 41 * SIZE).filter((_, i) => i % 3 === 0);
    // Half way between the directions to the viewer and to the light: x = 30 sin(36.9 / 2 degrees).
    const brightest = row.indexOf(Math.max(...row));
    expect(Math.abs(brightest + 0.5 - 40 - 9.9)).toBeLessThan(2);
  });

  test("clay is grey whatever the texture", () => {
    const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
    const { image } = renderHead(plainHead(model, red), { ...view, lighting: AMBIENT, clay: true });
    const [r, g, b] = image.data.subarray(3 * (40 * SIZE + 40), 3 * (40 * SIZE + 40) + 3);
    expect(Math.max(r!, g!, b!) - Math.min(r!, g!, b!)).toBeLessThan(12);
    expect(r).toBeGreaterThan(150);
  });
});

test("what does not fit is refused", () => {
  const head = plainHead(plainModel(ball(30, [0, 0, 0], 4)));
  const options = { ...view, lighting: AMBIENT };
  expect(() => renderHead(head, { ...options, width: 0 })).toThrow(/0 x 80 pixels/);
  expect(() => renderHead(head, { ...options, supersampling: 1.5 })).toThrow(/1.5 x 1.5 samples/);
  const background = { width: 2, height: 2, data: new Uint8Array(12) };
  expect(() => renderHead(head, { ...options, background })).toThrow(/2 x 2 pixels does not fit/);
  expect(() => renderHead(head, { ...options, identity: Float32Array.of(1) })).toThrow(
    /0 identity/,
  );
});

describe("the default head", () => {
  let head: TexturedHead;
  beforeAll(async () => {
    head = sampleHead(await loadModel("default"), { size: 256 });
  });

  test("draws the same picture every time, with skin and the rest told apart", () => {
    const size = 160;
    const portrait = portraitCamera(head.model.mean, { width: size, height: size });
    const options = { camera: portrait, lighting: STUDIO, width: size, height: size };
    const first = renderHead(head, options);
    expect(renderHead(head, options)).toEqual(first);
    const without = renderHead(head, { ...options, hide: ["skin"] });
    expect(Math.max(...without.skin.data)).toBe(0);
    const sum = (data: Float32Array) => data.reduce((a, b) => a + b, 0);
    const skin = sum(first.skin.data);
    expect(skin).toBeGreaterThan(0.25 * size * size);
    expect(sum(first.coverage.data)).toBeGreaterThan(skin + 10);
    expect(sum(first.coverage.data)).toBeLessThan(1.05 * skin);
  });

  test("wears its iris and has a dark pupil", () => {
    const size = 120;
    const blue: TexturedHead = { ...head, irisColour: [50, 90, 170] };
    const at: Camera = {
      position: [31.5, 19.6, 500],
      lookAt: [31.5, 19.6, 0],
      focalLength: (500 - 90) * 5,
      roll: 0,
      principalPoint: [60, 60],
    };
    const { image } = renderHead(blue, {
      camera: at,
      lighting: AMBIENT,
      width: size,
      height: size,
    });
    const mean = (x: number, y: number) => {
      const sum = [0, 0, 0];
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          for (let c = 0; c < 3; c++)
            sum[c]! += image.data[3 * ((y + dy) * size + x + dx) + c]! / 25;
        }
      }
      return sum as [number, number, number];
    };
    expect(Math.max(...mean(60, 60))).toBeLessThan(60);
    const [r, , b] = mean(60 + 17, 60);
    expect(b).toBeGreaterThan(1.8 * r);
    const white = mean(60 + 48, 61);
    expect(Math.min(...white)).toBeGreaterThan(90);
  });
});
