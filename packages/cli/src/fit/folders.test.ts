import { join } from "node:path";
import { expect, it } from "vitest";
import { foldersOf, numbered } from "./folders.js";

it("gives one photo the folder itself", () => {
  expect(foldersOf(["a/b.jpg"], "out")).toEqual(["out"]);
});

it("gives several photos folders of different names", () => {
  const photos = ["a/x.jpg", "b/x.png", "X.webp", "x-2.jpg", "y", ".jpg", "d.ots/z.tar.gz"];
  expect(foldersOf(photos, "out")).toEqual(
    ["x", "x-2", "X-3", "x-2-2", "y", ".jpg", "z.tar"].map((name) => join("out", name)),
  );
});

it("numbers the files of further photos", () => {
  expect([0, 1, 9].map((i) => numbered("fit.json", i))).toEqual([
    "fit.json",
    "fit-2.json",
    "fit-10.json",
  ]);
});
