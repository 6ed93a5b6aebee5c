import { describe, expect, it } from "vitest";
import { parseVertexIds } from "./vertex-ids.js";

const text = (content: string) => new TextEncoder().encode(content);
const base64 = (content: string) => Uint8Array.from(Buffer.from(content, "base64"));

describe("parseVertexIds", () => {
  // Pickles written by Python 3.11 and numpy 1.26.
  it.each([
    ["a.txt", text("5 70000\n2, 0\n")],
    ["a.json", text("[5, 70000, 2, 0]")],
    ["a.pkl", base64("KGxwMApJNQphSTcwMDAwCmFJMgphSTAKYS4=")],
    ["a.PKL", base64("gAJdcQAoSwVKcBEBAEsCSwBlLg==")],
    ["a.pkl", base64("gASVEAAAAAAAAABdlChLBUpwEQEASwJLAGUu")],
    [
      "numpy.pkl",
      base64(
        "gAJjbnVtcHkuX2NvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQBjbnVtcHkKbmRhcnJheQpxAUsAhXECY19jb2RlY3MKZW5jb2RlCnEDWAEAAABicQRYBgAAAGxhdGluMXEFhnEGUnEHh3EIUnEJKEsBSwSFcQpjbnVtcHkKZHR5cGUKcQtYAgAAAGk4cQyJiIdxDVJxDihLA1gBAAAAPHEPTk5OSv////9K/////0sAdHEQYoloA1ggAAAABQAAAAAAAABwEQEAAAAAAAIAAAAAAAAAAAAAAAAAAABxEWgFhnESUnETdHEUYi4=",
      ),
    ],
  ])("reads %s", (name, bytes) => {
    expect(parseVertexIds(bytes, name)).toEqual(Uint32Array.of(5, 70000, 2, 0));
  });

  it.each([
    ["a.txt", text(""), "a.txt is not a list of vertex indices."],
    ["a.txt", text("1 x"), 'At line 1, a.txt has "x" where a number belongs.'],
    ["a.txt", text("1 -2"), "Entry 2 of a.txt is no vertex index."],
    ["a.txt", text("1.5"), "Entry 1 of a.txt is no vertex index."],
    ["a.txt", text("4294967296"), "Entry 1 of a.txt is no vertex index."],
    ["a.json", text("{}"), "a.json is not a list of vertex indices."],
    ["a.json", text('["1"]'), "Entry 1 of a.json is no vertex index."],
    ["a.json", text("[1"), "a.json is not JSON, or cut off."],
    ["a.pkl", base64("gAJdcQBHP/gAAAAAAABhLg=="), "Entry 1 of a.pkl is no vertex index."],
    [
      "a.csv",
      text("1"),
      "a.csv is no list of indices that can be read: its ending is none of .pkl, .json, .txt.",
    ],
    [
      "a",
      text("1"),
      "a is no list of indices that can be read: its ending is none of .pkl, .json, .txt.",
    ],
  ])("refuses %s (%#)", (name, bytes, message) => {
    expect(() => parseVertexIds(bytes, name)).toThrow(
      expect.objectContaining({ code: "data", message }),
    );
  });

  it("executes nothing", () => {
    const evil = text("cos\nsystem\n(S'echo'\ntR.");
    expect(() => parseVertexIds(evil, "a.pkl")).toThrow(
      expect.objectContaining({ code: "data", message: expect.stringMatching(/"os.system"/) }),
    );
  });
});
