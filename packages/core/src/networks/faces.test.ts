import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeImage } from "../image/decode.node.js";
import type { Image } from "../image/image.js";
import { applySimilarity, invertSimilarity, type Similarity } from "../image/similarity.js";
import { warpSimilarity } from "../image/warp.js";
import { confidenceOf, type Face, findFaces, openFaceNetworks } from "./faces.js";
import { loadFaceNetworks } from "./faces.node.js";
import { findFace } from "./find-face.js";
import { IBUG68, IBUG68_MIRROR, ibug68, mouthCorners, pupils } from "./ibug68.js";
import { headPose } from "./landmarks-pose.js";
import { cropOf } from "./region.js";

const PORTRAIT = new URL("../../test/fixtures/astronaut.jpg", import.meta.url);

let networks: Awaited<ReturnType<typeof loadFaceNetworks>>;
let portrait: Image;
let face: Face;
beforeAll(async () => {
  networks = await loadFaceNetworks({ threads: 1 });
  portrait = await decodeImage(await readFile(PORTRAIT));
  face = await findFace(portrait, networks);
});
afterAll(() => networks.dispose());

function blank(width: number, height: number): Image {
  return { width, height, data: new Uint8Array(3 * width * height).fill(128) };
}

/** Mean distance of pupils and mouth corners from where `toResult` takes the portrait's, pixels. */
function error(found: Face, toResult: Similarity): number {
  const points = ({ landmarks }: Face) => {
    const [eyes, mouth] = [pupils(landmarks), mouthCorners(landmarks)];
    return [...eyes.right, ...eyes.left, ...mouth.right, ...mouth.left];
  };
  const expected = applySimilarity(toResult, points(face));
  const actual = points(found);
  const at = (i: number) =>
    Math.hypot(actual[i]! - expected[i]!, actual[i + 1]! - expected[i + 1]!);
  return (at(0) + at(2) + at(4) + at(6)) / 4;
}

describe("the face in a portrait", () => {
  it("is where it can be seen to be", () => {
    // Read off the picture by eye.
    const { right, left } = pupils(face.landmarks);
    expect(Math.hypot(right[0] - 203, right[1] - 101)).toBeLessThan(3);
    expect(Math.hypot(left[0] - 245, left[1] - 103)).toBeLessThan(3);
    expect(face.confidence).toBeGreaterThan(0.9);
    expect(face.cutByBorder).toBe(false);
    for (const angle of [face.roll, face.yaw, face.pitch]) {
      expect(Math.abs(angle)).toBeLessThan(0.35);
    }
  });

  it("is the same at the next look", async () => {
    expect(await findFaces(portrait, networks)).toEqual([face]);
  });

  it.each([90, 135, 180, -60])(
    "is found when the picture is turned by %i degrees",
    async (degrees) => {
      const rotation = (-degrees * Math.PI) / 180;
      const toPortrait = cropOf({ x: 225, y: 160, size: 300, rotation }, 300);
      const [found, ...others] = await findFaces(
        warpSimilarity(portrait, toPortrait, 300, 300),
        networks,
      );
      expect(others).toEqual([]);
      expect(error(found!, invertSimilarity(toPortrait))).toBeLessThan(2);
      const turned = found!.roll - face.roll + rotation;
      expect(Math.abs(Math.atan2(Math.sin(turned), Math.cos(turned)))).toBeLessThan(0.05);
    },
  );

  it("is found 40 pixels wide in a larger picture", async () => {
    const scale = face.box.width / 40;
    const toPortrait = { scale, rotation: 0, tx: -260 * scale, ty: -180 * scale };
    const small = warpSimilarity(portrait, toPortrait, 640, 480, { border: [90, 110, 120] });
    const found = await findFace(small, networks);
    expect(error(found, invertSimilarity(toPortrait))).toBeLessThan(1);
  });

  it("is found when it fills the picture, and known to be cut", async () => {
    const toPortrait = { scale: 0.4, rotation: 0, tx: 182, ty: 78 };
    const close = warpSimilarity(portrait, toPortrait, 240, 240);
    const found = await findFace(close, networks);
    expect(error(found, invertSimilarity(toPortrait))).toBeLessThan(4);
    expect(found.cutByBorder).toBe(true);
  });

  it("is one of two when there are two, largest first", async () => {
    const one = { scale: 0.5, rotation: 0, tx: 130, ty: 20 };
    const other = { scale: 0.8, rotation: 0.4, tx: 130, ty: -60 };
    const [left, right] = [one, other].map((at) => warpSimilarity(portrait, at, 250, 300));
    const both = blank(500, 300);
    for (let y = 0; y < 300; y++) {
      both.data.set(left!.data.subarray(750 * y, 750 * (y + 1)), 1500 * y);
      both.data.set(right!.data.subarray(750 * y, 750 * (y + 1)), 1500 * y + 750);
    }
    const faces = await findFaces(both, networks);
    expect(faces.length).toBe(2);
    expect(error(faces[0]!, invertSimilarity(one))).toBeLessThan(2);
    const shifted = invertSimilarity(other);
    expect(error(faces[1]!, { ...shifted, tx: shifted.tx + 250 })).toBeLessThan(2);
    const second = await findFace(both, networks, { index: 1 });
    expect(second).toEqual(faces[1]);
    await expect(findFace(both, networks, { index: 2 })).rejects.toMatchObject({
      code: "no-face",
      message: expect.stringContaining("shows 2"),
    });
  });
});

