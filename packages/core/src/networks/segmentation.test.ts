import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readImage } from "../image/decode.node.js";
import type { Image, Mask } from "../image/image.js";
import { applySimilarity, invertSimilarity } from "../image/similarity.js";
import { boxMean, guidedFilter } from "./mask-filter.js";
import {
  FACE_OVAL,
  LEFT_BROW,
  OUTER_LIPS,
  polygonMask,
  polygonOf,
  RIGHT_BROW,
  signedDistance,
} from "./mask-geometry.js";
import { type FaceSegmentation, maskInImage, segmentFace } from "./segmentation.js";
import { headCrop } from "./segmentation-crop.js";
import { labPlanes } from "./skin-colour.js";

test("distances to a square are those of its closed form", () => {
  const distance = signedDistance([4, 4, 12, 4, 12, 12, 4, 12], 16, 16);
  for (let i = 0; i < 256; i++) {
    const [dx, dy] = [(i % 16) + 0.5 - 8, Math.floor(i / 16) + 0.5 - 8].map((v) => Math.abs(v) - 4);
    const outside = Math.hypot(Math.max(0, dx!), Math.max(0, dy!));
    expect(distance[i]).toBeCloseTo(outside + Math.min(0, Math.max(dx!, dy!)), 5);
  }
});

test("a polygon's mask has the polygon's area, also where the picture cuts it", () => {
  const area = (mask: Float32Array) => mask.reduce((a, b) => a + b, 0);
  expect(area(polygonMask([3, 3, 13, 3, 8, 13], 16, 16))).toBeCloseTo(50, 0);
  expect(area(polygonMask([-8, 0, 8, 0, 8, 16, -8, 16], 16, 16))).toBeCloseTo(128, 0);
});

test("box means equal those counted one by one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), fc.integer(), (radius, seed) => {
      const values = Array.from({ length: 6 * 5 }, (_, i) => Math.sin(seed + i * i));
      const means = boxMean(values, 6, 5, radius);
      values.forEach((_, i) => {
        const near = values.filter((_, j) => {
          const dx = Math.abs((j % 6) - (i % 6));
          return dx <= radius && Math.abs(Math.floor(j / 6) - Math.floor(i / 6)) <= radius;
        });
        expect(means[i]).toBeCloseTo(near.reduce((a, b) => a + b, 0) / near.length, 9);
      });
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("the guided filter keeps an affine function of the guide, and a constant", () => {
  const plane = (f: number) => Float32Array.from({ length: 400 }, (_, i) => Math.sin(f * i * i));
  const guide = [plane(1.1), plane(0.7), plane(0.3)] as const;
  const filter = guidedFilter(guide, 20, 20, 3, 1e-9);
  const field = guide[0].map((v, i) => 2 * v - 3 * guide[1][i]! + 0.5 * guide[2][i]! + 1);
  filter.apply(field).forEach((value, i) => {
    expect(value).toBeCloseTo(field[i]!, 4);
  });
  for (const value of filter.apply(new Float64Array(400).fill(7))) expect(value).toBeCloseTo(7, 9);
});

test("Lab of white, black and primary red as published (Lindbloom)", () => {
  const [l, a, b] = labPlanes(Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 0));
  const expected = [
    [100, 0, 0],
    [0, 0, 0],
    [53.24, 80.09, 67.2],
  ];
  expected.forEach((lab, i) => {
    [l, a, b].forEach((plane, c) => {
      expect(100 * plane[i]!).toBeCloseTo(lab[c]!, 1);
    });
  });
});

test("landmarks that are not 478 finite points are refused", () => {
  const image = { width: 1, height: 1, data: new Uint8Array(3) };
  for (const landmarks of [new Float32Array(9), new Float32Array(3 * 478).fill(Number.NaN)]) {
    expect(() => segmentFace(image, landmarks)).toThrow(expect.objectContaining({ code: "usage" }));
  }
});

const FIXTURES = new URL("../../test/fixtures/", import.meta.url);
type Points = readonly number[];
/** `478 x 2`, found once by the landmark network in astronaut.jpg. */
const FOUND: Points = JSON.parse(
  readFileSync(new URL("astronaut-landmarks.json", FIXTURES), "utf8"),
);
const landmarksOf = (points: Points) =>
  Float64Array.from({ length: 3 * 478 }, (_, i) =>
    i % 3 === 2 ? 0 : points[2 * Math.floor(i / 3) + (i % 3)]!,
  );
const pointOf = (points: Points, i: number) => [points[2 * i]!, points[2 * i + 1]!] as const;
const at = ({ data, width }: Mask, x: number, y: number) =>
  data[Math.floor(y) * width + Math.floor(x)]!;

test("a photograph's face, hair and background", async () => {
  const image = await readImage(fileURLToPath(new URL("astronaut.jpg", FIXTURES)));
  const masks = segmentFace(image, landmarksOf(FOUND));
  expect(masks.hasGlasses).toBe(false);
  expect(Math.max(...masks.glasses.data)).toBe(0);
  const point = (i: number) => pointOf(FOUND, i);
  const height = point(152)[1] - point(10)[1];
  const [face, hair] = [masks.face, masks.hair].map((mask) =>
    maskInImage(mask, masks, image.width, image.height),
  ) as [Mask, Mask];
  for (const i of [205, 425, 4, 200, 9]) expect(at(face, ...point(i))).toBeGreaterThan(0.8);
  const [topX, topY] = point(10);
  expect(at(hair, topX, topY - 0.22 * height)).toBeGreaterThan(0.5);
  expect(at(face, topX, point(152)[1] + 0.2 * height)).toBeLessThan(0.2);
  expect(at(face, 3, 3)).toBeLessThan(0.01);
  for (const value of Object.values(masks)) {
    if (typeof value !== "object" || !("data" in value)) continue;
    expect(value.data.every((v: number) => v >= 0 && v <= 1)).toBe(true);
  }
});

