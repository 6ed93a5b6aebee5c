import { expect, it } from "vitest";
import { resizeTexture } from "./resize-texture.js";

const ramp = (size: number) => ({
  width: size,
  height: size,
  data: Uint8Array.from({ length: 3 * size * size }, (_, i) =>
    Math.round((200 * ((Math.floor(i / 3) % size) + 0.5)) / size),
  ),
});

it("keeps places: a ramp stays the same ramp, larger and smaller", () => {
  for (const [from, to] of [
    [64, 256],
    [256, 64],
  ] as const) {
    const { data, width, height } = resizeTexture(ramp(from), to);
    expect([width, height]).toEqual([to, to]);
    const expected = ramp(to).data;
    const inner = data.filter((_, i) => {
      const column = Math.floor(i / 3) % to;
      return column > to / 32 && column < to - to / 32;
    });
    const truth = expected.filter((_, i) => {
      const column = Math.floor(i / 3) % to;
      return column > to / 32 && column < to - to / 32;
    });
    inner.forEach((value, i) => {
      expect(Math.abs(value - truth[i]!)).toBeLessThanOrEqual(1);
    });
  }
});

it("returns a texture of the right size as it is, and refuses what is not square", () => {
  const texture = ramp(16);
  expect(resizeTexture(texture, 16)).toBe(texture);
  expect(() => resizeTexture({ width: 4, height: 2, data: new Uint8Array(24) }, 8)).toThrow(
    /square/,
  );
});