describe("pictures without a face", () => {
  it.each([
    ["of one pixel", blank(1, 1)],
    ["of one row", blank(700, 1)],
    ["of one colour", blank(200, 100)],
    ["of noise", noise(160, 160)],
    ["of a drawn face", drawing()],
  ])("%s are refused", async (_, image) => {
    await expect(findFace(image, networks, { maximumLooks: 300 })).rejects.toMatchObject({
      code: "no-face",
      message: expect.stringContaining("No face was found"),
    });
  });

  it("leave no trace of the faces less sure than asked for", async () => {
    expect(await findFaces(portrait, networks, { minimumConfidence: 1, maximumLooks: 50 })).toEqual(
      [],
    );
  });
});

describe("confidence", () => {
  it("needs presence, points that stay, or else a very sure detector", () => {
    expect(confidenceOf(25, 0.008, 0.9)).toBeGreaterThan(0.99);
    expect(confidenceOf(25, 0.008, 0.5)).toBeGreaterThan(0.5);
    expect(confidenceOf(25, 0.1, 0.9)).toBeLessThan(0.01);
    expect(confidenceOf(0, 0.02, 0.9)).toBeLessThan(0.1);
    expect(confidenceOf(7, 0.025, 0.95)).toBeGreaterThan(0.4);
    expect(confidenceOf(16, 0.025, 0.5)).toBeLessThan(0.1);
  });
});

describe("the 68 points of iBUG 300-W", () => {
  it("are in order around jaw, eyes and lips", () => {
    const points = ibug68(face.landmarks);
    const x = (i: number) => points[3 * i]!;
    const y = (i: number) => points[3 * i + 1]!;
    expect(points.length).toBe(3 * 68);
    for (let i = 0; i < 16; i++) expect(x(i)).toBeLessThan(x(i + 1));
    for (let i = 17; i < 26; i++) expect(x(i)).toBeLessThan(x(i + 1));
    for (let i = 27; i < 30; i++) expect(y(i)).toBeLessThan(y(i + 1));
    for (const eye of [36, 42]) {
      expect(x(eye)).toBeLessThan(x(eye + 3));
      expect(y(eye + 1)).toBeLessThan(y(eye + 5));
      expect(y(eye + 2)).toBeLessThan(y(eye + 4));
    }
    expect(y(51)).toBeLessThan(y(62));
    expect(y(66)).toBeLessThan(y(57));
  });

  it("mirror to each other", () => {
    expect(new Set(IBUG68).size).toBe(68);
    IBUG68_MIRROR.forEach((other, i) => {
      expect(IBUG68_MIRROR[other]).toBe(i);
    });
    // A frontal face: the mirrored half lies on the other, but for its own asymmetry.
    const points = ibug68(face.landmarks);
    const centre = (points[3 * 27]! + points[3 * 8]!) / 2;
    for (let i = 0; i < 68; i++) {
      const mirrored = 2 * centre - points[3 * IBUG68_MIRROR[i]!]!;
      expect(Math.abs(points[3 * i]! - mirrored)).toBeLessThan(0.25 * face.box.width);
    }
  });
});

describe("head pose", () => {
  it("follows a turn of the points in space", () => {
    const turned = (yaw: number) => {
      const points = face.landmarks.slice();
      for (let i = 0; i < points.length; i += 3) {
        const [x, z] = [face.landmarks[i]!, face.landmarks[i + 2]!];
        points[i] = Math.cos(yaw) * x - Math.sin(yaw) * z;
        points[i + 2] = Math.sin(yaw) * x + Math.cos(yaw) * z;
      }
      return headPose(points);
    };
    const level = headPose(face.landmarks);
    expect(turned(0.5).yaw - level.yaw).toBeCloseTo(0.5, 1);
    expect(turned(-0.4).yaw - level.yaw).toBeCloseTo(-0.4, 1);
  });
});

describe("network files", () => {
  it("are refused when exchanged", async () => {
    const url = (name: string) => new URL(`../../assets/networks/${name}.onnx`, import.meta.url);
    const [detector, landmarks] = await Promise.all(
      ["face-detector", "face-landmarks"].map((name) => readFile(url(name))),
    );
    await expect(
      openFaceNetworks({ detector: landmarks!, landmarks: detector! }),
    ).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("the face detector"),
    });
  });
});

function noise(width: number, height: number): Image {
  const image = blank(width, height);
  let state = 12345;
  for (let i = 0; i < image.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    image.data[i] = state >>> 24;
  }
  return image;
}

/** Two dots, a stroke and a disc around them. */
function drawing(): Image {
  const image = blank(200, 200);
  for (let y = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      const disc = Math.hypot(x - 100, y - 100) < 80;
      const eye = Math.min(Math.hypot(x - 70, y - 80), Math.hypot(x - 130, y - 80)) < 8;
      const mouth = Math.abs(y - 135) < 4 && Math.abs(x - 100) < 30;
      image.data.fill(
        eye || mouth ? 0 : disc ? 250 : 128,
        3 * (200 * y + x),
        3 * (200 * y + x) + 3,
      );
    }
  }
  return image;
}
