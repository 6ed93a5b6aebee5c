import { expect, test } from "vitest";
import { mentions } from "./mentions.js";

test("mentions finds names anywhere, across the pieces it looks at", () => {
  const bytes = new Uint8Array(3 << 20).fill(0xe9);
  const put = (name: string, at: number): void => bytes.set(new TextEncoder().encode(name), at);
  put("first", 0);
  put("across", (1 << 20) - 3);
  put("last", bytes.length - 4);
  expect(mentions(bytes, ["last", "across", "first"])).toBe(true);
  expect(mentions(bytes, ["first", "missing"])).toBe(false);
  expect(mentions(new Uint8Array(0), ["first"])).toBe(false);
});
