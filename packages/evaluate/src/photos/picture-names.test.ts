import { expect, it } from "vitest";
import { PictureNames } from "./picture-names.js";

it("files are named after what they show, harmlessly and never twice", () => {
  const names = new PictureNames();
  expect(
    ["ann/1", "Ann/1", "ann_1", "../../etc/x", "é ü", "", "a".repeat(300), "ann_1"].map((name) =>
      names.fileFor(name),
    ),
  ).toEqual([
    "ann_1.jpg",
    "Ann_1-2.jpg",
    "ann_1-3.jpg",
    "etc_x.jpg",
    "picture.jpg",
    "picture-2.jpg",
    `${"a".repeat(80)}.jpg`,
    "ann_1-4.jpg",
  ]);
});
