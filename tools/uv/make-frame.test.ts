import { beforeAll, describe, expect, it } from "vitest";
import { disagreement, measureLayout, placesOf } from "../../packages/core/bench/uv-measure.js";
import { SurfaceIndex } from "../../packages/core/src/models/closest-point.js";
import { embedIbug68 } from "../../packages/core/src/models/landmarks/embed-ibug68.js";
import type { Basis, MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import {
  formatUvFrame,
  parseUvFrame,
  type UvFrame,
} from "../../packages/core/src/models/uv/uv-frame.js";
import { unwrapModel } from "../../packages/core/src/models/uv/uv-unwrap.js";
import { makeFrame } from "./make-frame.js";

const EMPTY: Basis = {
  names: [],
  displacements: new Float32Array(0),
  standardDeviations: new Float32Array(0),
  prior: "normal",
};

type Shape = (azimuth: number, elevation: number) => [number, number, number];

const EGG: Shape = (a, e) => [
  75 * Math.sin(a) * Math.cos(e),
  110 * Math.sin(e),
  95 * Math.cos(a) * Math.cos(e),
];
/** Narrower, longer, with a nose and a bulge at the back. */
const OTHER: Shape = (a, e) => {
  const [x, y, z] = EGG(a, e);
  const nose = 18 * Math.exp(-((a / 0.25) ** 2) - (e / 0.3) ** 2);
  const back = 12 * Math.exp(-(((Math.abs(a) - Math.PI) / 0.8) ** 2) - ((e - 0.4) / 0.5) ** 2);
  return [0.92 * x, 1.08 * y, z + nose - back];
};

/** A head-like egg, open at the neck; only as far back as `reach` radians of azimuth. */
function egg(
  name: string,
  shape: Shape,
  columns: number,
  rows: number,
  reach = Math.PI,
): MorphableModel {
  const whole = reach === Math.PI;
  const across = whole ? columns : columns + 1;
  const azimuth = (i: number) => -reach + (2 * reach * i) / columns;
  const elevation = (j: number) => -1 + ((Math.PI / 2 + 1) * j) / rows;
  const positions: number[] = [];
  const symmetry: number[] = [];
  const vertex = (i: number, j: number) => j * across + (whole ? i % columns : i);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < across; i++) {
      positions.push(...shape(azimuth(i), elevation(j)));
      symmetry.push(vertex(whole ? (columns - i) % columns : columns - i, j));
    }
  }
  const top = positions.length / 3;
  positions.push(...shape(0, Math.PI / 2));
  symmetry.push(top);
  const triangles: number[] = [];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const [a, b] = [vertex(i, j), vertex(i + 1, j)];
      if (j === rows - 1) {
        triangles.push(a, b, top);
        continue;
      }
      const [c, d] = [vertex(i + 1, j + 1), vertex(i, j + 1)];
      if (i < columns / 2) triangles.push(a, b, c, a, c, d);
      else triangles.push(b, d, a, b, c, d);
    }
  }
  const mean = Float32Array.from(positions);
  const corners = Uint32Array.from(triangles);
  const index = new SurfaceIndex(mean, corners);
  // 478 landmarks in a spiral over the front; the same places of every such head.
  const mediapipe478 = { triangles: new Uint32Array(478), barycentric: new Float32Array(3 * 478) };
  for (let n = 0; n < 478; n++) {
    const radius = 0.9 * Math.sqrt((n + 0.5) / 478);
    const p = shape(radius * Math.cos(2.39996 * n), 0.9 * radius * Math.sin(2.39996 * n));
    const hit = index.closest(...p)!;
    mediapipe478.triangles[n] = hit.triangle;
    mediapipe478.barycentric.set(hit.barycentric, 3 * n);
  }
  const model: MorphableModel = {
    name,
    licence: "CC0-1.0",
    attribution: "",
    mean,
    triangles: corners,
    parts: [{ name: "skin", kind: "skin", start: 0, count: corners.length / 3 }],
    identity: EMPTY,
    expression: EMPTY,
    landmarks: null,
    symmetry: Uint32Array.from(symmetry),
    uv: null,
  };
  return { ...model, landmarks: { mediapipe478, ibug68: embedIbug68(model, mediapipe478) } };
}

describe("a layout made from one head", () => {
  let frame: UvFrame;
  beforeAll(async () => {
    frame = await makeFrame(egg("egg", EGG, 40, 24));
  });

  it("survives its file", () => {
    const again = parseUvFrame(formatUvFrame(frame));
    expect(again.points.uv.length).toBe(frame.points.uv.length);
    expect(
      Math.max(...again.points.uv.map((value, i) => Math.abs(value - frame.points.uv[i]!))),
    ).toBeLessThan(1e-5);
    expect(() => parseUvFrame("{}")).toThrow(/lacks a field/);
    expect(() => parseUvFrame("{")).toThrow(/not JSON/);
  });

  it("fits a head of another shape and mesh: no folds, the same places, the seam at the back", async () => {
    const model = egg("other", OTHER, 52, 30);
    const uv = await unwrapModel(model, frame);
    const figures = measureLayout({ ...model, uv });
    expect(uv.frame).toBe(frame.name);
    expect(figures.positive).toBe(1);
    expect(figures.marginTexels).toBeGreaterThan(0);
    const places = placesOf(uv, model.landmarks!.mediapipe478!).subarray(0, 2 * 468);
    const apart = disagreement(places, frame.points.uv.subarray(0, 2 * 468));
    expect(apart.mean).toBeLessThan(0.3);

    // Left and right mirror each other, and corners of one vertex differ only at the back.
    const ofVertex = new Map<number, Set<number>>();
    for (const [corner, i] of uv.triangles.entries()) {
      const v = model.triangles[corner]!;
      ofVertex.set(v, (ofVertex.get(v) ?? new Set()).add(i));
    }
    for (const [v, set] of ofVertex) {
      const mirrored = [...ofVertex.get(model.symmetry![v]!)!].map(
        (i) => 1 - uv.coordinates[2 * i]!,
      );
      for (const i of set) {
        expect(Math.min(...mirrored.map((u) => Math.abs(u - uv.coordinates[2 * i]!)))).toBeLessThan(
          1e-5,
        );
      }
      if (set.size === 1) continue;
      expect(Math.abs(model.mean[3 * v]!)).toBeLessThan(1e-3);
      expect(model.mean[3 * v + 2]!).toBeLessThan(20);
    }
    expect([...ofVertex.values()].filter((set) => set.size === 2).length).toBeGreaterThan(20);
  });

  it("fits a mask without a back, which gets no seam", async () => {
    const model = egg("mask", OTHER, 40, 24, 1.3);
    const uv = await unwrapModel(model, frame);
    expect(measureLayout({ ...model, uv }).positive).toBe(1);
    expect(uv.coordinates.length / 2).toBe(new Set(model.triangles).size);
    const places = placesOf(uv, model.landmarks!.mediapipe478!).subarray(0, 2 * 468);
    expect(disagreement(places, frame.points.uv.subarray(0, 2 * 468)).mean).toBeLessThan(0.3);
  });

  it("needs landmarks and skin", async () => {
    const model = egg("bare", EGG, 20, 12);
    await expect(unwrapModel({ ...model, landmarks: null }, frame)).rejects.toThrow(/landmarks/);
    const parts = model.parts.map((part) => ({ ...part, kind: "eyes" as const }));
    await expect(unwrapModel({ ...model, parts }, frame)).rejects.toThrow(/kind "skin"/);
  });
});
