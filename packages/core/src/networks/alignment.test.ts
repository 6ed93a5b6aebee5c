import { expect, test } from "vitest";
import { applySimilarity } from "../image/similarity.js";
import { ARCFACE_TEMPLATE, alignFace, alignment, fivePoints, scaledTemplate } from "./alignment.js";

/** Landmarks whose five points lie exactly on the template, moved by x -> 3 R(30 degrees) x + (40, 90). */
function movedLandmarks(): Float32Array {
  const landmarks = new Float32Array(3 * 478);
  const [scale, angle] = [3, Math.PI / 6];
  const groups = [[33, 133, 159, 145], [263, 362, 386, 374], [4], [61], [291]];
  groups.forEach((indices, point) => {
    const x = ARCFACE_TEMPLATE[2 * point]! + 0.5;
    const y = ARCFACE_TEMPLATE[2 * point + 1]! + 0.5;
    for (const index of indices) {
      landmarks[3 * index] = scale * (Math.cos(angle) * x - Math.sin(angle) * y) + 40;
      landmarks[3 * index + 1] = scale * (Math.sin(angle) * x + Math.cos(angle) * y) + 90;
    }
  });
  return landmarks;
}

test("the aligned picture's template points lie on the face's", () => {
  const landmarks = movedLandmarks();
  const transform = alignment(landmarks);
  expect(transform.scale).toBeCloseTo(3, 4);
  expect(transform.rotation).toBeCloseTo(Math.PI / 6, 5);
  const template = ARCFACE_TEMPLATE.map((value) => value + 0.5);
  const points = fivePoints(landmarks);
  applySimilarity(transform, template).forEach((value, i) => {
    expect(value).toBeCloseTo(points[i]!, 3);
  });
});

test("landmarks without depth give the same", () => {
  const landmarks = movedLandmarks();
  const flat = landmarks.filter((_, i) => i % 3 < 2);
  expect(fivePoints(flat)).toEqual(fivePoints(landmarks));
});

test("a template scales about the corner of the picture, not the centre of its first pixel", () => {
  expect(scaledTemplate([-0.5, 111.5, 0, 0, 0, 0, 0, 0, 0, 0], 2).slice(0, 3)).toEqual([
    -0.5, 223.5, 0.5,
  ]);
});

test("a mark at the nose lands on the template's nose", () => {
  const landmarks = movedLandmarks();
  const [x, y] = [landmarks[12]!, landmarks[13]!];
  const data = new Uint8Array(400 * 500 * 3);
  for (let row = 0; row < 500; row++) {
    for (let column = 0; column < 400; column++) {
      const near = Math.hypot(column + 0.5 - x, row + 0.5 - y) < 6;
      data[3 * (row * 400 + column)] = near ? 255 : 0;
    }
  }
  const aligned = alignFace({ width: 400, height: 500, data }, landmarks);
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < 112 * 112; i++) {
    sum += aligned.data[3 * i]!;
    sumX += aligned.data[3 * i]! * (i % 112);
    sumY += aligned.data[3 * i]! * Math.floor(i / 112);
  }
  expect(sumX / sum).toBeCloseTo(ARCFACE_TEMPLATE[4]!, 0);
  expect(sumY / sum).toBeCloseTo(ARCFACE_TEMPLATE[5]!, 0);
});

test.each([
  ["too few", new Float32Array(68 * 2)],
  ["not finite", new Float32Array(478 * 3).fill(Number.NaN)],
  ["in one place", new Float32Array(478 * 3)],
])("landmarks that are %s are refused", (_, landmarks) => {
  expect(() => alignment(landmarks)).toThrow(expect.objectContaining({ code: "usage" }));
});
