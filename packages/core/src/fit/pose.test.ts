import { describe, expect, it } from "vitest";
import { random } from "../../test/sample-model.js";
import { cameraOf, extrinsicsOf, project } from "../render/camera.js";
import { estimatePose, movePose, orthographicPose, perturbedPose, projectionRow } from "./pose.js";

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

  it("comes home from a start that is turned and scaled", () => {
    for (let seed = 40; seed < 46; seed++) {
      const { points, pixels, turned, next } = scene(seed, 900);
      const off = () => 40 * (next() - 0.5);
      const by = { yaw: off(), pitch: off(), roll: off(), scale: 0.8 + 0.4 * next() };
      const start = perturbedPose(orthographicPose(points, pixels), by);
      const found = estimatePose(points, pixels, { ...options, outlier: 60 }, start);
      found.rotation.forEach((value, i) => {
        expect(value).toBeCloseTo(turned.rotation[i]!, 3);
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

it("a perturbed pose turns the nose to the person's left, then up, and the picture clockwise", () => {
  // Seen from the front: right in the picture is the person's left, down is down, forward into the head.
  const front = { rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1], scale: 2, origin: [5, 6] } as const;
  const still = { yaw: 0, pitch: 0, roll: 0, scale: 1 };
  const shown = (by: Partial<typeof still>, [x, y, z]: readonly [number, number, number]) => {
    const r = perturbedPose(
      { ...front, rotation: [...front.rotation] },
      { ...still, ...by },
    ).rotation;
    return [0, 3].map((row) => r[row]! * x + r[row + 1]! * y + r[row + 2]! * z);
  };
  const nose = [0, 0, 1] as const;
  expect(shown({ yaw: 30 }, nose)[0]).toBeCloseTo(0.5, 12);
  expect(shown({ pitch: 30 }, nose)[1]).toBeCloseTo(-0.5, 12);
  expect(shown({ roll: 90 }, [0, 1, 0])[0]).toBeCloseTo(1, 12);
  expect(
    perturbedPose({ ...front, rotation: [...front.rotation] }, { ...still, scale: 1.2 }),
  ).toEqual({
    ...front,
    scale: 2.4,
  });
});
