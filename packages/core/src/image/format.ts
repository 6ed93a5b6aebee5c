/** What kind of file bytes are, and whether all of it is there; from the bytes alone, never the name. */
import { GanfitError } from "../errors.js";

/** Formats that can be decoded. */
export type ImageFormat = "jpeg" | "png" | "webp" | "avif" | "tiff" | "gif";

/**
 * @param name what the picture is called in the error, such as its path
 * @throws GanfitError `image` where it is none of the formats, or ends too early
 */
export function checkedFormat(bytes: Uint8Array, name: string): ImageFormat {
  if (bytes.length === 0) throw new GanfitError("image", `${name} is empty.`);
  const kind = kindOf(bytes);
  if (!kind) {
    const what = isText(bytes) ? "text" : "of no known kind";
    throw new GanfitError(
      "image",
      `${name} is not a picture (JPEG, PNG, WebP, AVIF, TIFF or GIF): its content is ${what}.`,
    );
  }
  const refusal = REFUSED[kind];
  if (refusal) throw new GanfitError("image", `${name} is ${refusal}.`);
  const format = kind as ImageFormat;
  if (!isComplete(bytes, format)) throw truncated(name);
  return format;
}

export function truncated(name: string, cause?: unknown): GanfitError {
  return new GanfitError(
    "image",
    `${name} is damaged or cut off: the picture ends before its last pixel. Copy or download it again.`,
    { cause },
  );
}

/** Known, to be refused in words that help. */
type Refused = "heic" | "jxl" | "jp2" | "bmp" | "svg" | "pdf" | "psd" | "raw" | "video" | "ico";

const REFUSED: Readonly<Record<string, string>> = {
  heic: "a HEIC picture, for which there is no decoder here: convert it to JPEG first (phones can export or send photos as JPEG)",
  jxl: "a JPEG XL picture, which cannot be read: convert it to JPEG or PNG first",
  jp2: "a JPEG 2000 picture, which cannot be read: convert it to JPEG or PNG first",
  bmp: "a BMP picture, which cannot be read: convert it to PNG first",
  psd: "a Photoshop document, which cannot be read: export it as PNG first",
  ico: "an icon, which cannot be read: convert it to PNG first",
  raw: "a camera's raw file, which cannot be read: develop it to JPEG or TIFF first",
  svg: "a drawing (SVG), not a photo",
  pdf: "a PDF document, not a photo: export the photo from it as JPEG or PNG first",
  video: "a video, not a photo: export one frame as JPEG or PNG first",
};

/** Internal to this folder: by the first bytes. */
export function kindOf(bytes: Uint8Array): ImageFormat | Refused | undefined {
  if (starts(bytes, 0, "\xff\xd8\xff")) return "jpeg";
  if (starts(bytes, 0, "\x89PNG\r\n\x1a\n")) return "png";
  if (starts(bytes, 0, "GIF87a") || starts(bytes, 0, "GIF89a")) return "gif";
  if (starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP")) return "webp";
  if (starts(bytes, 0, "II*\0") || starts(bytes, 0, "MM\0*")) {
    return starts(bytes, 8, "CR\x02") ? "raw" : "tiff";
  }
  if (starts(bytes, 0, "II+\0") || starts(bytes, 0, "MM\0+")) return "tiff";
  if (starts(bytes, 4, "ftyp")) return brandOf(bytes);
  if (starts(bytes, 0, "\xff\x0a") || starts(bytes, 4, "JXL \r\n\x87\n")) return "jxl";
  if (starts(bytes, 4, "jP  \r\n\x87\n") || starts(bytes, 0, "\xff\x4f\xff\x51")) return "jp2";
  if (starts(bytes, 0, "BM")) return "bmp";
  if (starts(bytes, 0, "8BPS")) return "psd";
  if (starts(bytes, 0, "\0\0\x01\0")) return "ico";
  if (starts(bytes, 0, "IIRO") || starts(bytes, 0, "IIU\0") || starts(bytes, 0, "FUJIFILMCCD")) {
    return "raw";
  }
  if (starts(bytes, 0, "%PDF-")) return "pdf";
  if (/<svg[\s>]/i.test(latin(bytes.subarray(0, 4096)))) return "svg";
  return undefined;
}

/** ISO base media files (ISO/IEC 14496-12, 23008-12) name the standards they follow up front. */
function brandOf(bytes: Uint8Array): "avif" | Refused {
  const end = Math.min(bytes.length, Math.max(16, uint32(bytes, 0)), 1024);
  const brands = [latin(bytes.subarray(8, 12))];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(latin(bytes.subarray(at, at + 4)));
  if (brands.some((brand) => brand === "avif" || brand === "avis")) return "avif";
  if (brands[0] === "crx ") return "raw";
  return brands.some((brand) => /^(he(ic|ix|im|is|vc|vx|vm|vs)|mif[12]|msf1)$/.test(brand))
    ? "heic"
    : "video";
}

/**
 * Whether the file reaches its own end, as far as its structure says. Decoders fill what is missing
 * with grey, and browsers do not tell.
 */
function isComplete(bytes: Uint8Array, format: ImageFormat): boolean {
  switch (format) {
    case "jpeg":
      return jpegEnds(bytes);
    case "png":
      return pngEnds(bytes);
    case "gif":
      return gifFrameEnds(bytes);
    case "webp":
      return bytes.length >= 8 + uint32(bytes, 4, true);
    case "avif":
      return boxesEnd(bytes);
    case "tiff":
      // Strips may lie anywhere; the decoder finds out.
      return bytes.length > 8;
  }
}

/** Marker segments up to the first scan, then an end-of-image marker anywhere after it. */
function jpegEnds(bytes: Uint8Array): boolean {
  let at = 2;
  for (;;) {
    // Any number of 0xff may stand before a marker.
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    if (at + 3 > bytes.length) return false;
    const marker = bytes[at]!;
    if (marker === 0xda) break;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 1 : 1 + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
  }
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return false;
    if (bytes[at + 1] === 0xd9) return true;
    at++;
  }
}

function pngEnds(bytes: Uint8Array): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + uint32(bytes, at)) {
    if (starts(bytes, at + 4, "IEND")) return true;
  }
  return false;
}

/** To the end of the first frame: later ones are not looked at. */
function gifFrameEnds(bytes: Uint8Array): boolean {
  const tableSize = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + tableSize(bytes[10] ?? 0);
  const skipBlocks = () => {
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
    at++;
  };
  while (at < bytes.length) {
    const introducer = bytes[at];
    if (introducer === 0x21) {
      at += 2;
      skipBlocks();
    } else if (introducer === 0x2c) {
      at += 11 + tableSize(bytes[at + 9] ?? 0);
      skipBlocks();
      return at <= bytes.length;
    } else return false;
  }
  return false;
}

function boxesEnd(bytes: Uint8Array): boolean {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = uint32(bytes, at);
    // 0: to the end of the file; 1: a 64 bit size follows.
    if (size === 0) return true;
    const length = size === 1 && at + 16 <= bytes.length ? uint64(bytes, at + 8) : size;
    if (length < 8) return false;
    at += length;
  }
  return at === bytes.length;
}

function starts(bytes: Uint8Array, at: number, text: string): boolean {
  return latin(bytes.subarray(at, at + text.length)) === text;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** 0 beyond the end. */
function uint32(bytes: Uint8Array, at: number, littleEndian = false): number {
  if (at + 4 > bytes.length) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, littleEndian);
}

function uint64(bytes: Uint8Array, at: number): number {
  return uint32(bytes, at) * 2 ** 32 + uint32(bytes, at + 4);
}

function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 512);
  return head.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
}
