import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GanfitError } from "../errors.js";
import { linearToSrgb, srgbToLinear } from "./colour.js";
import { decodeImage, readImage } from "./decode.node.js";
import type { Image } from "./image.js";

const WIDTH = 24;
const HEIGHT = 16;

/** Smooth, so that lossy formats keep it, and different in every corner. */
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const x = Math.floor(i / 3) % WIDTH;
  const y = Math.floor(i / 3 / WIDTH);
  return [40 + 7 * x, 220 - 9 * y, 60 + 3 * x + 5 * y][i % 3]!;
});

const source = (): Sharp => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** sRGB to the gamma-coded numbers of Display P3 for the same colour (both have the white D65). */
function p3Of(rgb: readonly number[]): number[] {
  const [r, g, b] = rgb.map((value) => srgbToLinear(value / 255)) as [number, number, number];
  return [
    0.8224621 * r + 0.177538 * g,
    0.0331941 * r + 0.9668058 * g,
    0.0170827 * r + 0.0723974 * g + 0.9105199 * b,
  ].map((value) => 255 * linearToSrgb(value));
}

function expectPixels(actual: Image, expected: ArrayLike<number>, tolerance: number) {
  expect([actual.width, actual.height]).toEqual([WIDTH, HEIGHT]);
  let worst = 0;
  for (let i = 0; i < actual.data.length; i++) {
    worst = Math.max(worst, Math.abs(actual.data[i]! - expected[i]!));
  }
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe("formats", () => {
  const lossless: [string, () => Promise<Buffer>][] = [
    ["png", () => source().png().toBuffer()],
    ["webp", () => source().webp({ lossless: true }).toBuffer()],
    ["tiff", () => source().tiff({ compression: "lzw" }).toBuffer()],
  ];
  for (const [format, encode] of lossless) {
    test(`${format} without loss`, async () => {
      const image = await decodeImage(await encode());
      expect(image).toMatchObject({ format, scale: 1 });
      expect(image.alpha).toBeUndefined();
      expectPixels(image, pixels, 0);
    });
  }

  const lossy: [string, () => Promise<Buffer>, number][] = [
    ["jpeg", () => source().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(), 3],
    ["jpeg", () => source().jpeg({ quality: 95, progressive: true }).toBuffer(), 12],
    ["avif", () => source().avif({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer(), 8],
    ["webp", () => source().webp({ quality: 95 }).toBuffer(), 16],
    ["gif", () => source().gif({ dither: 0 }).toBuffer(), 30],
  ];
  for (const [format, encode, tolerance] of lossy) {
    test(`${format} with loss`, async () => {
      const image = await decodeImage(await encode());
      expect(image.format).toBe(format);
      expectPixels(image, pixels, tolerance);
    });
  }

  test("the first frame of an animation", async () => {
    const frames = [
      [255, 0, 0],
      [0, 0, 255],
    ].map(([r, g, b]) => ({
      create: { width: 8, height: 8, channels: 3 as const, background: { r: r!, g: g!, b: b! } },
    }));
    const bytes = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    for (const format of ["gif", "webp"] as const) {
      const animated = sharp(bytes, { join: { animated: true } });
      const file = await (format === "gif"
        ? animated.gif().toBuffer()
        : animated.webp({ lossless: true }).toBuffer());
      expect((await sharp(file).metadata()).pages).toBe(2);
      const image = await decodeImage(file);
      expect([image.width, image.height]).toEqual([8, 8]);
      expect([...image.data.slice(0, 3)]).toEqual([255, 0, 0]);
    }
  });

  test("one pixel", async () => {
    const one = { create: { width: 1, height: 1, channels: 3 as const, background: "#102030" } };
    expect(await decodeImage(await sharp(one).png().toBuffer())).toEqual({
      width: 1,
      height: 1,
      data: Uint8Array.of(16, 32, 48),
      format: "png",
      scale: 1,
    });
  });
});

describe("kinds of pixels", () => {
  const ramp = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 5) % 256);
  const grey = [...ramp].flatMap((value) => [value, value, value]);
  const raw = (channels: 1 | 2 | 4) => ({ raw: { width: WIDTH, height: HEIGHT, channels } });

  test("grey", async () => {
    const file = await sharp(ramp, raw(1)).toColourspace("b-w").png().toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(1);
    expectPixels(await decodeImage(file), grey, 0);
    const jpeg = await sharp(ramp, raw(1)).toColourspace("b-w").jpeg({ quality: 100 }).toBuffer();
    expectPixels(await decodeImage(jpeg), grey, 3);
  });

  test("grey with opacity", async () => {
    const values = Uint8Array.from({ length: 2 * ramp.length }, (_, i) =>
      i % 2 ? 255 - ramp[i >> 1]! : ramp[i >> 1]!,
    );
    const file = await sharp(values, raw(2)).toColourspace("b-w").png().toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(2);
    const image = await decodeImage(file);
    expectPixels(image, grey, 0);
    expect([...image.alpha!]).toEqual([...ramp].map((value) => 255 - value));
  });

  test("colour with opacity, which is not multiplied in", async () => {
    const values = Uint8Array.from({ length: 4 * ramp.length }, (_, i) =>
      i % 4 === 3 ? ramp[i >> 2]! : pixels[3 * (i >> 2) + (i % 4)]!,
    );
    for (const encode of ["png", "webp"] as const) {
      const encoder = sharp(values, raw(4));
      const file = await (encode === "png"
        ? encoder.png()
        : encoder.webp({ lossless: true, exact: true })
      ).toBuffer();
      const image = await decodeImage(file);
      expectPixels(image, pixels, 0);
      expect([...image.alpha!]).toEqual([...ramp]);
    }
  });

  test("a palette", async () => {
    const file = await source().png({ palette: true, colours: 256, dither: 0 }).toBuffer();
    expect((await sharp(file).metadata()).isPalette).toBe(true);
    expectPixels(await decodeImage(file), pixels, 24);
  });

  test("16 bits are rounded, not cut", async () => {
    const deep = Uint16Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 5381) % 65536);
    const bytes = Uint8Array.from(deep, (value) => Math.round((255 * value) / 65535));
    const png = await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    for (const file of [png, deepTiff(deep)]) {
      expect((await sharp(file).metadata()).depth).toBe("ushort");
      expectPixels(await decodeImage(file), bytes, 0);
    }
    const greys = deep.slice(0, WIDTH * HEIGHT);
    const file = await sharp(greys, raw(1)).toColourspace("grey16").png().toBuffer();
    expect(await sharp(file).metadata()).toMatchObject({ depth: "ushort", channels: 1 });
    const expected = [...greys].flatMap((value) => Array<number>(3).fill(Math.round(value / 257)));
    expectPixels(await decodeImage(file), expected, 0);
  });

  /** An uncompressed little-endian TIFF of 16 bit RGB. */
  function deepTiff(values: Uint16Array): Uint8Array {
    const tags = [
      ...[256, 3, 1, WIDTH, 257, 3, 1, HEIGHT, 258, 3, 3, 122, 259, 3, 1, 1, 262, 3, 1, 2],
      ...[273, 4, 1, 128, 277, 3, 1, 3, 278, 3, 1, HEIGHT, 279, 4, 1, 2 * values.length],
    ];
    const bytes = new Uint8Array(128 + 2 * values.length);
    const view = new DataView(bytes.buffer);
    bytes.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, tags.length / 4, 0]);
    for (let i = 0; i < tags.length; i += 4) {
      view.setUint16(10 + 3 * i, tags[i]!, true);
      view.setUint16(12 + 3 * i, tags[i + 1]!, true);
      view.setUint32(14 + 3 * i, tags[i + 2]!, true);
      view.setUint32(18 + 3 * i, tags[i + 3]!, true);
    }
    for (let i = 0; i < 3; i++) view.setUint16(122 + 2 * i, 16, true);
    values.forEach((value, i) => {
      view.setUint16(128 + 2 * i, value, true);
    });
    return bytes;
  }

  test("Display P3 becomes sRGB", async () => {
    // Written as numbers of P3, without conversion.
    const p3 = Uint8Array.from(
      Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
        p3Of([...pixels.slice(3 * i, 3 * i + 3)]),
      ).flat(),
      Math.round,
    );
    const raw = { width: WIDTH, height: HEIGHT, channels: 3 as const };
    const profile = (await source().withIccProfile("p3").png().toBuffer().then(metadataOf)).icc!;
    const path = join(await mkdtemp(join(tmpdir(), "ganfit-")), "p3.icc");
    await writeFile(path, profile);
    const tagged = await sharp(p3, { raw }).withIccProfile(path, { attach: true }).png().toBuffer();
    await rm(path);
    // sharp converts from sRGB to the profile when it attaches one, so that the file holds P3 of P3.
    const stored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
    const twice = Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
      p3Of([...p3.slice(3 * i, 3 * i + 3)]),
    ).flat();
    for (let i = 0; i < stored.length; i++) {
      expect(Math.abs(stored[i]! - twice[i]!)).toBeLessThan(2.5);
    }
    expectPixels(await decodeImage(tagged), p3, 2);
  });

  test("16 bits in Display P3", async () => {
    const deep = Uint16Array.from(pixels, (value) => value * 257);
    const file = await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace("rgb16")
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const metadata = await metadataOf(file);
    expect(metadata).toMatchObject({ depth: "ushort", hasProfile: true });
    expectPixels(await decodeImage(file), pixels, 2);
  });

  test("CMYK", async () => {
    // Colours of skin, which inks can show.
    const skin = pixels.map((_, i) => [150, 120, 105][i % 3]! + (Math.floor(i / 3) % WIDTH));
    for (const format of ["tiff", "jpeg"] as const) {
      const file = await sharp(skin, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
        .toColourspace("cmyk")
        .withIccProfile("cmyk")
        [format]({ quality: 100 })
        .toBuffer();
      expect(await metadataOf(file)).toMatchObject({ space: "cmyk", channels: 4 });
      // Profiles map colours to inks and back only nearly.
      expectPixels(await decodeImage(file), skin, 16);
    }
  });
});

