import { expect, it } from "vitest";
import { ARKIT_NAMES } from "./arkit.js";

it("has ARKit's 52 names, each once", () => {
  expect(ARKIT_NAMES).toHaveLength(52);
  expect(new Set(ARKIT_NAMES).size).toBe(52);
});
