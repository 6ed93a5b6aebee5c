import { expect, it } from "vitest";
import { parsePerSystem } from "./per-system.js";

it("collects values by system, and one for all", () => {
  const all = parsePerSystem("b=y=z", parsePerSystem("x"));
  expect([...all]).toEqual([
    ["", "x"],
    ["b", "y=z"],
  ]);
});

it("refuses one that comes twice, and none", () => {
  expect(() => parsePerSystem("y", parsePerSystem("x"))).toThrow(/twice for all/);
  expect(() => parsePerSystem("a=y", parsePerSystem("a=x"))).toThrow(/twice for a/);
  expect(() => parsePerSystem("a=")).toThrow(/a value/);
});
