/** Pictures decoded by Chromium, beside the same by libvips. */
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bundleOf,
  executablePath,
  launch,
  serve,
  TestPage,
  urlOf,
} from "../../autodiff/test/devices/browser.js";
import type { DecodedImage, DecodeOptions } from "../src/image/decode.js";
import { decodeImage } from "../src/image/decode.node.js";
import type { Failure, PlainImage } from "./image-page.js";

const skipped = !executablePath && !process.env.CI;
if (skipped) console.log("No Chromium is installed: decoding is not tested in a browser.");

const WIDTH = 40;
const HEIGHT = 24;
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const x = Math.floor(i / 3) % WIDTH;
  const y = Math.floor(i / 3 / WIDTH);
  return [40 + 5 * x, 220 - 8 * y, 60 + 3 * x + 3 * y][i % 3]!;
});
const source = (): Sharp => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

describe.skipIf(skipped)("in Chromium", () => {
  let browser: Browser | undefined;
  let server: Server | undefined;
  let opened: TestPage;
  let page: Page;

  beforeAll(async () => {
    const entry = fileURLToPath(new URL("image-page.ts", import.meta.url));
    const files = await bundleOf({ entryPoints: { page: entry } });
    server = await serve({ image: files });
    browser = await launch(["--disable-gpu"]);
    opened = await TestPage.open(browser, `${urlOf(server)}image/`);
    page = opened.page;
  });

  afterAll(async () => {
    expect(opened?.problems ?? []).toEqual([]);
    await browser?.close();
    server?.close();
  });

  async function inBrowser(bytes: Uint8Array, options: DecodeOptions = {}) {
    const base64 = Buffer.from(bytes).toString("base64");
    const result = await page.evaluate(([b, o]) => globalThis.decode(b, o), [
      base64,
      options,
    ] as const);
    if ("code" in result) return result satisfies Failure;
    const { data, alpha, ...rest } = result satisfies PlainImage;
    return {
      ...rest,
      data: Buffer.from(data, "base64"),
      ...(alpha && { alpha: Buffer.from(alpha, "base64") }),
    };
  }

  async function expectSame(bytes: Uint8Array, tolerance: number) {
    const theirs = (await inBrowser(bytes)) as DecodedImage;
    const ours = await decodeImage(bytes);
    const { width, height, format, scale } = ours;
    expect(theirs).toMatchObject({ width, height, format, scale });
    expect(theirs.alpha === undefined).toBe(ours.alpha === undefined);
    let worst = 0;
    for (let i = 0; i < ours.data.length; i++) {
      worst = Math.max(worst, Math.abs(ours.data[i]! - theirs.data[i]!));
    }
    expect(worst).toBeLessThanOrEqual(tolerance);
  }

  test("formats", async () => {
    await expectSame(await source().png().toBuffer(), 0);
    await expectSame(await source().webp({ lossless: true }).toBuffer(), 0);
    await expectSame(await source().gif({ dither: 0 }).toBuffer(), 0);
    const full = { quality: 95, chromaSubsampling: "4:4:4" };
    await expectSame(await source().jpeg(full).toBuffer(), 2);
    await expectSame(await source().webp({ quality: 90 }).toBuffer(), 6);
    await expectSame(await source().avif(full).toBuffer(), 3);
    // Colour at half the resolution is interpolated in ways of their own.
    await expectSame(await source().jpeg({ quality: 90 }).toBuffer(), 8);
  });

  test("kinds of pixels", async () => {
    const grey = await source().toColourspace("b-w").png().toBuffer();
    await expectSame(grey, 0);
    await expectSame(await source().withIccProfile("p3").png().toBuffer(), 2);
    const deep = Uint16Array.from(pixels, (value, i) => Math.min(65535, value * 257 + (i % 100)));
    const file = sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    await expectSame(await file.toColourspace("rgb16").png().toBuffer(), 1);
    // Colours of skin, which inks can show; of others browser and libvips show different ones.
    const skin = pixels.map((_, i) => [150, 120, 105][i % 3]! + (Math.floor(i / 3) % WIDTH));
    const inks = await sharp(skin, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace("cmyk")
      .withIccProfile("cmyk")
      .jpeg({ quality: 95 })
      .toBuffer();
    await expectSame(inks, 20);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("EXIF orientation %i", async (orientation) => {
    const turned = source().withMetadata({ orientation });
    const jpeg = await turned.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer();
    await expectSame(jpeg, 2);
  });

  test("opacity", async () => {
    const rgba = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) =>
      i % 4 === 3 ? (i >> 2) % 256 : pixels[3 * (i >> 2) + (i % 4)]!,
    );
    const file = await sharp(rgba, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
      .png()
      .toBuffer();
    const theirs = (await inBrowser(file)) as DecodedImage;
    const ours = await decodeImage(file);
    expect([...theirs.alpha!]).toEqual([...ours.alpha!]);
    for (let i = 0; i < ours.data.length; i++) {
      // What is seen of the colour is off by no more than rounding.
      const seen = theirs.alpha![Math.floor(i / 3)]! / 255;
      expect(Math.abs(ours.data[i]! - theirs.data[i]!) * seen).toBeLessThanOrEqual(1);
    }
  });

  test("more rows than a strip, and scaled down", async () => {
    const tall = await source().resize(300, 1500, { fit: "fill" }).png().toBuffer();
    await expectSame(tall, 0);
    const theirs = (await inBrowser(tall, { maxPixels: 112_500 })) as DecodedImage;
    const ours = await decodeImage(tall, { maxPixels: 112_500 });
    expect(theirs).toMatchObject({ width: 150, height: 750, scale: 0.5 });
    let error = 0;
    for (let i = 0; i < ours.data.length; i++) {
      error += (ours.data[i]! - theirs.data[i]!) ** 2 / ours.data.length;
    }
    expect(Math.sqrt(error)).toBeLessThan(2);
  });

  test("what is not a whole picture", async () => {
    const jpeg = await source().jpeg().toBuffer();
    const text = (value: string) => Buffer.from(value, "latin1");
    const bomb = Buffer.from(await source().png().toBuffer());
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(0), /is empty/],
      [text("hello, hello, hello"), /its content is text/],
      [text("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), /convert it to JPEG/],
      [jpeg.subarray(0, jpeg.length - 40), /ends before its last pixel/],
      [bomb, /at most 268 megapixels/],
      [await source().tiff().toBuffer(), /no decoder for TIFF/],
      [Buffer.concat([jpeg.subarray(0, 20), text("\xff\xda\0\x02 \xff\xd9")]), /damaged/],
    ];
    for (const [bytes, message] of cases) {
      const failure = (await inBrowser(bytes, { name: "photo.jpg" })) as Failure;
      expect(failure.code).toBe("image");
      expect(failure.message).toMatch(message);
      expect(failure.message).toMatch(/^photo\.jpg /);
    }
  });

  test("focal length", async () => {
    const file = await source()
      .withExif({ IFD2: { FocalLength: "425/100", FocalLengthIn35mmFilm: "26" } })
      .jpeg()
      .toBuffer();
    const base64 = file.toString("base64");
    expect(await page.evaluate((given) => globalThis.focalLength(given), base64)).toEqual({
      millimetres: 4.25,
      in35mm: 26,
    });
  });
});
