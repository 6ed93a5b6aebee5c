import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TextScanner } from "./text-scanner.js";

const scan = (text: string) => new TextScanner(new TextEncoder().encode(text), "some.txt");

describe("TextScanner", () => {
  it("reads every number as JavaScript does, to the last bit", () => {
    const written = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((x) => x.toFixed(6)),
      fc.double({ noNaN: true, min: -1e30, max: 1e30 }).map((x) => x.toExponential()),
      fc.tuple(fc.integer(), fc.nat()).map(([a, b]) => `${a}.${b}`),
      fc.integer().map((x) => `${x}.`),
      fc.nat().map((x) => `+.${x}`),
    );
    fc.assert(
      fc.property(fc.array(written, { minLength: 1 }), (words) => {
        const scanner = scan(words.join(" \t"));
        for (const word of words) expect(scanner.number()).toBe(Number(word));
        expect(scanner.moreInFile()).toBe(false);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    "nan",
    "inf",
    "-Infinity",
    "1e999",
    "1e",
    "0x10",
    "1,5",
    ".",
    "-",
    "1.2.3",
    "1_0",
    "--1",
  ])("refuses %s as a number and names the line", (word) => {
    const scanner = scan(`1\n2 ${word}\n`);
    scanner.number();
    scanner.nextLine();
    scanner.number();
    expect(() => scanner.number()).toThrow(
      `At line 2, some.txt has ${JSON.stringify(word)} where a number belongs.`,
    );
  });

  it("refuses to look for a number on the next line", () => {
    expect(() => scan(" \n5").number()).toThrow("ends a line where a number belongs");
  });

  it("counts lines that end in LF, CR LF and CR, and passes over a byte order mark", () => {
    const scanner = scan("\ufeff1\r\n2\r3\n4");
    for (const line of [1, 2, 3, 4]) {
      expect(scanner.number()).toBe(line);
      expect(scanner.where).toBe(line);
      scanner.nextLine();
    }
    expect(scanner.done).toBe(true);
  });
});
