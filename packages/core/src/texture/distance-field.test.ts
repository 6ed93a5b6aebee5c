import fc from "fast-check";
import { expect, test } from "vitest";
import { distanceTo } from "./distance-field.js";

test("as a search of all pixels", () => {
  const grids = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
  const cases = grids.chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      marked: fc.array(fc.integer({ min: 0, max: 9 }), {
        minLength: width * height,
        maxLength: width * height,
      }),
    }),
  );
  fc.assert(
    fc.property(cases, ({ width, height, marked }) => {
      const marks = marked.map((value) => value === 0);
      const found = distanceTo(marks, width, height);
      found.forEach((distance, i) => {
        let nearest = Number.POSITIVE_INFINITY;
        marks.forEach((mark, j) => {
          const dx = (i % width) - (j % width);
          const dy = Math.floor(i / width) - Math.floor(j / width);
          if (mark) nearest = Math.min(nearest, Math.hypot(dx, dy));
        });
        expect(distance).toBeCloseTo(nearest, 4);
      });
    }),
    { seed: 3 },
  );
});
