import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readImage } from "../image/decode.node.js";
import { loadFaceNetworks } from "./faces.node.js";
import { findFace } from "./find-face.js";
import { maskInImage, segmentFace } from "./segmentation.js";

const PHOTOS = new URL("../../../../../shared/data/photos/", import.meta.url);

describe.skipIf(!existsSync(PHOTOS))("on photographs (../shared/data/photos)", () => {
  test.each([
    ["canada/020f.jpg", false],
    ["official-portraits/021946.jpg", true],
  ])("%s", async (name, glasses) => {
    const networks = await loadFaceNetworks();
    const image = await readImage(fileURLToPath(new URL(name, PHOTOS)));
    const face = await findFace(image, networks, { minimumSize: 80, relativeSize: 0.9 });
    await networks.dispose();
    const masks = segmentFace(image, face.landmarks);
    expect(masks.hasGlasses).toBe(glasses);
    const seen = maskInImage(masks.face, masks, image.width, image.height);
    const hair = maskInImage(masks.hair, masks, image.width, image.height);
    const at = (mask: typeof seen, x: number, y: number) =>
      mask.data[Math.floor(y) * image.width + Math.floor(x)]!;
    const landmark = (i: number) => [face.landmarks[3 * i]!, face.landmarks[3 * i + 1]!] as const;
    for (const i of [205, 425, 4, 200, 9]) expect(at(seen, ...landmark(i))).toBeGreaterThan(0.8);
    const [topX, topY] = landmark(10);
    const [, chinY] = landmark(152);
    expect(at(hair, topX, topY - 0.22 * (chinY - topY))).toBeGreaterThan(0.5);
    expect(at(seen, topX, chinY + 0.15 * (chinY - topY))).toBeLessThan(0.2);
    expect(at(seen, 3, 3)).toBeLessThan(0.01);
    const values = Object.values(masks).flatMap((value) =>
      typeof value === "object" && "data" in value ? [...value.data] : [],
    );
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
