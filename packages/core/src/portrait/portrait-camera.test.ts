import { expect, test } from "vitest";
import { random } from "../../test/sample-model.js";
import { project } from "../render/camera.js";
import { portraitCamera } from "./portrait-camera.js";

const next = random(2);
const vertices = Float32Array.from({ length: 900 }, (_, i) => {
  const size = [150, 240, 200][i % 3]!;
  return size * (next() - 0.5) + 10;
});

test.each([
  [0, 0, 400, 400],
  [35, 10, 300, 500],
  [-60, -30, 700, 200],
])(
  "all of a head is seen, and it could not be larger: yaw %i, pitch %i",
  (yaw, pitch, width, height) => {
    const camera = portraitCamera(vertices, { yaw, pitch, width, height, margin: 0.05 });
    const screen = project(vertices, camera);
    let room = Number.POSITIVE_INFINITY;
    for (let i = 0; i < screen.length; i += 3) {
      room = Math.min(
        room,
        Math.min(screen[i]!, width - screen[i]!) / width,
        Math.min(screen[i + 1]!, height - screen[i + 1]!) / height,
      );
    }
    expect(room).toBeCloseTo(0.05, 4);
  },
);

test("the head turns as preview pictures have it: its left to the right, its nose up", () => {
  const nose = Float32Array.of(0, 0, 100, -70, -100, -90, 70, 100, -90, 70, -100, 90, -70, 100, 90);
  const at = (yaw: number, pitch: number) =>
    project(nose, portraitCamera(nose, { yaw, pitch, width: 200, height: 200 }));
  expect(at(30, 0)[0]).toBeGreaterThan(110);
  expect(at(0, 20)[1]).toBeLessThan(at(0, 0)[1]! - 5);
});

test("a longer lens stands farther off", () => {
  const near = portraitCamera(vertices, { width: 100, height: 100, fov: 60 });
  const far = portraitCamera(vertices, { width: 100, height: 100, fov: 10 });
  expect(far.position[2]).toBeGreaterThan(3 * near.position[2]);
});

test("nonsense is refused", () => {
  const size = { width: 100, height: 100 };
  expect(() => portraitCamera(new Float32Array(0), size)).toThrow(/No portrait of 0 vertices/);
  expect(() => portraitCamera(vertices, { ...size, pitch: 90 })).toThrow(/pitch 90/);
  expect(() => portraitCamera(vertices, { ...size, width: 0 })).toThrow(/0 x 100/);
});
