import { join } from "node:path";
import { expect, it } from "vitest";
import { foldersOf } from "./folders.js";

it("gives one photo the folder itself", () => {
  expect(foldersOf(["a/b.jpg"], "out")).toEqual(["out"]);
});

it("gives several photos folders of different names", () => {
  const photos = ["a/x.jpg", "b/x.png", "X.webp", "x-2.jpg", "y", ".jpg", "d.ots/z.tar.gz"];
  expect(foldersOf(photos, "out")).toEqual(
    ["x", "x-2", "X-3", "x-2-2", "y", ".jpg", "z.tar"].map((name) => join("out", name)),
  );
});
