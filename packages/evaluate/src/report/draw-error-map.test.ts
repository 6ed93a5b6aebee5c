import type { Image } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { errorColour, UNMEASURED } from "./colour-map.js";
import { barMarks, drawErrorMap } from "./draw-error-map.js";
import { drawMesh } from "./draw-mesh.js";

/** Two flat squares side by side that face the viewer, any unit. */
function squares(left: number, right: number, unit = 1) {
  const positions = Float64Array.from(
    [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 2, 0, 0, 2, 1, 0, 1, 1, 0],
    (value) => 7 + unit * value,
  );
  return {
    title: "squares",
    positions,
    triangles: Uint32Array.of(0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7),
    errors: Float32Array.of(left, left, left, left, right, right, right, right),
  };
}

const pixel = ({ data, width }: Image, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

/** Of the front view, whose square starts 38 pixels from the top. */
const squareColours = (image: Image, size: number) => [
  pixel(image, Math.round(0.3 * size), 38 + size / 2),
  pixel(image, Math.round(0.7 * size), 38 + size / 2),
];

describe("errorColour", () => {
  test("viridis' ends and middle; clamped; grey for NaN", () => {
    expect(errorColour(0)).toEqual([68, 1, 84]);
    expect(errorColour(0.5)).toEqual([33, 145, 140]);
    expect(errorColour(1)).toEqual([253, 231, 37]);
    expect(errorColour(-1)).toEqual(errorColour(0));
    expect(errorColour(Number.POSITIVE_INFINITY)).toEqual(errorColour(1));
    expect(errorColour(Number.NaN)).toEqual(UNMEASURED);
  });

  test("every step is lighter than the one before", () => {
    const light = Array.from({ length: 101 }, (_, i) => {
      const [r, g, b] = errorColour(i / 100).map((c) => (c / 255) ** 2.2) as [
        number,
        number,
        number,
      ];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    light.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThan(light[i]!);
    });
  });
});

describe("drawErrorMap", () => {
  test("a surface that faces the viewer has the colour of its error, whatever the unit", () => {
    for (const unit of [1e-3, 1, 1e4]) {
      const image = drawErrorMap(squares(0.5, 2, unit), { most: 2, size: 100 });
      expect(squareColours(image, 100)).toEqual([errorColour(0.25), errorColour(1)]);
    }
  });

  test("beyond the bar's end the last colour, grey where nothing was measured", () => {
    const image = drawErrorMap(squares(9, Number.NaN), { most: 2, size: 100 });
    expect(squareColours(image, 100)).toEqual([errorColour(1), UNMEASURED]);
  });

  test("a corner that is NaN makes its triangles grey, not their neighbours", () => {
    const map = squares(0, 0);
    map.errors[4] = Number.NaN;
    const image = drawErrorMap(map, { most: 2, size: 100 });
    expect(squareColours(image, 100)).toEqual([errorColour(0), UNMEASURED]);
  });

  test("holds two views and the bar, dark at its foot, with room for the labels", () => {
    const image = drawErrorMap(squares(0, 1), { most: 5, size: 120 });
    const bar = { x: 2 * 120 + 12 + 9, top: 38 + 28, height: 120 - 42 };
    expect(pixel(image, bar.x, bar.top)).toEqual(errorColour(1 - 0.5 / bar.height));
    expect(pixel(image, bar.x, bar.top + bar.height - 1)).toEqual(errorColour(0.5 / bar.height));
    expect(pixel(image, bar.x, bar.top + bar.height / 2)).toEqual(
      errorColour(0.5 - 0.5 / bar.height),
    );
    expect(image.height).toBe(38 + 120 + 12);
    const inked = (x0: number, x1: number, y0: number, y1: number) => {
      let count = 0;
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++) if (pixel(image, x, y)[0] === 32) count++;
      }
      return count;
    };
    // The title, "mm", the highest and the lowest number; and nothing at the right border.
    expect(inked(0, 120, 0, 38)).toBeGreaterThan(100);
    expect(inked(252, 276, 38, 38 + 14)).toBeGreaterThan(40);
    expect(inked(280, image.width, bar.top - 7, bar.top + 7)).toBeGreaterThan(60);
    expect(
      inked(280, image.width, bar.top + bar.height - 7, bar.top + bar.height + 7),
    ).toBeGreaterThan(20);
    expect(inked(image.width - 12, image.width, 0, image.height)).toBe(0);
  });

  test("the second view is turned: the far square is narrower", () => {
    const map = squares(0, 1);
    const count = (image: Image, colour: readonly number[]) => {
      let pixels = 0;
      for (let p = 0; p < image.data.length; p += 3) {
        if (colour.every((c, i) => Math.abs(image.data[p + i]! - c) < 30)) pixels++;
      }
      return pixels;
    };
    const view = (yaw: number) =>
      drawMesh(
        { ...map, values: map.errors },
        { size: 200, yaw, colour: (v) => (v > 0.5 ? [200, 0, 0] : [0, 0, 200]) },
      );
    const [front, turned] = [view(0), view(40)];
    expect(count(front, [200, 0, 0])).toBe(count(front, [0, 0, 200]));
    // Turning to its own left brings the right half of the picture away from the viewer.
    expect(count(turned, [200, 0, 0])).toBeLessThan(count(turned, [0, 0, 200]));
  });

  test("vertices that no triangle uses, and broken ones, do not shrink the picture", () => {
    const map = squares(1, 1);
    const wild = {
      ...map,
      positions: Float64Array.of(...map.positions, 1e6, 0, 0, Number.NaN, 0, 0),
      triangles: Uint32Array.of(...map.triangles, 0, 1, 9),
      errors: Float32Array.of(...map.errors, 0, 0),
    };
    const [a, b] = [map, wild].map((m) => drawErrorMap(m, { most: 2, size: 100 }).data);
    expect(Buffer.compare(a!, b!)).toBe(0);
  });

  test("a mesh seen from behind is lit as well", () => {
    const map = squares(2, 2);
    const image = drawErrorMap(
      { ...map, triangles: map.triangles.slice().reverse() },
      { most: 2, size: 100 },
    );
    expect(squareColours(image, 100)[0]).toEqual(errorColour(1));
  });

  test("an empty mesh gives an empty picture", () => {
    const nothing = { positions: new Float64Array(), triangles: new Uint32Array() };
    const image = drawErrorMap(
      { title: "", errors: new Float32Array(), ...nothing },
      { most: 1, size: 64 },
    );
    expect(pixel(image, 32, 70)).toEqual([255, 255, 255]);
  });

  test("round numbers on the bar, and its end as the last", () => {
    expect(barMarks(5, 0.1).map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4", ">= 5"]);
    expect(barMarks(2.2, 0.1).map(({ text }) => text)).toEqual(["0", "0.5", "1", "1.5", ">= 2.2"]);
    expect(barMarks(0.3, 0.05).map(({ text }) => text)).toContain("0.15");
    expect(barMarks(2.2, 0.1).map(({ share }) => share)).toEqual([
      0,
      0.5 / 2.2,
      1 / 2.2,
      1.5 / 2.2,
      1,
    ]);
  });

  test("options that make no sense are refused", () => {
    for (const most of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => drawErrorMap(squares(0, 1), { most })).toThrow(/cannot end at/);
    }
    expect(() => drawErrorMap(squares(0, 1), { most: 1, size: 20 })).toThrow(/64 pixels/);
    const errors = new Float32Array(3);
    expect(() => drawErrorMap({ ...squares(0, 1), errors }, { most: 1 })).toThrow(
      "An error map of 8 vertices came with 3 errors.",
    );
  });
});