const metadataOf = (bytes: Uint8Array) => sharp(bytes).metadata();

describe("orientation", () => {
  /** Where the pixel (x, y) of the upright picture is stored (EXIF 2.3, tag 0x0112). */
  const storedAt: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [WIDTH - 1 - x, y],
    3: (x, y) => [WIDTH - 1 - x, HEIGHT - 1 - y],
    4: (x, y) => [x, HEIGHT - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, WIDTH - 1 - x],
    7: (x, y) => [HEIGHT - 1 - y, WIDTH - 1 - x],
    8: (x, y) => [HEIGHT - 1 - y, x],
  };
  for (let orientation = 1; orientation <= 8; orientation++) {
    test(`EXIF orientation ${orientation} ends upright`, async () => {
      const [width, height] = orientation < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH];
      const stored = new Uint8Array(pixels.length);
      for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
          const [column, row] = storedAt[orientation]!(x, y);
          const from = 3 * (y * WIDTH + x);
          stored.set(pixels.subarray(from, from + 3), 3 * (row * width + column));
        }
      }
      const turned = sharp(stored, { raw: { width, height, channels: 3 } });
      const png = await turned.clone().withMetadata({ orientation }).png().toBuffer();
      expectPixels(await decodeImage(png), pixels, 0);
      const jpeg = await turned
        .withMetadata({ orientation })
        .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
        .toBuffer();
      expectPixels(await decodeImage(jpeg), pixels, 3);
    });
  }
});

