/** Which of several faces is meant, in pictures of the size that Labeled Faces in the Wild has. */
import { fileURLToPath } from "node:url";
import { type Image, loadFaceNetworks, readImage, warpSimilarity } from "@ganfit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findMeantFace } from "../src/photos/which-face.js";

const SIDE = 250;
const name = "the picture";

let portrait: Image;
let networks: Awaited<ReturnType<typeof loadFaceNetworks>>;

/** Portraits of so many pixels, with their left top corners, on grey. */
function pasted(places: readonly (readonly [left: number, top: number, width: number])[]): Image {
  const data = new Uint8Array(3 * SIDE * SIDE).fill(140);
  for (const [left, top, width] of places) {
    const scale = portrait.width / width;
    const toPortrait = { scale, rotation: 0, tx: 0, ty: 0 };
    const small = warpSimilarity(portrait, toPortrait, width, width, { border: "replicate" });
    for (let y = 0; y < Math.min(width, SIDE - top); y++) {
      for (let x = 0; x < Math.min(width, SIDE - left); x++) {
        const from = 3 * (y * width + x);
        data.set(small.data.subarray(from, from + 3), 3 * ((top + y) * SIDE + left + x));
      }
    }
  }
  return { width: SIDE, height: SIDE, data };
}

describe("faces of one picture", () => {
  beforeAll(async () => {
    portrait = await readImage(
      fileURLToPath(new URL("../../../examples/portrait.png", import.meta.url)),
    );
    networks = await loadFaceNetworks({ threads: 2 });
  });
  afterAll(() => networks.dispose());

  it("the central one may be the smaller, where the prominent is not", async () => {
    const picture = pasted([
      [0, 0, 240],
      [55, 118, 138],
    ]);
    const central = await findMeantFace(picture, networks, "central", { name });
    const prominent = await findMeantFace(picture, networks, "prominent", {
      name,
      relativeSize: 0.9,
    });
    expect(central.region.y).toBeGreaterThan(125);
    expect(prominent.region.y).toBeLessThan(100);
    expect(central.region.size).toBeLessThan(prominent.region.size);
  });

  it("of about the same size one is central, and none prominent", async () => {
    const picture = pasted([
      [0, 80, 110],
      [95, 80, 110],
    ]);
    const central = await findMeantFace(picture, networks, "central", { name });
    expect(central.region.x).toBeGreaterThan(110);
    await expect(findMeantFace(picture, networks, "prominent", { name })).rejects.toMatchObject({
      code: "several-faces",
    });
  });

  it("that are none are said", async () => {
    const none = findMeantFace(pasted([]), networks, "central", { name });
    await expect(none).rejects.toMatchObject({ code: "no-face" });
  });
});
