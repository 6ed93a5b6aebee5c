import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeImage } from "./decode.node.js";

test("100 megapixels come as 67", async () => {
  const flat = { width: 12_500, height: 8000, channels: 3 as const, background: "#406080" };
  for (const format of ["jpeg", "png"] as const) {
    const file = await sharp({ create: flat })[format]().toBuffer();
    const image = await decodeImage(file);
    const count = image.width * image.height;
    expect(count).toBeLessThanOrEqual(2 ** 26);
    expect(count).toBeGreaterThan(0.999 * 2 ** 26);
    expect(image.scale).toBeCloseTo(Math.sqrt(2 ** 26 / 1e8), 12);
    const [r, g, b] = image.data.subarray(-3);
    expect(Math.abs(r! - 64) + Math.abs(g! - 96) + Math.abs(b! - 128)).toBeLessThan(9);
  }
});
