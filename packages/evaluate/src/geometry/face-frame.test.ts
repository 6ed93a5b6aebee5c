import { expect, it } from "vitest";
import { motionAbout } from "../../test/now-shapes.js";
import { faceFrame } from "./face-frame.js";
import { pointAt } from "./points.js";
import { movePoints } from "./similarity3.js";

it("shows a face from the front, wherever it is", () => {
  // Eyes, mouth, tip of the nose.
  const face = Float64Array.of(-45, 35, 0, 45, 35, 0, -25, -35, 0, 25, -35, 0, 0, 0, 30);
  const moved = movePoints(face, motionAbout([1, 2, -0.5], [100, -200, 300]));
  const [right, left, mouthRight, mouthLeft] = [0, 1, 2, 3].map((i) => pointAt(moved, i));
  const shown = faceFrame(moved, [right!, left!], [mouthRight!, mouthLeft!]);
  expect(Math.max(...shown.map((value, i) => Math.abs(value - face[i]!)))).toBeLessThan(1e-12);
});
