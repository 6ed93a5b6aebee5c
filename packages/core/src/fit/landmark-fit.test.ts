import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../test/sample-model.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import { surfacePositions } from "../models/surface-points.js";
import { LANDMARK_GROUPS } from "../networks/ibug68.js";
import { type Camera, project } from "../render/camera.js";
import { vertexNormals } from "../render/normals.js";
import { fitLandmarks, prepareLandmarks } from "./landmark-fit.js";

let model: MorphableModel;
let prepared: ReturnType<typeof prepareLandmarks>;

beforeAll(async () => {
  model = await loadModel("default");
  prepared = prepareLandmarks(model);
});

/** A random head seen by a camera that looks at it from `yaw` degrees. */
function sample(seed: number, yaw: number, distance: number) {
  const next = random(seed);
  const normal = () => next() + next() + next() + next() - 2;
  const identity = Float32Array.from(model.identity.names, () => 1.2 * normal());
  const expression = Float32Array.from(model.expression.names, () => (next() < 0.1 ? next() : 0));
  const angle = (yaw * Math.PI) / 180;
  const camera: Camera = {
    position: [-distance * Math.sin(angle), 30, distance * Math.cos(angle)],
    lookAt: [0, 0, 0],
    focalLength: 1.6 * distance,
    roll: 0.2 * normal(),
    principalPoint: [300, 400],
  };
  const vertices = evaluateModel(model, identity, expression);
  const normals = vertexNormals(vertices, model.triangles);
  const { sliding } = prepared;
  const at = (values: Float32Array) => surfacePositions(values, model.triangles, sliding.points);
  const chosen = sliding.choose(at(vertices), at(normals), camera.position);
  const screen = project(at(vertices), camera);
  const landmarks = Float32Array.from(
    { length: 3 * 478 },
    (_, i) => screen[3 * chosen[Math.floor(i / 3)]! + (i % 3)]!,
  );
  return { identity, expression, camera, vertices, landmarks, chosen };
}

describe("fitLandmarks", () => {
  it("recovers random heads of its own model from frontal to 50 degrees", () => {
    for (const [seed, yaw] of [
      [1, 0],
      [2, 25],
      [3, -50],
    ] as const) {
      const truth = sample(seed, yaw, 900);
      const fit = fitLandmarks(
        model,
        truth.landmarks,
        { width: 600, height: 800 },
        { focalLength: truth.camera.focalLength, exact: true },
        prepared,
      );
      expect(fit.error).toBeLessThan(0.012);
      const difference = Math.hypot(
        ...fit.camera.position.map((value, k) => value - truth.camera.position[k]!),
      );
      expect(difference / 900).toBeLessThan(0.06);
      expect(Math.abs(fit.camera.roll - truth.camera.roll)).toBeLessThan(0.03);
    }
  });

  it("tells near from far where it is asked to, from exact landmarks", () => {
    const found = [400, 1200, 3000].map((distance) => {
      const { landmarks } = sample(5, 15, distance);
      const size = { width: 600, height: 800 };
      const options = { distanceDeviation: 0.6, exact: true };
      const { camera } = fitLandmarks(model, landmarks, size, options, prepared);
      return Math.hypot(...camera.position);
    });
    expect(found[0]! / 400).toBeGreaterThan(0.75);
    expect(found[0]! / 400).toBeLessThan(1.5);
    expect(found[1]! / 1200).toBeGreaterThan(0.7);
    expect(found[1]! / 1200).toBeLessThan(1.4);
    expect(found[2]!).toBeGreaterThan(1.2 * found[1]!);
  });

  it("ends in the same place from a start that is 15 degrees and 15 percent off", () => {
    const { landmarks } = sample(6, 10, 1000);
    const size = { width: 600, height: 800 };
    const start = { yaw: 15, pitch: -15, roll: 15, scale: 1.15 };
    const home = fitLandmarks(model, landmarks, size, {}, prepared);
    const end = fitLandmarks(model, landmarks, size, { start }, prepared);
    expect(end.error / home.error).toBeCloseTo(1, 1);
    expect(Math.abs(end.camera.roll - home.camera.roll)).toBeLessThan(0.01);
  });

  it("holds the identity of somebody who is known, and finds the expression better for it", () => {
    const truth = sample(4, 10, 900);
    const off = ({ expression }: { expression: Float32Array }) =>
      Math.hypot(...expression.map((value, k) => value - truth.expression[k]!));
    const size = { width: 600, height: 800 };
    const focalLength = truth.camera.focalLength;
    const known = { focalLength, identity: truth.identity, exact: true };
    const held = fitLandmarks(model, truth.landmarks, size, known, prepared);
    const free = fitLandmarks(model, truth.landmarks, size, { focalLength, exact: true }, prepared);
    expect(held.identity).toEqual(truth.identity);
    expect(off(held)).toBeLessThan(off(free));
    expect(held.error).toBeLessThan(0.01);
  });

  it("keeps weights of blend shapes in [0, 1] and coefficients within three deviations", () => {
    const { landmarks } = sample(9, 10, 700);
    // Opening the mouth further than any head can.
    for (const i of [17, 314, 84, 152]) landmarks[3 * i + 1]! += 80;
    const fit = fitLandmarks(model, landmarks, { width: 600, height: 800 }, {}, prepared);
    expect(Math.min(...fit.expression)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fit.expression)).toBeLessThanOrEqual(1);
    expect(Math.max(...fit.identity.map(Math.abs))).toBeLessThanOrEqual(3);
  });

  it("is deterministic", () => {
    const { landmarks } = sample(4, 15, 800);
    const once = fitLandmarks(model, landmarks, { width: 600, height: 800 }, {}, prepared);
    const again = fitLandmarks(model, landmarks, { width: 600, height: 800 });
    expect(again).toEqual(once);
  });

  it("refuses another number of landmarks", () => {
    expect(() => fitLandmarks(model, new Float32Array(10), { width: 9, height: 9 })).toThrow(
      /478 landmarks/,
    );
  });
});

describe("slidingLandmarks", () => {
  it("leaves the outline alone from the front and moves the far side inwards when turned", () => {
    const { faceOval } = LANDMARK_GROUPS;
    const moved = (yaw: number) => {
      const { chosen } = sample(1, yaw, 2000);
      return faceOval.filter((landmark) => chosen[landmark] !== landmark);
    };
    // The person's left cheek is hidden from a camera at their right.
    const right = moved(45);
    const left = moved(-45);
    expect(right.length).toBeGreaterThan(6);
    expect(left.length).toBeGreaterThan(6);
    expect(moved(0).length).toBeLessThan(Math.min(left.length, right.length));
    expect(right.filter((landmark) => left.includes(landmark)).length).toBeLessThan(
      right.length / 2,
    );
  });
});
