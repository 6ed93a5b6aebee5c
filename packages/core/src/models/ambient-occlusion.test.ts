import { expect, test } from "vitest";
import { ball, plainModel } from "../../test/plain-model.js";
import { ambientOcclusion, nostrilOcclusion, reddened } from "./ambient-occlusion.js";
import { loadModel } from "./store/store.node.js";

test("nothing dims a ball from outside, everything from within", () => {
  const shape = ball(20, [0, 0, 0], 16);
  const parts = [
    { name: "mouth", kind: "mouth" as const, start: 0, count: shape.triangles.length / 3 },
  ];
  const model = plainModel({ ...shape, parts });
  expect(Math.min(...ambientOcclusion(model, model.mean))).toBe(1);
  const turned = [...shape.triangles].reverse();
  const inside = plainModel({ ...shape, triangles: turned, parts });
  expect(Math.max(...ambientOcclusion(inside, inside.mean))).toBe(0);
});

test("a high wall beside a floor takes half of the light at its foot, and skin is not asked for", () => {
  const floor = [0.3, 0, 0, 60, 0, -30, 60, 0, 30, 0.3, 0, 0];
  const wall = [0, -70, 70, 0, 70, 70, 0, 70, -70, 0, -70, -70];
  const lightOf = (kind: "mouth" | "teeth") => {
    const model = plainModel({
      mean: [...floor, ...wall],
      triangles: [0, 2, 1, 4, 6, 5, 4, 7, 6],
      parts: [
        { name: "floor", kind, start: 0, count: 1 },
        { name: "wall", kind: "skin", start: 1, count: 2 },
      ],
    });
    return ambientOcclusion(model, model.mean);
  };
  const open = lightOf("mouth");
  expect(Math.abs(open[0]! - 0.5)).toBeLessThan(0.1);
  expect(open.subarray(4)).toEqual(new Float32Array(4).fill(1));
  // Teeth let light through.
  expect(lightOf("teeth")[0]).toBeGreaterThan(open[0]! + 0.15);
});

test("what little light is left is red; full light is white", () => {
  expect(reddened(1)).toEqual([1, 1, 1]);
  const [r, g, b] = reddened(0);
  expect(r).toBeGreaterThan(g);
  expect(g).toBeGreaterThan(b);
  expect(b).toBeGreaterThan(0);
});

test("nostrils are dark, the outside of the nose and all the rest are not", async () => {
  const model = await loadModel("default");
  const light = nostrilOcclusion(model);
  const dark = [...light.keys()].filter((v) => light[v]! < 0.5);
  expect(dark.length).toBeGreaterThan(20);
  expect(dark.length).toBeLessThan(400);
  for (const v of dark) {
    // Behind and below the tip, at both sides of the septum.
    expect(Math.abs(model.mean[3 * v]!)).toBeLessThan(18);
    expect(model.mean[3 * v + 2]).toBeLessThan(110);
  }
  const { triangles, landmarks } = model;
  for (const landmark of [4, 6, 50, 280, 0]) {
    const t = landmarks!.mediapipe478!.triangles[landmark]!;
    expect(light[triangles[3 * t]!]).toBeGreaterThan(0.9);
  }
  const bare = { ...model, landmarks: null };
  expect(Math.min(...nostrilOcclusion(bare))).toBe(1);
});