/** The same face upright in a small picture, for drawings. */
const SIDE = 256;
const POINTS: Points = [
  ...applySimilarity(invertSimilarity(headCrop(landmarksOf(FOUND), SIDE)), FOUND),
];
const LANDMARKS = landmarksOf(POINTS);
const point = (i: number) => pointOf(POINTS, i);
const HEIGHT = point(152)[1] - point(10)[1];
const seen = (masks: FaceSegmentation, name: "face" | "hair" | "glasses") =>
  maskInImage(masks[name], masks, SIDE, SIDE);

type Colour = readonly [number, number, number];
const SKIN: Colour = [205, 150, 125];
const HAIR: Colour = [60, 40, 30];
const WALL: Colour = [120, 140, 165];
const RIM: Colour = [25, 25, 28];

/** A head in flat colours: bald or not, with rims around the eyes or without. */
function drawing(bald: boolean, glasses: boolean): Image {
  const data = new Uint8Array(3 * SIDE * SIDE);
  const paint = (mask: Float32Array, colour: Colour) => {
    mask.forEach((value, i) => {
      for (let c = 0; c < 3; c++) {
        data[3 * i + c] = Math.round(data[3 * i + c]! * (1 - value) + colour[c]! * value);
      }
    });
  };
  const oval = polygonOf(POINTS, FACE_OVAL);
  const [middle, chin] = [point(10)[0], point(152)[1]];
  /** The oval, larger above the chin. */
  const head = (wider: number, higher: number) =>
    oval.map((v, i) => (i % 2 === 0 ? middle + wider * (v - middle) : chin + higher * (v - chin)));
  paint(new Float32Array(SIDE * SIDE).fill(1), WALL);
  paint(polygonMask(head(1.1, 1.28), SIDE, SIDE), bald ? SKIN : HAIR);
  paint(polygonMask(oval, SIDE, SIDE), SKIN);
  for (const brow of [RIGHT_BROW, LEFT_BROW]) {
    paint(polygonMask(polygonOf(POINTS, brow), SIDE, SIDE), HAIR);
  }
  paint(polygonMask(polygonOf(POINTS, OUTER_LIPS), SIDE, SIDE), [170, 90, 90]);
  if (glasses) {
    for (const [outer, inner] of EYES) {
      const [within, without] = [0.93, 1.07].map((scale) =>
        polygonMask(rimOf(outer, inner, scale), SIDE, SIDE),
      );
      paint(
        without!.map((value, i) => value - within![i]!),
        RIM,
      );
    }
  }
  return { width: SIDE, height: SIDE, data };
}

const EYES = [
  [33, 133],
  [263, 362],
] as const;

/** A circle of about the eye's width around it. */
function rimOf(outer: number, inner: number, scale = 1): number[] {
  const [[ox, oy], [ix, iy]] = [point(outer), point(inner)];
  const radius = 0.95 * Math.hypot(ox - ix, oy - iy);
  const reach = scale * radius;
  return Array.from({ length: 32 }, (_, i) => (2 * Math.PI * i) / 32).flatMap((angle) => [
    (ox + ix) / 2 + reach * Math.cos(angle),
    (oy + iy) / 2 + 0.3 * radius + reach * Math.sin(angle),
  ]);
}

test.each([false, true])("a drawn head, bald: %s", (bald) => {
  const masks = segmentFace(drawing(bald, false), LANDMARKS);
  expect(masks.hasGlasses).toBe(false);
  const [x, top] = point(10);
  const above = top - 0.14 * HEIGHT;
  const [crown, other] = bald ? (["face", "hair"] as const) : (["hair", "face"] as const);
  expect(at(seen(masks, crown), x, above)).toBeGreaterThan(0.7);
  expect(at(seen(masks, other), x, above)).toBeLessThan(0.3);
});

test("rims around both eyes are glasses, around one eye they are not", () => {
  const [worn, bare] = [drawing(false, true), drawing(false, false)];
  const masks = segmentFace(worn, LANDMARKS);
  expect(masks.hasGlasses).toBe(true);
  const [glasses, face] = [seen(masks, "glasses"), seen(masks, "face")];
  for (const [outer, inner] of EYES) {
    const rim = rimOf(outer, inner);
    // The lowest point.
    const [x, y] = [rim[2 * 8]!, rim[2 * 8 + 1]!];
    expect(at(glasses, x, y)).toBeGreaterThan(0.5);
    expect(at(face, x, y)).toBeLessThan(0.5);
    expect(at(face, x, y + 0.08 * HEIGHT)).toBeGreaterThan(0.8);
  }
  const middle = Math.round(point(168)[0]);
  const half = worn.data.map((value, i) =>
    Math.floor(i / 3) % SIDE < middle ? value : bare.data[i]!,
  );
  expect(segmentFace({ ...bare, data: half }, LANDMARKS).hasGlasses).toBe(false);
});
