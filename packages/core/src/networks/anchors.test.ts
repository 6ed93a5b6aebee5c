import { describe, expect, it } from "vitest";
import { anchorCentres, SHORT_RANGE_ANCHORS } from "./anchors.js";

describe("anchors of BlazeFace", () => {
  const centres = anchorCentres(SHORT_RANGE_ANCHORS);

  it("are two at each of 16 x 16 places, then six at each of 8 x 8", () => {
    expect(centres.length).toBe(2 * 896);
    const at = (i: number) => [centres[2 * i], centres[2 * i + 1]];
    expect(at(0)).toEqual([0.5 / 16, 0.5 / 16]);
    expect(at(1)).toEqual(at(0));
    expect(at(2)).toEqual([1.5 / 16, 0.5 / 16]);
    expect(at(32)).toEqual([0.5 / 16, 1.5 / 16]);
    expect(at(512)).toEqual([0.5 / 8, 0.5 / 8]);
    expect(at(517)).toEqual(at(512));
    expect(at(518)).toEqual([1.5 / 8, 0.5 / 8]);
    expect(at(895)).toEqual([7.5 / 8, 7.5 / 8]);
  });
});
