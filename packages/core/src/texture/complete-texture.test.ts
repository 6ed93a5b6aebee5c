import { expect, test } from "vitest";
import { completeTexture } from "./complete-texture.js";
import { mirrored, type PartialTexture, type TextureMap } from "./texture-map.js";

const SIZE = 128;

function map(at: (u: number, v: number) => readonly number[]): TextureMap {
  const colour = new Float32Array(3 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    colour.set(at(((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE), 3 * i);
  }
  return { size: SIZE, colour };
}

function seen(texture: TextureMap, at: (u: number, v: number) => number): PartialTexture {
  const confidence = Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
    at(((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE),
  );
  // What is unknown holds nonsense.
  const colour = texture.colour.map((value, i) =>
    confidence[Math.floor(i / 3)]! > 0 ? value : 0.9,
  );
  return { size: SIZE, colour, confidence };
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

function worst(a: Float32Array, b: Float32Array, where: (texel: number) => boolean): number {
  return a.reduce(
    (most, value, i) => (where(Math.floor(i / 3)) ? Math.max(most, Math.abs(value - b[i]!)) : most),
    0,
  );
}

const FLAT = map(() => [0.6, 0.45, 0.4]);

test("what is seen stays as it is", () => {
  const texture = map((u, v) => [0.5 + 0.2 * Math.sin(40 * u), 0.4 + 0.1 * Math.sin(30 * v), u]);
  const inside = (u: number, v: number) => Math.hypot(u - 0.5, v - 0.5);
  const partial = seen(texture, (u, v) => clamp((0.35 - inside(u, v)) / 0.05));
  const { colour } = completeTexture(partial, FLAT);
  expect(worst(colour, texture.colour, (i) => partial.confidence[i]! === 1)).toBeLessThan(0.01);
});

test("a symmetric texture is found again from one half", () => {
  const texture = map((u, v) => {
    const x = Math.abs(u - 0.5);
    const base = 0.5 + 0.1 * Math.cos(6 * x + 2 * v);
    return [base + 0.06 * Math.sin(70 * x + 20 * v), base, base - 0.06 * Math.cos(50 * v)];
  });
  const partial = seen(texture, (u) => clamp((0.55 - u) / 0.05));
  const { colour } = completeTexture(partial, FLAT);
  expect(worst(colour, texture.colour, () => true)).toBeLessThan(0.02);
  // A light from the side leaves no seam in the middle: levels differ, differences do not jump.
  const lit: PartialTexture = {
    ...partial,
    colour: partial.colour.map(
      (value, i) => value * (1.2 - 0.4 * ((Math.floor(i / 3) % SIZE) / SIZE)),
    ),
  };
  const completed = completeTexture(lit, FLAT).colour;
  let jump = 0;
  for (let row = 0; row < SIZE; row++) {
    for (let x = 0.4 * SIZE; x < 0.7 * SIZE; x++) {
      const i = 3 * (row * SIZE + Math.floor(x)) + 1;
      const second = completed[i - 3]! - 2 * completed[i]! + completed[i + 3]!;
      const own = texture.colour[i - 3]! - 2 * texture.colour[i]! + texture.colour[i + 3]!;
      jump = Math.max(jump, Math.abs(second - own));
    }
  }
  expect(jump).toBeLessThan(0.01);
});

test("the rest is the mean's detail in the person's tone, without a border", () => {
  const mean = map((u, v) => {
    const detail = 0.05 * Math.cos(60 * (u - 0.5)) * Math.sin(50 * v);
    return [0.7 + detail, 0.6 + detail, 0.5 + detail];
  });
  const person = map(() => [0.35, 0.24, 0.15]);
  const partial = seen(person, (u, v) => clamp((0.2 - Math.hypot(u - 0.5, v - 0.5)) / 0.05));
  const { colour } = completeTexture(partial, mean);
  const gains = [0.5, 0.4, 0.3];
  for (let i = 0; i < SIZE * SIZE; i++) {
    if (Math.hypot((i % SIZE) / SIZE - 0.5, Math.floor(i / SIZE) / SIZE - 0.5) < 0.3) continue;
    for (let c = 0; c < 3; c++) {
      const expected = mean.colour[3 * i + c]! * gains[c]!;
      expect(Math.abs(colour[3 * i + c]! - expected)).toBeLessThan(0.03);
    }
  }
  const outer = mirrored(colour, SIZE, 3);
  for (let i = 0; i < 3; i++) {
    for (let row = 0; row < SIZE; row++) {
      const at = 3 * row * SIZE + i;
      expect(colour[at]).toBeCloseTo(outer[at]!, 2);
    }
  }
});

test("nothing seen gives the mean, and sizes must agree", () => {
  const partial = seen(FLAT, () => 0);
  expect(worst(completeTexture(partial, FLAT).colour, FLAT.colour, () => true)).toBeLessThan(1e-3);
  const small = { size: 2, colour: new Float32Array(12) };
  expect(() => completeTexture(partial, small)).toThrow(/completed by a mean of 2/);
});
