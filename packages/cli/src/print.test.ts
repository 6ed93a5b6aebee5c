import fc from "fast-check";
import { expect, it } from "vitest";
import { formatJson } from "./print.node.js";

it("keeps the value, with numbers of a list on one line", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(formatJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 20190616 },
  );
  expect(
    formatJson({
      a: [
        [1, -2.5],
        [3e-7, 4],
      ],
    }),
  ).toBe('{\n  "a": [\n    [1, -2.5],\n    [3e-7, 4]\n  ]\n}\n');
});
