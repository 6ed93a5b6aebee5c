import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { believableFocalLength, focalLengthInPixels, readFocalLength } from "./focal-length.js";

const blank = { create: { width: 32, height: 16, channels: 3 as const, background: "#806040" } };
const withExif = (tags: Record<string, string>) => sharp(blank).withExif({ IFD2: tags });
const LENS = { FocalLength: "425/100", FocalLengthIn35mmFilm: "26" };

test("from every kind of file that carries EXIF data", async () => {
  for (const format of ["jpeg", "png", "webp", "avif"] as const) {
    const file = await withExif(LENS)[format]().toBuffer();
    expect(await readFocalLength(file), format).toEqual({ millimetres: 4.25, in35mm: 26 });
  }
});

test("from TIFF, whose own directory leads to it", async () => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]);
  // One entry, the address of the EXIF directory, which has one entry: 26, a SHORT.
  view.setUint16(8, 1);
  for (const [at, tag, type, value] of [
    [10, 0x8769, 4, 26],
    [28, 0xa405, 3, 26 << 16],
  ] as const) {
    view.setUint16(at, tag);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, 1);
    view.setUint32(at + 8, value);
  }
  view.setUint16(26, 1);
  expect(await readFocalLength(bytes)).toEqual({ millimetres: null, in35mm: 26 });
});

test("null where there is none, or it makes no sense", async () => {
  const none = { millimetres: null, in35mm: null };
  expect(await readFocalLength(await sharp(blank).jpeg().toBuffer())).toEqual(none);
  expect(await readFocalLength(new Uint8Array(0))).toEqual(none);
  expect(await readFocalLength(new TextEncoder().encode("no picture"))).toEqual(none);
  const zero = withExif({ FocalLength: "0/1", FocalLengthIn35mmFilm: "0" });
  expect(await readFocalLength(await zero.jpeg().toBuffer())).toEqual(none);
  const broken = withExif({ FocalLength: "5/0" });
  expect(await readFocalLength(await broken.jpeg().toBuffer())).toEqual(none);
});

test("hostile metadata do no harm", async () => {
  const files = await Promise.all([
    withExif(LENS).jpeg().toBuffer(),
    withExif(LENS).png().toBuffer(),
    withExif(LENS).webp().toBuffer(),
    withExif(LENS).avif().toBuffer(),
  ]);
  const finite = (value: number | null) => value === null || Number.isFinite(value);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(3),
      fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (index, changes) => {
        const bytes = Uint8Array.from(files[index]!);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const { millimetres, in35mm } = await readFocalLength(bytes);
        expect(finite(millimetres) && finite(in35mm)).toBe(true);
      },
    ),
    { seed: 3, numRuns: 400 },
  );
});

test("a normal lens sees 47 degrees across the diagonal", () => {
  const pixels = focalLengthInPixels(50, 600, 400);
  expect((2 * Math.atan(Math.hypot(600, 400) / 2 / pixels) * 180) / Math.PI).toBeCloseTo(46.8, 1);
});

test("only a whole frame of a usual lens is believed", () => {
  const of = (in35mm: number | null, width: number, height: number) =>
    believableFocalLength({ millimetres: null, in35mm }, width, height);
  expect(of(26, 4032, 3024)).toBeCloseTo(focalLengthInPixels(26, 4032, 3024));
  expect(of(85, 4000, 6000)).toBeCloseTo(focalLengthInPixels(85, 4000, 6000));
  expect(of(26, 3024, 3024)).toBeNull();
  expect(of(4, 4032, 3024)).toBeNull();
  expect(of(null, 4032, 3024)).toBeNull();
});
