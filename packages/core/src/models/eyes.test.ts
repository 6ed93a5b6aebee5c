import { beforeAll, describe, expect, test } from "vitest";
import { ball, plainModel } from "../../test/plain-model.js";
import { random } from "../../test/sample-model.js";
import { vertexNormals } from "../render/normals.js";
import { eyeAxes, eyeCoordinates, eyeTexture, findEyeballs } from "./eyes.js";
import type { MorphableModel, Part } from "./morphable-model.js";
import { loadModel } from "./store/store.node.js";

function eyesPart(count: number): Part {
  return { name: "eyes", kind: "eyes", start: 0, count };
}

test("one part with a ball on each side is two eyeballs", () => {
  const left = ball(12, [30, 5, 60], 12);
  const right = ball(12, [-30, 5, 60], 12, left.mean.length / 3);
  const triangles = [...left.triangles, ...right.triangles];
  const model = plainModel({
    mean: [...left.mean, ...right.mean],
    triangles,
    parts: [eyesPart(triangles.length / 3)],
  });
  const found = findEyeballs(model);
  expect(found.map(({ round }) => round)).toEqual([true, true]);
  expect(found.map(({ radius }) => radius)).toEqual([12, 12].map((r) => expect.closeTo(r, 3)));
  expect(found[1]!.centre).toEqual([-30, 5, 60].map((x) => expect.closeTo(x, 3)));
});

test.each([10, 12, 17])("an iris on a ball of %i mm is as wide as real ones", (radius) => {
  const shape = ball(radius, [30, 0, 60], 120);
  const model = plainModel({ ...shape, parts: [eyesPart(shape.triangles.length / 3)] });
  const uv = eyeCoordinates(model);
  const texture = eyeTexture({ irisColour: [60, 90, 120], exposure: 1 }, 512);
  // The vertex nearest to the edge of the iris to the person's left.
  let across = 0;
  let up = 0;
  for (let v = 0; v < uv.length / 2; v++) {
    const [x, y, z] = [
      model.mean[3 * v]! - 30,
      model.mean[3 * v + 1]!,
      model.mean[3 * v + 2]! - 60,
    ];
    if (z <= 0) continue;
    const white = isWhite(uv[2 * v]!, uv[2 * v + 1]!);
    if (!white) across = Math.max(across, x);
    if (!white) up = Math.max(up, y);
  }
  expect(across).toBeGreaterThan(5.5);
  expect(across).toBeLessThan(6.4);
  expect(up).toBeCloseTo(across, 1);

  function isWhite(u: number, v: number): boolean {
    const pixel = Math.floor(v * 512) * 512 + Math.floor(u * 512);
    return texture.data[3 * pixel]! > 150;
  }
});

test("up on the eye is up in its picture, and the person's left is its right", () => {
  const shape = ball(12, [0.001, 0, 0], 24);
  const model = plainModel({ ...shape, parts: [eyesPart(shape.triangles.length / 3)] });
  const uv = eyeCoordinates(model);
  for (let v = 0; v < uv.length / 2; v++) {
    const [x, y] = [model.mean[3 * v]!, model.mean[3 * v + 1]!];
    if (Math.abs(x) > 1) expect(Math.sign(uv[2 * v]! - 0.5)).toBe(Math.sign(x));
    if (Math.abs(y) > 1) expect(Math.sign(0.5 - uv[2 * v + 1]!)).toBe(Math.sign(y));
    expect(Math.hypot(uv[2 * v]! - 0.5, uv[2 * v + 1]! - 0.5)).toBeLessThanOrEqual(0.5 + 1e-6);
  }
});

test("eyes that are no balls are plain white", () => {
  const next = random(3);
  const mean = Array.from({ length: 600 }, (_, i) => [10, 30, 60][i % 3]! * next() + 20);
  const triangles = Array.from({ length: 198 }, (_, i) => [i, i + 1, i + 2]).flat();
  const model = plainModel({ mean, triangles, parts: [eyesPart(198)] });
  expect(findEyeballs(model).map(({ round }) => round)).toEqual([false]);
  const uv = eyeCoordinates(model);
  const { data } = eyeTexture({ irisColour: [60, 90, 120], exposure: 1 }, 256);
  for (let i = 0; i < uv.length; i += 2) {
    const pixel = Math.floor(uv[i + 1]! * 256) * 256 + Math.floor(uv[i]! * 256);
    expect(Math.min(...data.subarray(3 * pixel, 3 * pixel + 3))).toBeGreaterThan(140);
  }
});

test("the picture is always the same, its iris on average of the colour asked for", () => {
  const colour = [60, 90, 120] as const;
  const texture = eyeTexture({ irisColour: colour, exposure: 1 }, 256);
  expect(eyeTexture({ irisColour: colour, exposure: 1 }, 256).data).toEqual(texture.data);
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < 256 * 256; i++) {
    const radius =
      (Math.hypot((i % 256) - 127.5, Math.floor(i / 256) - 127.5) * (12 * Math.PI)) / 256;
    if (radius < 2.2 || radius > 5.2) continue;
    count++;
    for (let c = 0; c < 3; c++) sum[c]! += texture.data[3 * i + c]!;
  }
  for (let c = 0; c < 3; c++) expect(Math.abs(sum[c]! / count - colour[c]!)).toBeLessThan(10);
});

describe("the default head", () => {
  let model: MorphableModel;
  beforeAll(async () => {
    model = await loadModel("default");
  });

  test("has two round eyes that mirror each other and look ahead", () => {
    const [left, right] = findEyeballs(model);
    expect([left!.round, right!.round]).toEqual([true, true]);
    expect(left!.centre[0]).toBeCloseTo(-right!.centre[0], 3);
    expect(left!.radius).toBeCloseTo(right!.radius, 3);
    const axes = eyeAxes(model, vertexNormals(model.mean, model.triangles));
    const axis = axes.subarray(3 * left!.vertices[0]!, 3 * left!.vertices[0]! + 3);
    expect(axis[2]).toBeGreaterThan(0.99);
  });
});
