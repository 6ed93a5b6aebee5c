import { describe, expect, it } from "vitest";
import type { Face } from "./faces.js";
import { selectFace } from "./find-face.js";

const image = { width: 400, height: 400, data: new Uint8Array(0) };

/** A face whose landmarks fill a square on a grid. */
function faceAt(left: number, top: number, size: number): Face {
  const landmarks = new Float32Array(478 * 3);
  for (let i = 0; i < 478; i++) {
    landmarks[3 * i] = left + (size * (i % 22)) / 21;
    landmarks[3 * i + 1] = top + (size * Math.floor(i / 22)) / 21;
  }
  return {
    box: { x: left, y: top, width: size, height: size },
    region: { x: left + size / 2, y: top + size / 2, size, rotation: 0 },
    landmarks,
    confidence: 1,
    score: 1,
    roll: 0,
    yaw: 0,
    pitch: 0,
    cutByBorder: false,
  };
}

const code = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return "none";
};

describe("selectFace", () => {
  const large = faceAt(10, 10, 200);

  it("takes the only face, and the largest where the others are in the background", () => {
    expect(selectFace([large], image)).toBe(large);
    expect(selectFace([large, faceAt(250, 10, 100)], image)).toBe(large);
  });

  it("asks which is meant where faces are about as large, unless it was told", () => {
    const other = faceAt(220, 10, 150);
    expect(code(() => selectFace([large, other], image))).toBe("several-faces");
    expect(selectFace([large, other], image, { index: 0 })).toBe(large);
    expect(selectFace([large, other], image, { index: 1 })).toBe(other);
    expect(code(() => selectFace([large, other], image, { index: 2 }))).toBe("no-face");
  });

  it("refuses a picture without faces", () => {
    expect(code(() => selectFace([], image, { name: "cat.jpg" }))).toBe("no-face");
    expect(() => selectFace([], image, { name: "cat.jpg" })).toThrow(
      /cat\.jpg \(400 x 400 pixels\)/,
    );
  });

  it("bears a little of the face outside of the picture, and no more", () => {
    expect(code(() => selectFace([faceAt(-20, 10, 200)], image))).toBe("none");
    expect(code(() => selectFace([faceAt(-60, 10, 200)], image))).toBe("face-cut");
    expect(code(() => selectFace([faceAt(10, 250, 200)], image))).toBe("face-cut");
  });
});