describe("size", () => {
  test("larger pictures are scaled down while decoding, upright ones too", async () => {
    const jpeg = await source()
      .resize(1200, 800)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const image = await decodeImage(jpeg, { maxPixels: 240_000 });
    expect(image.scale).toBe(0.5);
    expect([image.width, image.height]).toEqual([400, 600]);
    expect(image.data.length).toBe(400 * 600 * 3);
    // Orientation 6: the stored bottom left corner is at the top left.
    const [r, g] = image.data.slice(3 * (400 * 5 + 5));
    expect(Math.abs(r! - 40)).toBeLessThan(12);
    expect(Math.abs(g! - 85)).toBeLessThan(12);
  });

  test("a small file that would decode to gigabytes", async () => {
    const header = Buffer.from(await source().png().toBuffer());
    // IHDR: 100,000 x 100,000, with a checksum of its own.
    header.writeUInt32BE(100_000, 16);
    header.writeUInt32BE(100_000, 20);
    header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
    await expect(decodeImage(header)).rejects.toThrow(
      "The picture has 100000 x 100000 pixels, but at most 268 megapixels can be read: scale it down first.",
    );
  });

  test("a limit that makes no sense", async () => {
    const file = await source().png().toBuffer();
    await expect(decodeImage(file, { maxPixels: 0 })).rejects.toMatchObject({ code: "usage" });
    await expect(decodeImage(file, { maxPixels: Number.NaN })).rejects.toMatchObject({
      code: "usage",
    });
    expect(await decodeImage(file, { maxPixels: 1 })).toMatchObject({ width: 1, height: 1 });
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe("what is not a whole picture", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const box = (brand: string, compatible: string) =>
    text(`\0\0\0\x18ftyp${brand}\0\0\0\0${compatible}${compatible}`);

  test.each([
    ["empty", new Uint8Array(0), /^The picture is empty\.$/],
    ["text", text("Dear diary,\nnot a photo.\n"), /its content is text/],
    ["HEIC", box("heic", "heic"), /HEIC.*convert it to JPEG/],
    ["HEIF", box("mif1", "mif1"), /HEIC.*convert it to JPEG/],
    ["SVG", text('<?xml version="1.0"?>\n<svg width="4" height="4"></svg>'), /SVG/],
    ["PDF", text("%PDF-1.7\n"), /PDF/],
    ["BMP", text("BM........"), /BMP/],
    ["JPEG XL", Uint8Array.of(0xff, 0x0a, 1, 2), /JPEG XL/],
    ["video", box("isom", "mp41"), /video/],
    ["Photoshop", text("8BPS\0\x01"), /Photoshop/],
    ["noise", Uint8Array.of(1, 2, 3, 4, 200), /of no known kind/],
    ["a JPEG's first bytes", Uint8Array.of(0xff, 0xd8, 0xff), /ends before its last pixel/],
    ["a PNG's first bytes", text("\x89PNG").map((b, i) => (i === 0 ? 0x89 : b)), /not a picture/],
  ])("%s", async (_, bytes, message) => {
    const failure = decodeImage(bytes);
    await expect(failure).rejects.toThrow(GanfitError);
    await expect(failure).rejects.toMatchObject({ code: "image" });
    await expect(failure).rejects.toThrow(message);
  });

  const encoded = async (): Promise<[string, Buffer][]> => {
    // Not smooth, so that there is something in every part of the file.
    const busy = sharp(
      Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31 + 17 * i) % 256),
      { raw: { width: 64, height: 64, channels: 3 } },
    );
    return [
      ["jpeg", await busy.clone().jpeg().toBuffer()],
      ["progressive jpeg", await busy.clone().jpeg({ progressive: true }).toBuffer()],
      ["png", await busy.clone().png().toBuffer()],
      ["webp", await busy.clone().webp().toBuffer()],
      ["lossless webp", await busy.clone().webp({ lossless: true }).toBuffer()],
      ["avif", await busy.clone().avif().toBuffer()],
      ["gif", await busy.clone().gif().toBuffer()],
      ["tiff", await busy.clone().tiff({ compression: "none" }).toBuffer()],
      ["lzw tiff", await busy.clone().tiff({ compression: "lzw" }).toBuffer()],
    ];
  };

  test("files cut off anywhere are refused, never filled with grey", async () => {
    for (const [format, bytes] of await encoded()) {
      for (const share of [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]) {
        const cut = bytes.subarray(0, Math.floor(share * bytes.length));
        const failure = await decodeImage(cut).then(
          () => `${format} at ${share} was decoded`,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(GanfitError);
        expect(failure).toMatchObject({ code: "image" });
      }
      // As when a download was given its room but not its bytes. Others have no checks that would tell.
      if (!/^(progressive )?jpeg|png/.test(format)) continue;
      const zeroed = Buffer.from(bytes);
      zeroed.fill(0, bytes.length >> 1);
      const result = await decodeImage(zeroed).catch((error: unknown) => error);
      expect(result, `${format} ending in zeros`).toBeInstanceOf(GanfitError);
    }
  });

  test("damaged files are refused or decoded, and nothing else", { timeout: 60_000 }, async () => {
    const files = await encoded();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
          minLength: 1,
          maxLength: 6,
        }),
        async (index, changes) => {
          const bytes = Uint8Array.from(files[index]![1]);
          for (const [at, value] of changes) bytes[Math.floor(at * bytes.length)] = value;
          const result = await decodeImage(bytes).catch((error: unknown) => error);
          if (result instanceof GanfitError) expect(result.code).toBe("image");
          else {
            const image = result as Image;
            expect(image.data.length).toBe(image.width * image.height * 3);
          }
        },
      ),
      { seed: 3, numRuns: 150 },
    );
  });
});

