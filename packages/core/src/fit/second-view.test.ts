import { beforeAll, expect, it } from "vitest";
import { inPlane } from "../image/in-plane.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import { surfacePositions } from "../models/surface-points.js";
import { fivePoints } from "../networks/alignment.js";
import { SFACE, templateOf } from "../networks/recognition.js";
import { normals } from "../random.js";
import { project } from "../render/camera.js";
import { pickLandmarks, prepareLandmarks } from "./landmark-fit.js";
import { createSecondViews, type SecondViews } from "./second-view.js";
import { drawView, viewNumbers } from "./view-prior.js";
import { VIEW_STATISTICS } from "./view-statistics.js";
import { type VisibleMesh, visibleMesh } from "./visible-mesh.js";

let model: MorphableModel;
let mesh: VisibleMesh;
let identity: Float32Array;
let create: (seed: number) => SecondViews;

beforeAll(async () => {
  model = await loadModel("default");
  const { sliding } = prepareLandmarks(model);
  mesh = visibleMesh(model, sliding.points);
  identity = Float32Array.from(normals(model.identity.names.length, 3), (value) => 0.7 * value);
  const landmarks = pickLandmarks(
    sliding,
    Uint32Array.from({ length: 478 }, (_, i) => i),
  );
  const head = { model, irisColour: [90, 60, 40] as const, exposure: 1 };
  create = (seed) => createSecondViews(mesh, head, landmarks, SFACE, seed);
});

it("lays the face over the recognition network's template", () => {
  for (const step of [0, 1, 2]) {
    const view = create(5).view(step, identity);
    // An independent way to the vertices: the whole model with the expression that was drawn.
    const basis = mesh.shape.expression;
    const shape = evaluateModel(mesh.shape, identity, new Float32Array(basis.names.length));
    const vertices = shape.map((value, i) => value + view.shape[i]! - mesh.shape.mean[i]!);
    const points = model.landmarks!.mediapipe478!;
    const corners = mesh.verticesOf(points.triangles);
    const seen = surfacePositions(vertices, corners, {
      triangles: Uint32Array.from({ length: 478 }, (_, i) => i),
      barycentric: points.barycentric,
    });
    const five = fivePoints(inPlane(project(seen, view.camera)));
    const off = templateOf(SFACE).map((value, i) => five[i]! - value - 0.5);
    // Nobody's five points have the template's shape exactly; turned heads' even less.
    expect(Math.hypot(...off) / Math.sqrt(5)).toBeLessThan(6);
    const middle = [0, 1].map((k) => off.reduce((sum, v, i) => sum + (i % 2 === k ? v : 0), 0) / 5);
    expect(Math.hypot(...middle)).toBeLessThan(0.01);
  }
});

it("is the same for a seed and a step, and another for others", () => {
  const first = create(1).view(4, identity);
  expect(create(1).view(4, identity)).toEqual(first);
  expect(create(1).view(5, identity).camera).not.toEqual(first.camera);
  expect(create(2).view(4, identity).camera).not.toEqual(first.camera);
});

it("shows skin in the middle, and eyes and a wall where skin is not", () => {
  const { ids, behind } = create(1).view(0, identity);
  expect(ids).toHaveLength(112 * 112);
  const skin = ids.filter((id) => id >= 0).length / ids.length;
  expect(skin).toBeGreaterThan(0.4);
  expect(skin).toBeLessThan(0.98);
  expect(ids[112 * 75 + 56]).toBeGreaterThanOrEqual(0);
  const colours = new Set<number>();
  ids.forEach((id, p) => {
    if (id < 0) colours.add(Math.round(100 * behind[3 * p]!));
  });
  expect(colours.size).toBeGreaterThan(5);
  expect(Math.min(...behind)).toBeGreaterThanOrEqual(0);
});

it("draws expressions and lights of the portraits' means and deviations", () => {
  const basis = mesh.shape.expression;
  const count = viewNumbers(basis);
  const draws = Array.from({ length: 3000 }, (_, i) => drawView(basis, normals(count, i)));
  const { light } = VIEW_STATISTICS;
  for (const i of [0, 3, 8]) {
    const values = draws.map(({ lighting }) => lighting.coefficients[i]!);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    const expected = light.directions.reduce((sum, direction) => sum + direction[i]! ** 2, 0);
    expect(mean).toBeCloseTo(light.mean[i]!, 1);
    expect(variance).toBeGreaterThan(0.9 * expected);
    expect(variance).toBeLessThan(1.1 * expected);
  }
  const yaws = draws.map(({ yaw }) => yaw);
  const spread = Math.sqrt(yaws.reduce((sum, yaw) => sum + yaw * yaw, 0) / yaws.length);
  expect(spread).toBeGreaterThan(10);
  expect(spread).toBeLessThan(14);
  for (const { expression } of draws.slice(0, 50)) {
    expect(Math.min(...expression)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...expression)).toBeLessThanOrEqual(1);
  }
});
