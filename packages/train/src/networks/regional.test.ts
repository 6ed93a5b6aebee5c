import { Graph } from "@ganfit/autodiff";
import {
  doubleTexture,
  generateTexture,
  latentSize,
  shrinkTexture,
  type TextureMap,
  toPlanes,
} from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { smallLinearModel } from "../../test/linear-model.js";
import { noise, randomValues, specsOf, valuesOf } from "../../test/network-values.js";
import { regionalArchitecture, SEEN_AREA, type TextureArchitecture } from "./architecture.js";
import type { Area } from "./area.js";
import type { WeightValues } from "./weights.js";

const SIZE = 32;
/** The middle, in 64ths of the side. */
const AREA = { left: 16, top: 20, width: 32, height: 28 } as const;
const { model, mean } = smallLinearModel(SIZE, 2 * SIZE);
const z = noise(latentSize(model), 3);

function made(
  architecture: TextureArchitecture,
  latents: Float32Array,
  given: WeightValues | number,
) {
  return valuesOf((weights, graph) => {
    const latent = graph.constant(latents, "float32", [1, latents.length]);
    const pictures = architecture.generator(weights, latent, architecture.sizes.at(-1)!);
    return Object.fromEntries([...pictures].map(([side, picture]) => [side, picture]));
  }, given) as Record<number, Float64Array>;
}

function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

describe.each([
  [64, [3, 2]],
  [128, [3, 2, 1]],
])("the regional generator up to %i", (size, features) => {
  const linear = smallLinearModel(SIZE, size);
  const tiny = (area?: Area) =>
    regionalArchitecture(linear.model, linear.mean, {
      generator: { features, places: 2, style: 4 },
      ...(area && { area }),
    });
  const whole = tiny();
  const sides = features.map((_, i) => SIZE * 2 ** i);
  const specs = specsOf((weights, graph) =>
    whole.generator(weights, graph.input("latent", "float32", [1, z.length]), size),
  );

  it("begins with the linear model's texture, enlarged, and the detail of the mean", () => {
    const pictures = made(whole, z, 1);
    expect(Object.keys(pictures)).toEqual(sides.map(String));
    const generated = generateTexture(linear.model, z).colour;
    expect(farthest(generated, linear.model.mean)).toBeGreaterThan(0.05);
    // What the latent changes is smooth, and the mean is as it is.
    let change: TextureMap = {
      size: SIZE,
      colour: generated.map((value, i) => value - linear.model.mean[i]!),
    };
    for (const side of sides) {
      if (side > SIZE) change = doubleTexture(change);
      const own = shrinkTexture(linear.mean, size / side).colour;
      const expected = own.map((value, i) => value + change.colour[i]!);
      // The components are rounded to bytes, 1 / 254 of their largest numbers.
      expect(farthest(pictures[side]!, toPlanes(expected, side ** 2))).toBeLessThan(2e-3);
    }
  });

  it("makes the mean of a latent of zeros", () => {
    const pictures = made(whole, new Float32Array(z.length), 1);
    const expected = toPlanes(linear.mean.colour, size ** 2);
    expect(farthest(pictures[size]!, expected)).toBeLessThan(1e-5);
  });

  it("makes of an area what is there of the whole map, but for the borders", () => {
    const values = randomValues(specs, 4);
    const [all, some] = [made(whole, z, values), made(tiny(AREA), z, values)];
    for (const side of sides) {
      // Two layers and the colours reach three texels at the first size; at each later one, enlarged, two more.
      const reach = (5 * side) / SIZE - 2;
      const unit = side / 64;
      const [left, top] = [AREA.left * unit, AREA.top * unit];
      const [width, height] = [AREA.width * unit, AREA.height * unit];
      expect(some[side]).toHaveLength(3 * width * height);
      let [inside, border] = [0, 0];
      for (let i = 0; i < 3 * width * height; i++) {
        const [row, column] = [Math.floor(i / width) % height, i % width];
        const plane = Math.floor(i / (width * height)) * side * side;
        const there = all[side]![plane + (top + row) * side + left + column]!;
        const difference = Math.abs(some[side]![i]! - there);
        const edge = Math.min(row, column, height - 1 - row, width - 1 - column);
        if (edge >= reach) inside = Math.max(inside, difference);
        else border = Math.max(border, difference);
      }
      expect(inside).toBeLessThan(1e-5);
      expect(border).toBeGreaterThan(1e-3);
    }
  });

  it("is trained at its last size alone", () => {
    expect(whole.sizes).toEqual([size]);
    expect(whole.area(size)).toEqual({ left: 0, top: 0, width: size, height: size });
    expect(whole.prior).toBe("normal");
    expect(whole.latentSize).toBe(z.length);
  });
});

