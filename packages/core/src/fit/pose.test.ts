import { describe, expect, it } from "vitest";
import { random } from "../../test/sample-model.js";
import { cameraOf, extrinsicsOf, project } from "../render/camera.js";
import { estimatePose, movePose, orthographicPose, projectionRow } from "./pose.js";

const FOCAL = 900;
const CENTRE = [320, 240] as const;

/** A cloud of the size of a face, and how a turned head at `distance` shows it. */
function scene(seed: number, distance: number) {
  const next = random(seed);
  const points = Float32Array.from({ length: 3 * 120 }, () => 160 * (next() - 0.5));
  const level = { rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1], translation: [0, 0, 0] } as const;
  const turned = movePose(level, [
    1.2 * (next() - 0.5),
    1.6 * (next() - 0.5),
    2 * (next() - 0.5),
    60 * (next() - 0.5),
    60 * (next() - 0.5),
    distance,
  ]);
  const screen = project(points, cameraOf(turned, FOCAL, CENTRE, distance));
  const pixels = Float64Array.from({ length: 240 }, (_, i) => screen[3 * (i >> 1) + (i & 1)]!);
  return { points, pixels, turned, next };
}

describe("estimatePose", () => {
  const options = { focalLength: FOCAL, principalPoint: CENTRE, outlier: 20 };

  it("finds the pose of exact points, near and far", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { points, pixels, turned } = scene(seed, seed % 2 ? 350 : 2500);
      const found = estimatePose(points, pixels, options);
      found.rotation.forEach((value, i) => {
        expect(value).toBeCloseTo(turned.rotation[i]!, 3);
      });
      expect(found.translation[2] / turned.translation[2]).toBeCloseTo(1, 3);
    }
  });

  it("is not led astray by a fifth of the points being elsewhere", () => {
    for (let seed = 20; seed < 28; seed++) {
      const { points, pixels, turned, next } = scene(seed, 800);
      for (let i = 0; i < 24; i++) pixels[2 * i]! += 40 + 60 * next();
      const found = estimatePose(points, pixels, options);
      found.rotation.forEach((value, i) => {
        expect(Math.abs(value - turned.rotation[i]!)).toBeLessThan(0.01);
      });
    }
  });

  it("refuses points that say nothing", () => {
    const flat = new Float32Array(30);
    expect(() => orthographicPose(flat, new Float64Array(20))).toThrow(/pose needs/);
  });
});

it("derivatives of the projection agree with finite differences", () => {
  const { points, turned } = scene(3, 600);
  const pixelOf = (pose: typeof turned, i: number) =>
    project(points, cameraOf(pose, FOCAL, CENTRE, 600)).subarray(3 * i, 3 * i + 2);
  for (const i of [0, 7, 50]) {
    const [rx, ry, rz] = [0, 1, 2].map((row) =>
      [0, 1, 2].reduce((s, k) => s + turned.rotation[3 * row + k]! * points[3 * i + k]!, 0),
    ) as [number, number, number];
    const [x, y, z] = [rx, ry, rz].map((value, k) => value + turned.translation[k]!) as [
      number,
      number,
      number,
    ];
    const rows = [
      projectionRow(FOCAL, x, z, 0, rx, ry, rz),
      projectionRow(FOCAL, y, z, 1, rx, ry, rz),
    ];
    for (let a = 0; a < 6; a++) {
      const h = a < 3 ? 1e-3 : 0.5;
      const step = (sign: number) =>
        pixelOf(
          movePose(
            turned,
            Array.from({ length: 6 }, (_, k) => (k === a ? sign * h : 0)),
          ),
          i,
        );
      const [plus, minus] = [step(1), step(-1)];
      for (const axis of [0, 1]) {
        const difference = (plus[axis]! - minus[axis]!) / (2 * h);
        expect(Math.abs(difference - rows[axis]![a]!)).toBeLessThan(
          2e-2 + 2e-3 * Math.abs(difference),
        );
      }
    }
  }
});

it("a camera and its rigid motion say the same", () => {
  const { turned } = scene(5, 700);
  const camera = cameraOf(turned, FOCAL, CENTRE, 700);
  const back = extrinsicsOf(camera);
  back.rotation.forEach((value, i) => {
    expect(value).toBeCloseTo(turned.rotation[i]!, 9);
  });
  back.translation.forEach((value, i) => {
    expect(value).toBeCloseTo(turned.translation[i]!, 6);
  });
});
