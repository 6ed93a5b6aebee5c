import { expect, test } from "vitest";
import { ball, plainModel } from "../../test/plain-model.js";
import { lashOpacity } from "./lashes.js";
import { loadModel } from "./store/store.node.js";

test("single hairs are nearly opaque throughout", async () => {
  const model = await loadModel("default");
  const lashes = model.parts.filter(({ kind }) => kind === "lashes");
  const opacity = lashOpacity(model);
  for (const { start, count } of lashes) {
    for (const v of model.triangles.subarray(3 * start, 3 * (start + count))) {
      expect(opacity[v]).toBeCloseTo(0.8, 6);
    }
  }
  expect(opacity[model.triangles[0]!]).toBe(1);
});

test("a sheet fades out away from the eye", () => {
  const eye = ball(12, [30, 0, 0], 24);
  const first = eye.mean.length / 3;
  const sheet: number[] = [];
  const triangles: number[] = [];
  for (let row = 0; row < 9; row++) {
    for (let column = 0; column < 5; column++) sheet.push(28 + column, 0, 13 + row);
    for (let column = 0; row < 8 && column < 4; column++) {
      const a = first + 5 * row + column;
      triangles.push(a, a + 1, a + 6, a, a + 6, a + 5);
    }
  }
  const eyes = eye.triangles.length / 3;
  const model = plainModel({
    mean: [...eye.mean, ...sheet],
    triangles: [...eye.triangles, ...triangles],
    parts: [
      { name: "eye", kind: "eyes", start: 0, count: eyes },
      { name: "lashes", kind: "lashes", start: eyes, count: triangles.length / 3 },
    ],
  });
  const rows = Array.from({ length: 9 }, (_, row) => lashOpacity(model)[first + 5 * row + 2]!);
  expect(rows[0]).toBeGreaterThan(0.5);
  for (let row = 2; row < 7; row++) expect(rows[row]).toBeLessThan(rows[row - 1]!);
  expect(rows[8]).toBe(0);
});
