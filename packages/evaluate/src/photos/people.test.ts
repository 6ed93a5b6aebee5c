import { expect, it } from "vitest";
import { peopleOf } from "./people.js";

const files = (names: readonly string[]) => names.map((name) => ({ name, path: `/x/${name}` }));
const namesOf = (names: readonly string[]) =>
  peopleOf(files(names)).map(({ name, photos }) => [name, ...photos.map((photo) => photo.name)]);

it("photos that share a folder of their own are one person's", () => {
  expect(namesOf(["b/2.jpg", "a/deep/1.jpg", "b/1.jpg", "a/deep/2.jpg", "c/only.jpg"])).toEqual([
    ["a/deep", "a/deep/1.jpg", "a/deep/2.jpg"],
    ["b", "b/1.jpg", "b/2.jpg"],
    ["c/only.jpg", "c/only.jpg"],
  ]);
});

it("photos of the folder itself are a person each", () => {
  expect(namesOf(["b.jpg", "a.jpg", "c/1.jpg", "c/2.jpg"])).toEqual([
    ["a.jpg", "a.jpg"],
    ["b.jpg", "b.jpg"],
    ["c", "c/1.jpg", "c/2.jpg"],
  ]);
});
