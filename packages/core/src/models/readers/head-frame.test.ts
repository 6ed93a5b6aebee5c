import { expect, test } from "vitest";
import { needs, shared } from "../../../test/shared.js";
import { moveOrigin, originFromJaw, originFromNose } from "./head-frame.js";
import { openEosFolder } from "./surrey.node.js";

test("the origin lies behind and below the middle of the jaw's ends", () => {
  expect(originFromJaw([-70, 40, 30], [74, 38, 32])).toEqual([2, 29, -19]);
});

test("the origin lies behind and above the tip of the nose", () => {
  const mean = Float32Array.of(-70, 0, 0, 74, 10, 0, 1, -20, 150);
  expect(originFromNose(mean)).toEqual([2, 5, 10]);
  moveOrigin(mean, originFromNose(mean));
  expect([...mean]).toEqual([-72, -5, -10, 72, 5, -10, -1, -25, 140]);
});

const FOLDER = "surrey-face-model";
test.skipIf(!shared(FOLDER))(needs(FOLDER, "both agree on the Surrey Face Model"), async () => {
  const { mean } = await openEosFolder(shared(FOLDER)!);
  for (const offset of originFromNose(mean)) expect(Math.abs(offset)).toBeLessThan(6);
});
