import { expect, test } from "vitest";
import { ball, plainModel } from "../../test/plain-model.js";
import { ambientOcclusion } from "../models/ambient-occlusion.js";
import { poseOcclusion } from "./pose-occlusion.js";

test("is what is found anew, whichever vertices were asked for before, and in another pose", () => {
  const outer = ball(10, [0, 0, 0], 8);
  const near = ball(10, [16, 0, 0], 8, outer.mean.length / 3);
  const model = plainModel({
    mean: [...outer.mean, ...near.mean],
    triangles: [...outer.triangles, ...near.triangles],
  });
  const count = model.mean.length / 3;
  const some = Array.from({ length: count }, (_, v) => v).filter((v) => v % 3 === 0);
  const all = Array.from({ length: count }, (_, v) => v);
  const apart = model.mean.map((value, i) =>
    i >= outer.mean.length && i % 3 === 0 ? value + 9 : value,
  );
  for (const positions of [model.mean, apart, model.mean]) {
    expect(poseOcclusion(model, positions, some)).toEqual(ambientOcclusion(model, positions, some));
    expect(poseOcclusion(model, positions, all)).toEqual(ambientOcclusion(model, positions, all));
    expect(poseOcclusion(model, positions, some)).toEqual(ambientOcclusion(model, positions, some));
  }
  expect(Math.min(...poseOcclusion(model, model.mean, all))).toBeLessThan(0.9);
});
