import { mirrored } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { faceOf, farthest, frame, paintedFace, paintedMap } from "../../test/painted-face.js";
import { FACE_PARTS, faceWindows } from "./face-windows.js";
import { mirrorMap } from "./mirror.js";
import { regionalMix } from "./regional-mix.js";

const SIZE = 128;
const windows = faceWindows(frame, SIZE);

describe("regionalMix", () => {
  test("of a map with itself is the map", () => {
    const face = paintedFace(SIZE);
    const copy = faceOf(paintedMap(SIZE));
    const all = Object.fromEntries(FACE_PARTS.map((part) => [part, copy]));
    const mixed = regionalMix(face, all, windows);
    expect(farthest(mixed.colour, face.map.colour)).toBeLessThan(1e-5);
    expect(farthest(mixed.confidence, face.map.confidence)).toBeLessThan(1e-6);
    expect(mixed.colour === face.map.colour).toBe(false);
  });

  test("brings a part to the receiver's skin colour, whichever is darker", () => {
    const light = paintedFace(SIZE, { skin: [0.8, 0.6, 0.5], pores: 0, features: false });
    const dark = paintedFace(SIZE, { skin: [0.4, 0.3, 0.25], pores: 0, features: false });
    for (const [receiver, donor] of [
      [light, dark],
      [dark, light],
    ] as const) {
      const mixed = regionalMix(receiver, { nose: donor, eyes: donor }, windows);
      expect(farthest(mixed.colour, receiver.map.colour)).toBeLessThan(1e-4);
    }
  });

  test("takes a feature whole from its donor and leaves the others alone", () => {
    const receiver = paintedFace(SIZE, { features: false });
    const donor = paintedFace(SIZE, { seed: 2 });
    const mixed = regionalMix(receiver, { eyes: donor }, windows);
    const { values } = windows.parts.eyes;
    const ratios: number[] = [];
    let strays = 0;
    values.forEach((value, i) => {
      const at = 3 * i;
      if (value === 0 && mixed.colour[at] !== receiver.map.colour[at]) strays++;
      if (value > 0.9999) ratios.push(mixed.colour[at]! / donor.map.colour[at]!);
    });
    expect(strays).toBe(0);
    expect(ratios.length).toBeGreaterThan(SIZE);
    // The skins' measured colours differ by the pores only.
    expect(Math.min(...ratios)).toBeGreaterThan(0.95);
    expect(Math.max(...ratios)).toBeLessThan(1.05);
  });

  test("takes the donor's confidence with its part", () => {
    const receiver = paintedFace(SIZE);
    const map = paintedMap(SIZE);
    const donor = { ...receiver, map: { ...map, confidence: map.confidence.map(() => 0.25) } };
    const { confidence } = regionalMix(receiver, { mouth: donor }, windows);
    const expected = windows.parts.mouth.values.map((value) => 1 - 0.75 * value);
    expect(farthest(confidence, expected)).toBeLessThan(1e-5);
  });

  test("keeps brows of a dark face dark on a light one", () => {
    const light = paintedFace(SIZE, { skin: [0.85, 0.65, 0.55] });
    const dark = paintedFace(SIZE, { skin: [0.45, 0.33, 0.28] });
    const { colour } = regionalMix(light, { eyes: dark }, windows);
    const darkest = (values: Float32Array) => values.reduce((a, b) => Math.min(a, b));
    expect(darkest(colour)).toBeLessThan(darkest(dark.map.colour) + 0.05);
  });

  test("maps of different sizes are refused", () => {
    expect(() => regionalMix(paintedFace(SIZE), { nose: paintedFace(64) }, windows)).toThrow(
      /64 texels/,
    );
  });
});

test("mirrored twice, a map is itself, and its confidence moves with its colours", () => {
  const map = paintedMap(64);
  const lopsided = { ...map, confidence: map.confidence.map((_, i) => (i % 64) / 64) };
  const once = mirrorMap(lopsided);
  expect(once.confidence).toEqual(mirrored(lopsided.confidence, 64, 1));
  expect(once.colour.subarray(0, 3)).toEqual(map.colour.subarray(3 * 63, 3 * 64));
  expect(mirrorMap(once)).toEqual(lopsided);
});
