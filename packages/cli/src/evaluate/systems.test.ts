import { expect, it } from "vitest";
import { parseSystem } from "./systems.js";

it("takes the name from the option, or from the folder", () => {
  expect(parseSystem("ours=a/b=c")).toEqual([{ name: "ours", folder: "a/b=c" }]);
  expect(parseSystem("results/deca/")).toEqual([{ name: "deca", folder: "results/deca/" }]);
});

it("appends to what came before and refuses a name twice", () => {
  const first = parseSystem("a=x");
  expect(parseSystem("b=x", first).map(({ name }) => name)).toEqual(["a", "b"]);
  expect(() => parseSystem("a=y", first)).toThrow(/two systems a/);
});

it("refuses nothing as a name or folder", () => {
  expect(() => parseSystem("=x")).toThrow(/name and a folder/);
  expect(() => parseSystem("a=")).toThrow(/name and a folder/);
});
