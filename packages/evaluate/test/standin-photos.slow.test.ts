import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImage, findFace, loadFaceNetworks } from "@ganfit/core";
import { afterAll, expect, test } from "vitest";
import { makeMiccStandIn } from "../src/standin/micc-standin.node.js";
import { makeNowStandIn } from "../src/standin/now-standin.node.js";
import { makeRealyStandIn } from "../src/standin/realy-standin.node.js";
import { filesIn, hashesOf } from "./standin-folders.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-standin-photos-"));
const networks = await loadFaceNetworks();
afterAll(async () => {
  await networks.dispose();
  rmSync(root, { recursive: true, force: true });
});

const OPTIONS = { seed: 8, subjects: 1, vertices: 2000, photos: true };

test.each([
  [
    "micc",
    makeMiccStandIn,
    ["Indoor-Cooperative", "PTZ-Indoor", "PTZ-Outdoor"].flatMap((setting) =>
      [1, 2, 3, 4, 5].map((frame) => `photos/subject_01/${setting}/frame_${frame}.png`),
    ),
  ],
  [
    "realy",
    makeRealyStandIn,
    ["REALY_image/frontal/1.png", ...[1, 2, 3, 4].map((k) => `REALY_image/side/1_${k}.png`)],
  ],
  [
    "now",
    makeNowStandIn,
    ["multiview_expressions/IMG_0002", "multiview_neutral/IMG_0001"]
      .concat("multiview_occlusions/IMG_0003", "selfie/IMG_0004")
      .map((path) => `final_release_version/iphone_pictures/subject_001/${path}.jpg`),
  ],
])("photographs of %s show a face each, the same every time", async (name, make, expected) => {
  const folder = join(root, name);
  await make(folder, OPTIONS);
  const photos = filesIn(folder).filter((path) => /\.(png|jpg)$/.test(path));
  expect(photos).toEqual(expected);
  for (const path of photos) {
    const image = await decodeImage(readFileSync(join(folder, path)));
    await expect(findFace(image, networks, { name: path })).resolves.toBeDefined();
  }
  const hashes = hashesOf(folder);
  expect(new Set(photos.map((path) => hashes[path])).size).toBe(photos.length);
  await make(`${folder}-again`, OPTIONS);
  expect(hashesOf(`${folder}-again`)).toEqual(hashes);
});
