/** The figures that docs state for detection and landmarks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { degraded, detection, landmarkErrors, scenes } from "../bench/photos.js";
import { openIctFaceKit } from "../src/models/readers/ict-facekit.node.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { findFace } from "../src/networks/find-face.js";
import { preview } from "../src/render/preview.js";
import { ictFaceKit, needsIct } from "./ict-facekit.js";
import { type PhotoSet, photosOf } from "./photos.node.js";
import { needs, shared } from "./shared.js";

let networks: Awaited<ReturnType<typeof loadFaceNetworks>>;
beforeAll(async () => {
  networks = await loadFaceNetworks();
});
afterAll(() => networks.dispose());

const heldOut = (set: PhotoSet) => photosOf(set).filter((photo) => photo.heldOut);

describe.skipIf(!shared("photos"))(needs("photos", "on the people held out"), () => {
  it.each(["london-neutral", "london-smiling", "canada"] as const)(
    "%s: one face each",
    async (set) => {
      const { pictures, one } = await detection(set, heldOut(set), networks);
      expect(pictures).toBeGreaterThan(0);
      expect(one).toBe(pictures);
    },
  );

  it.each(["london-neutral", "canada"] as const)(
    "%s: pupils and mouth corners within 3 percent of the interocular distance",
    async (set) => {
      const { mean } = await landmarkErrors(set, heldOut(set), networks);
      expect(mean).toBeLessThanOrEqual(3);
    },
  );

  it.each([
    "turned by 15 degrees each",
    "40 pixels wide in 1000 x 800",
    "40 pixels wide and upside down",
    "filling the picture",
    "montages of six",
  ])("%s", async (set) => {
    const photos = [...heldOut("london-neutral"), ...heldOut("canada")];
    const figures = await degraded(set, scenes(photos)[set]!, networks);
    expect(figures.missing).toEqual([]);
    expect(figures.extra).toBe(0);
    expect(figures.mean).toBeLessThan(2);
  });
});

describe.skipIf(!shared("photos"))(needs("photos", "on other portraits"), () => {
  it("finds one face in each of the same woman's four", async () => {
    expect((await detection("one-person", photosOf("one-person"), networks)).one).toBe(4);
  });

  it("finds one face in every eighth of the official portraits", async () => {
    const photos = photosOf("official-portraits").filter((_, i) => i % 8 === 0);
    const { pictures, one } = await detection("official-portraits", photos, networks);
    expect(one).toBe(pictures);
  });
});

describe("heads in profile", () => {
  const folder = ictFaceKit();
  it.skipIf(folder === null)(
    needsIct(folder, "are found up to 60 degrees, and their yaw"),
    async () => {
      const model = await openIctFaceKit(folder!);
      for (const yaw of [-60, -45, -30, 0, 30, 45, 60]) {
        const view = { width: 500, height: 600, yaw, background: [90, 110, 130] as const };
        const image = preview(model.mean, model, { ...view, hide: ["lashes", "other"] });
        const face = await findFace(image, networks);
        expect(Math.abs((face.yaw * 180) / Math.PI - yaw)).toBeLessThan(15);
      }
    },
  );
});
