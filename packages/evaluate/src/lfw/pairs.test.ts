import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePairs, photoName } from "./pairs.js";

const LIST = [
  "2\t2",
  "Abel_Pacheco\t1\t4",
  "Akhmed_Zakayev\t1\t3",
  "Abdel_Madi_Shabneh\t1\tDean_Barker\t1",
  "Abdul_Rahman\t1\tPortia_de_Rossi\t1",
  "Ai_Sugiyama\t1\t2",
  "Al_Sharpton 2 6",
  "Aaron_Guiel\t1\tReese_Witherspoon\t3",
  "Adam_Ant\t12\tNoah_Wyle\t1",
];

const broken = (line: number, text: string) =>
  parsePairs(LIST.with(line - 1, text).join("\n"), "pairs.txt");

describe("a list of pairs", () => {
  it("has folds of pairs of one person and of two", () => {
    const { folds, pairsPerFold, pairs, problems } = parsePairs(`${LIST.join("\r\n")}\n\n`, "p");
    expect({ folds, pairsPerFold, problems }).toEqual({ folds: 2, pairsPerFold: 2, problems: [] });
    expect(pairs.map(({ fold, place, same }) => [fold, place, same])).toEqual([
      [0, 0, true],
      [0, 1, true],
      [0, 0, false],
      [0, 1, false],
      [1, 0, true],
      [1, 1, true],
      [1, 0, false],
      [1, 1, false],
    ]);
    expect([pairs[0]!.first, pairs[0]!.second].map(photoName)).toEqual([
      "Abel_Pacheco_0001",
      "Abel_Pacheco_0004",
    ]);
    expect([pairs[7]!.first, pairs[7]!.second].map(photoName)).toEqual([
      "Adam_Ant_0012",
      "Noah_Wyle_0001",
    ]);
  });

  it("may have one fold, and say so by its number of pairs alone", () => {
    const { folds, pairs } = parsePairs("1\nA\t1\t2\nA\t1\tB\t1\n", "pairsDevTrain.txt");
    expect([folds, pairs.length]).toEqual([1, 2]);
  });

  it.each([
    [2, "Abel_Pacheco\t1", "should be a name and two numbers"],
    [2, "Abel_Pacheco\t1\t4\t5", "should be a name and two numbers"],
    [4, "Abdel_Madi_Shabneh\t1\tDean_Barker", "should be two names"],
    [2, "", "should be a name"],
    [2, "Abel_Pacheco\t0\t4", "names no photo"],
    [2, "Abel_Pacheco\t1\t10000", "names no photo"],
    [2, "Abel_Pacheco\t1\t-4", "names no photo"],
    [2, "Abel_Pacheco\t1\t4.5", "names no photo"],
    [2, "..\t1\t4", "names no photo"],
    [2, "../../etc\t1\t4", "names no photo"],
    [2, "a\\b\t1\t4", "names no photo"],
    [2, "c:\t1\t4", "names no photo"],
    [2, "a\u0000b\t1\t4", "names no photo"],
    [2, `${"x".repeat(101)}\t1\t4`, "names no photo"],
    [2, "Abel_Pacheco\t4\t4", "the same photo twice"],
    [4, "Abdul_Rahman\t1\tAbdul_Rahman\t2", "one person where it should name two"],
  ])("line %i may be wrong, and the rest goes on: %j", (line, text, reason) => {
    const { pairs, problems } = broken(line, text);
    expect(pairs).toHaveLength(7);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(reason);
    expect(problems[0]).toContain(`Line ${line} of pairs.txt`);
  });

  it("that is too short or too long is told of", () => {
    const short = parsePairs(LIST.slice(0, -1).join("\n"), "p");
    expect(short.pairs).toHaveLength(7);
    expect(short.problems).toEqual([
      "p should have 8 pairs by its first line, but has 7 more lines.",
    ]);
    const long = parsePairs([...LIST, "Somebody\t1\t2"].join("\n"), "p");
    expect(long.pairs).toHaveLength(8);
    expect(long.problems[0]).toContain("but has 9 more lines");
  });

  it.each([
    "",
    "x",
    "10",
    "0\t300",
    "10\t300\t1",
    "1e1\t3",
    "1001\t1",
    "500\t300",
    "99999999999\t1",
  ])("that begins with %j is refused", (first) => {
    const text = [first, ...LIST.slice(1)].join("\n");
    // One number promises pairs of one fold, of which hardly any is one.
    if (first === "10") expect(parsePairs(text, "p").problems.length).toBeGreaterThan(3);
    else expect(() => parsePairs(text, "p")).toThrow(/no list of pairs|can be compared/);
  });

  it("of which hardly a line is a pair is refused", () => {
    const text = ["10\t30", ...Array.from({ length: 600 }, () => "nonsense")].join("\n");
    expect(() => parsePairs(text, "p")).toThrow("more than 100 lines are wrong");
  });

  it("of any text gives pairs or a sentence", () => {
    const word = fc.constantFrom(
      "a",
      "b",
      "1",
      "2",
      "03",
      "..",
      "/",
      "\t",
      " ",
      "-1",
      "é",
      "\u0000",
    );
    const line = fc.array(word, { maxLength: 7 }).map((words) => words.join("\t"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { pairs } = parsePairs(["2\t2", ...lines].join("\n"), "p");
        for (const { first, second, same } of pairs) {
          expect(photoName(first)).toMatch(/^[^/\\]+_\d{4}$/);
          expect(same).toBe(first.name === second.name);
        }
      }),
    );
  });
});
