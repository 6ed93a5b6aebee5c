import { describe, expect, it } from "vitest";
import { chooseFrames } from "./choose-frames.js";
import type { FrameQuality } from "./frame-quality.js";

const good: FrameQuality = {
  confidence: 0.95,
  sharpness: 200,
  yaw: 0,
  pitch: 0,
  eyesOpen: 0.3,
  interocular: 80,
};

/** A head that turns from its right to its left, and back, a frame for each degree. */
const turning = Array.from({ length: 81 }, (_, i) => ({ ...good, yaw: i - 40 }));

describe("chooseFrames", () => {
  it("starts with the view from the front and spreads over the rest", () => {
    const chosen = chooseFrames(turning);
    expect(chosen[0]).toBe(40);
    const yaws = chosen.map((i) => turning[i]!.yaw).sort((a, b) => a - b);
    expect(yaws).toHaveLength(6);
    expect(yaws.at(-1)! - yaws[0]!).toBeGreaterThanOrEqual(50);
    for (let i = 1; i < yaws.length; i++) expect(yaws[i]! - yaws[i - 1]!).toBeGreaterThanOrEqual(5);
  });

  it("takes the sharp frame of two neighbours, whichever comes first", () => {
    const blurred = { ...good, sharpness: 10 };
    expect(chooseFrames([blurred, good], { most: 1 })).toEqual([1]);
    expect(chooseFrames([good, blurred], { most: 1 })).toEqual([0]);
  });

  it("leaves blinks, blur, doubtful faces and small ones alone while there are others", () => {
    const bad: FrameQuality[] = [
      { ...good, yaw: 12, eyesOpen: 0.08 },
      { ...good, yaw: 14, sharpness: 8 },
      { ...good, yaw: -12, confidence: 0.2 },
      { ...good, yaw: -14, interocular: 15 },
    ];
    const chosen = chooseFrames([...bad, ...Array.from({ length: 10 }, () => good)]);
    expect(chosen.every((i) => i >= bad.length)).toBe(true);
  });

  it("takes closed eyes where there are no others", () => {
    const closed = Array.from({ length: 4 }, (_, i) => ({ ...good, eyesOpen: 0.08, yaw: 10 * i }));
    expect(chooseFrames(closed)).toHaveLength(4);
  });

  it("takes no more than the least of a view that does not change", () => {
    const still = Array.from({ length: 60 }, () => good);
    expect(chooseFrames(still)).toEqual([0, 1, 2]);
    expect(chooseFrames(still, { least: 1 })).toEqual([0]);
    expect(chooseFrames(still, { most: 2 })).toEqual([0, 1]);
  });

  it("takes what there is, and nothing of nothing", () => {
    expect(chooseFrames([])).toEqual([]);
    expect(chooseFrames([good])).toEqual([0]);
    expect(chooseFrames([{ ...good, sharpness: 0 }])).toEqual([]);
    expect(chooseFrames([{ ...good, yaw: 88 }])).toEqual([]);
  });

  it("does not take one freak for the measure of all", () => {
    const frames = [...turning, { ...good, yaw: 60, sharpness: 1e6, eyesOpen: 3 }];
    expect(chooseFrames(frames)[0]).toBe(40);
  });
});