it("the regional generator needs each of its weights", () => {
  const whole = regionalArchitecture(model, mean, {
    generator: { features: [3, 2], places: 2, style: 4 },
  });
  const specs = specsOf((weights, graph) =>
    whole.generator(weights, graph.input("latent", "float32", [1, z.length]), 2 * SIZE),
  );
  const values = randomValues(specs, 5);
  const before = made(whole, z, values)[2 * SIZE]!;
  for (const name of specs.keys()) {
    const changed = { ...values, [name]: values[name]!.map((value) => value + 0.5) };
    expect(farthest(before, made(whole, z, changed)[2 * SIZE]!), name).toBeGreaterThan(1e-4);
  }
});

it("wants a mean of the last size", () => {
  expect(() => regionalArchitecture(model, { size: SIZE, colour: model.mean })).toThrow(
    expect.objectContaining({ code: "usage" }),
  );
});

it("photographs show an area that five halvings divide", () => {
  const { area } = regionalArchitecture(model, mean, { area: SEEN_AREA });
  expect(area(512)).toEqual({ left: 32, top: 128, width: 448, height: 320 });
});

describe("the patch discriminator", () => {
  const shapeOf = (height: number, width: number, features?: readonly number[]) => {
    const { discriminator } = regionalArchitecture(model, mean, {
      discriminator: { ...(features && { features }) },
    });
    const graph = new Graph();
    const pictures = graph.input("pictures", "float32", [2, 4, height, width]);
    const shapes = new Map<string, readonly number[]>();
    const score = discriminator(
      (name, shape) => {
        shapes.set(name, shape);
        return graph.input(name, "float32", shape);
      },
      pictures,
      width,
    );
    return { score: score.shape, shapes };
  };

  it("scores every 32nd texel along each side", () => {
    const { score, shapes } = shapeOf(320, 448);
    expect(score).toEqual([2, 140]);
    expect(shapes.get("conv0/weight")).toEqual([24, 7, 4, 4]);
    // Places join in at an eighth.
    expect(shapes.get("places")).toEqual([1, 8, 40, 56]);
    expect(shapes.get("conv3/weight")).toEqual([96, 96 + 8, 4, 4]);
    expect(shapeOf(32, 64).score).toEqual([2, 2]);
    expect(shapeOf(16, 16, [3, 4]).score).toEqual([2, 16]);
  });

  it("sees detail ten times stronger than colours, in blocks of four", () => {
    const { discriminator } = regionalArchitecture(model, mean, {
      discriminator: { features: [4] },
    });
    const scores = (change: (row: number, column: number) => number) => {
      const plane = Array.from({ length: 64 }, (_, i) => change(Math.floor(i / 8), i % 8));
      const x = Float32Array.from([...plane, ...plane, ...plane, ...plane.map(() => 1)]);
      return valuesOf((weights, graph) => {
        const pictures = graph.constant(x, "float32", [1, 4, 8, 8]);
        return { score: discriminator(weights, pictures, 8) };
      }).score;
    };
    const flat = scores(() => 0.5);
    const lighter = farthest(
      flat,
      scores(() => 0.51),
    );
    const grain = farthest(
      flat,
      scores((row, column) => 0.5 + ((row + column) % 2 ? 0.01 : -0.01)),
    );
    expect(lighter).toBeGreaterThan(0);
    expect(grain).toBeGreaterThan(2 * lighter);
  });

  it("is not blind to where it looks", () => {
    const features = [2, 2, 2, 2];
    const { discriminator } = regionalArchitecture(model, mean, { discriminator: { features } });
    const x = new Float32Array(4 * 64 * 64).fill(0.5);
    const { score } = valuesOf((weights, graph) => {
      const pictures = graph.constant(x, "float32", [1, 4, 64, 64]);
      return { score: discriminator(weights, pictures, 64) };
    });
    // Of 4 x 4 places the four in the middle see no border.
    const middle = [5, 6, 9, 10].map((i) => score[i]!);
    expect(new Set(middle.map((value) => value.toFixed(6))).size).toBe(4);
  });
});