describe("files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ganfit-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const message = (path: string) =>
    readImage(path).then(
      () => "was read",
      (error: GanfitError) => `${error.code}: ${error.message.replaceAll(folder, "")}`,
    );

  test("are named in errors", async () => {
    await mkdir(join(folder, "folder.jpg"));
    await writeFile(join(folder, "empty.jpg"), "");
    await writeFile(join(folder, "text.jpg"), "hello\n");
    await writeFile(join(folder, "good.txt"), await source().png().toBuffer());
    await symlink("circle.jpg", join(folder, "circle.jpg"));
    expect(await message(join(folder, "folder.jpg"))).toMatch(/^image: \/folder\.jpg.* a folder/);
    expect(await message(join(folder, "empty.jpg"))).toBe("image: /empty.jpg is empty.");
    expect(await message(join(folder, "text.jpg"))).toMatch(/^image: \/text\.jpg is not a picture/);
    expect(await message(join(folder, "none.jpg"))).toBe(
      "image: /none.jpg cannot be read: there is no such file.",
    );
    expect(await message(join(folder, "text.jpg/x"))).toMatch(/there is no such file/);
    expect(await message(join(folder, "circle.jpg"))).toMatch(/symbolic links/);
    expect(await message("/dev/zero")).toMatch(/a folder or a device/);
    expect(await message(join(folder, "good.txt"))).toBe("was read");
  });

  test.skipIf(process.getuid?.() === 0)("that may not be read", async () => {
    const path = join(folder, "secret.jpg");
    await writeFile(path, "x");
    await chmod(path, 0);
    expect(await message(path)).toBe(
      "image: /secret.jpg cannot be read: you do not have permission.",
    );
  });
});
