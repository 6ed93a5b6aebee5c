import { describe, expect, test } from "vitest";
import { refusal } from "../../../test/published-models.js";
import { looksLikePickle, PickleArray, PickleObject, readPickle } from "./pickle.js";

/** A pickle from its instructions, as text in Latin-1. */
const pickle = (code: string): Uint8Array => new Uint8Array(Buffer.from(code, "latin1"));
const read = (code: string) => readPickle(pickle(code), "The pickle");

describe("readPickle", () => {
  // Left: written by Python 3.11's pickle (protocols 0, 2 and 5) and Python 2.7's, copied from a hex dump.
  test.each([
    ["(dp0\nVa\np1\nI1\ns.", new Map([["a", 1]])],
    ["\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.", new Map([["a", 1]])],
    ["\x80\x05\x95\x0a\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.", new Map([["a", 1]])],
    ["\x80\x02}q\x01U\x01aq\x02K\x01s.", new Map([["a", 1]])],
    ["(lp0\nI01\naI00\naNa.", [true, false, null]],
    ["\x80\x02\x88\x89N\x87q\x00.", [true, false, null]],
    ["\x80\x02G?\xf8\x00\x00\x00\x00\x00\x00.", 1.5],
    ["F-2.5\n.", -2.5],
    ["L12345678901234567890L\n.", 12345678901234567890n],
    ["\x80\x02\x8a\x02\x00\xff.", -256],
    ["\x80\x02J\xff\xff\xff\xff.", -1],
    ["\x80\x02M\x01\x02.", 513],
    ["V\\u00e4\n.", "ä"],
    ["\x80\x02X\x02\x00\x00\x00\xc3\xa4q\x00.", "ä"],
    ["S'a\\x00\\n\\'\\101'\n.", Uint8Array.of(97, 0, 10, 39, 65)],
    ["\x80\x03C\x02\x00\xffq\x00.", Uint8Array.of(0, 255)],
    [
      "\x80\x02c_codecs\nencode\nq\x00X\x03\x00\x00\x00\x00\xc3\xbfq\x01X\x06\x00\x00\x00latin1q\x02\x86q\x03Rq\x04.",
      Uint8Array.of(0, 255),
    ],
    ["\x80\x04\x8f\x94(K\x01K\x02\x90.", [1, 2]],
    ["\x80\x02c__builtin__\nset\n]q\x00(K\x01K\x02e\x85R.", [1, 2]],
  ])("reads %j", (code, value) => {
    expect(read(code)).toEqual(value);
  });

  test("keeps what is shared shared, and cycles too", () => {
    const list = read("\x80\x02]q\x00h\x00a.") as unknown[];
    expect(list[0]).toBe(list);
  });

  test("makes arrays and inert objects", () => {
    const array = read(
      "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\nX\x02\x00\x00\x00u2K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x04\x00\x01\x00\x02tb.",
    );
    expect(array).toBeInstanceOf(PickleArray);
    expect((array as PickleArray).array).toEqual({
      shape: [2],
      data: Uint16Array.of(1, 2),
      order: "C",
    });
    const object = read("\x80\x02cchumpy.ch\nCh\n)\x81}U\x01xK\x05sb.");
    expect(object).toBeInstanceOf(PickleObject);
    expect((object as PickleObject).state).toEqual(new Map([["x", 5]]));
  });

  test.each([
    ["\x80\x02cposix\nsystem\nU\x04true\x85R.", "posix.system"],
    ["cos\nsystem\n(S'true'\ntR.", "os.system"],
    ["(S'true'\nios\nsystem\n.", "os.system"],
    ["(cos\nsystem\nS'true'\no.", "os.system"],
    ["\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.", "builtins.eval"],
    ["\x80\x02c__builtin__\ngetattr\n.", "__builtin__.getattr"],
    ["\x80\x02cnumpy.core.multiarray\nload\n.", "numpy.core.multiarray.load"],
    ["\x80\x02cscipy.sparse.csc\nos\n.", "scipy.sparse.csc.os"],
    ["\x80\x02c__main__\nchumpy\n.", "__main__.chumpy"],
    ["\x80\x02cnumpy\nndarray.__reduce__\n.", "numpy.ndarray.__reduce__"],
  ])("refuses %j", async (code, name) => {
    const sentence = await refusal(() => read(code));
    expect(sentence).toContain(`"${name}"`);
    expect(sentence).toContain("nothing was executed");
  });

  test.each([
    ["persistent ids", "Pabc\n."],
    ["extensions", "\x82\x01."],
    ["buffers outside", "\x80\x05\x97."],
    ["a newer protocol", "\x80\x06N."],
    ["an empty stack", "."],
    ["an empty stack within a mark", "K\x01(0."],
    ["an unmatched tuple", "t."],
    ["an unknown memo", "h\x07."],
    ["items for a number", "K\x01K\x02a."],
    ["an odd dictionary", "(K\x01d."],
    ["a call of a number", "K\x01)R."],
    ["a state for a number", "K\x01K\x02b."],
    ["lengths beyond the end", "X\xff\xff\xff\xffabc."],
    ["negative lengths", "T\xff\xff\xff\xffabc."],
    ["lengths of 64 bits", "\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc."],
    ["no line end", "Iabc"],
    ["no number", "Iabc\n."],
    ["a huge integer", `\x8a\xff${"a".repeat(255)}.`],
    ["no quotes", "Sabc\n."],
    ["no end", "K\x01"],
    [
      "an array of the wrong size",
      "cnumpy.core.multiarray\n_reconstruct\n)R(K\x01K\x09\x85cnumpy\ndtype\nU\x02f8\x85R\x89U\x03abctb.",
    ],
    ["an unknown type of numbers", "cnumpy\ndtype\nU\x02m8\x85R."],
  ])("refuses %s", async (_, code) => {
    expect(await refusal(() => read(code))).toMatch(/damaged pickle/);
  });

  test("bounds the memory that instructions can make", async () => {
    // One text of 1 MB, encoded to bytes again and again at three bytes each time.
    const text = "a".repeat(1 << 20);
    const length = "\x00\x00\x10\x00";
    const again = "h\x00h\x01R".repeat(1000);
    const bomb = `\x80\x02c_codecs\nencode\nq\x00X${length}${text}\x85q\x01]q\x02(${again}e.`;
    expect(await refusal(() => read(bomb))).toMatch(/far more data/);
    const list = `\x80\x02c__builtin__\nlist\nq\x00](${"N".repeat(100_000)}e\x85q\x01](${"h\x00h\x01R".repeat(10_000)}e.`;
    expect(await refusal(() => read(list))).toMatch(/far more data/);
  });
});

test("looksLikePickle", () => {
  expect(looksLikePickle(pickle("\x80\x02}q"))).toBe(true);
  expect(looksLikePickle(pickle("(dp0\n"))).toBe(true);
  expect(looksLikePickle(pickle("PK\x03\x04"))).toBe(false);
  expect(looksLikePickle(new Uint8Array(0))).toBe(false);
});
