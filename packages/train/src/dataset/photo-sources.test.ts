import { describe, expect, it } from "vitest";
import { parseSources, provenanceOf } from "./photo-sources.js";

const SOURCES = [
  { folder: "london", licence: "CC-BY-4.0", attribution: "them", person: "/(\\d+)_" },
  { folder: "canada", licence: "CC0-1.0", attribution: "", whiteBalance: [0.9, 1, 1.1] },
];

describe("sources of photos", () => {
  it("tell licence, person and cast by the folder", () => {
    const sources = parseSources(JSON.stringify(SOURCES), "s.json");
    const london = { licence: "CC-BY-4.0", attribution: "them", whiteBalance: [1, 1, 1] };
    expect(provenanceOf("london/012_smiling.jpg", sources)).toEqual({ ...london, person: "012" });
    // Where the expression does not match, the photo stands for itself.
    expect(provenanceOf("london/other.jpg", sources).person).toBe("london/other");
    expect(provenanceOf("canada/003.f.jpg", sources)).toEqual({
      licence: "CC0-1.0",
      attribution: "",
      whiteBalance: [0.9, 1, 1.1],
      person: "canada/003.f",
    });
    expect(provenanceOf("londoners/012_a.jpg", sources)).toMatchObject({ licence: "unknown" });
  });

  const wrong: readonly [what: string, text: string, RegExp][] = [
    ["no JSON", "[", /no JSON/],
    ["no list", "{}", /the whole/],
    ["no licence", '[{"folder": "a", "attribution": ""}]', /0\.licence/],
    ["a misspelt field", '[{"folder": "a", "licence": "x", "attribution": "", "foo": 1}]', /foo/],
    [
      "a negative factor",
      '[{"folder": "a", "licence": "x", "attribution": "", "whiteBalance": [1, -1, 1]}]',
      /whiteBalance/,
    ],
    [
      "no regular expression",
      '[{"folder": "a", "licence": "x", "attribution": "", "person": "("}]',
      /0\.person/,
    ],
  ];
  for (const [what, text, message] of wrong) {
    it(`refuse ${what}`, () => {
      expect(() => parseSources(text, "s.json")).toThrow(message);
    });
  }
});
