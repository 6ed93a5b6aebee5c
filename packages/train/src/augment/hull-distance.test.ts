import { expect, test } from "vitest";
import { distanceToHull } from "./hull-distance.js";

const SIZE = 64;

test("is the distance to a box beside its sides, and at most a little short off its corners", () => {
  const [low, high] = [0.25, 0.75];
  // A point within adds nothing to a hull.
  const found = distanceToHull([low, low, high, low, high, high, low, high, 0.4, 0.6], SIZE);
  found.forEach((value, i) => {
    const x = ((i % SIZE) + 0.5) / SIZE;
    const y = (Math.floor(i / SIZE) + 0.5) / SIZE;
    const [dx, dy] = [Math.max(low - x, x - high), Math.max(low - y, y - high)];
    const exact = dx > 0 && dy > 0 ? Math.hypot(dx, dy) : Math.max(dx, dy);
    expect(value).toBeLessThan(exact + 1e-6);
    expect(value).toBeGreaterThan(exact - 0.002);
  });
});
