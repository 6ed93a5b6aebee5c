import { beforeAll, describe, expect, it } from "vitest";
import { sampleHead } from "../../test/sample-head.js";
import type { Image } from "../image/image.js";
import { loadModel } from "../models/store/store.node.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { UvFrame } from "../models/uv/uv-frame.js";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import { portraitCamera } from "../portrait/portrait-camera.js";
import { renderHead } from "../portrait/render-head.js";
import type { Lighting } from "../render/lighting.js";
import { AMBIENT } from "../render/lighting.js";
import { faceRegions } from "../texture/face-regions.js";
import { photoTexture } from "./photo-texture.js";

const SIZE = 256;
const [WIDTH, HEIGHT] = [640, 640];

/** From the person's right and above; the face's left side is in shade. */
const LAMP: Lighting = {
  kind: "spherical-harmonics",
  coefficients: [0.8, -0.25, 0.1, 0.25, 0, 0, 0, 0, 0].flatMap((c) => [c, c, 0.9 * c]),
};

let head: TexturedHead;
let frame: UvFrame;

beforeAll(async () => {
  head = sampleHead(await loadModel("default"), { size: SIZE, seed: 4 });
  frame = await loadUvFrame();
});

/** Everything is face: the masks are tested with `unwrapTexture`. */
function everything(): FaceSegmentation {
  const mask = (value: number) => ({ width: 8, height: 8, data: new Float32Array(64).fill(value) });
  const none = mask(0);
  return {
    face: mask(1),
    skin: mask(1),
    otherSkin: none,
    hair: none,
    beard: none,
    glasses: none,
    eyes: none,
    brows: none,
    lips: none,
    mouth: none,
    toImage: { scale: WIDTH / 8, rotation: 0, tx: 0, ty: 0 },
    hasGlasses: false,
  };
}

function recovered(lighting: Lighting, known: Lighting): Image {
  const camera = portraitCamera(head.model.mean, { width: WIDTH, height: HEIGHT });
  const photo = renderHead(head, {
    camera,
    lighting,
    width: WIDTH,
    height: HEIGHT,
    background: [200, 200, 200],
  }).image;
  // What the fit knows of the skin is no more than its tone.
  const tone = [214, 170, 148];
  const plain = { width: SIZE, height: SIZE, data: head.skin.data.map((_, i) => tone[i % 3]!) };
  return photoTexture({
    photo,
    head: { ...head, skin: plain },
    camera,
    lighting: known,
    segmentation: everything(),
    frame,
    size: SIZE,
  });
}

/** Mean difference from the true texture over the bare skin of the face, of 255. */
function difference(texture: Image): number {
  const { skin } = faceRegions(frame, SIZE);
  let sum = 0;
  let weight = 0;
  skin.forEach((share, i) => {
    for (let c = 0; c < 3; c++) {
      sum += share * Math.abs(texture.data[3 * i + c]! - head.skin.data[3 * i + c]!);
    }
    weight += 3 * share;
  });
  return sum / weight;
}

describe("photoTexture", () => {
  it("finds the skin that was drawn, also under a lamp that the fit knows", () => {
    expect(difference(recovered(AMBIENT, AMBIENT))).toBeLessThan(4);
    const delit = difference(recovered(LAMP, LAMP));
    const baked = difference(recovered(LAMP, AMBIENT));
    expect(delit).toBeLessThan(7);
    expect(baked).toBeGreaterThan(2 * delit);
  });

  it("fills what is not seen with the fit's skin in the person's tone", () => {
    const texture = recovered(AMBIENT, AMBIENT);
    // The crown: nobody sees it from the front.
    const at = 3 * (12 * SIZE + SIZE / 2);
    const tone = [214, 170, 148];
    for (let c = 0; c < 3; c++) expect(Math.abs(texture.data[at + c]! - tone[c]!)).toBeLessThan(12);
  });
});
