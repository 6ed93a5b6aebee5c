/** What the image test page runs: the browser's own decoders. */
import { GanfitError } from "../src/errors.js";
import { decodeImage } from "../src/image/decode.browser.js";
import type { DecodeOptions } from "../src/image/decode.js";
import { readFocalLength } from "../src/image/focal-length.js";

/** Arrays of bytes as base64. */
export interface PlainImage {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly scale: number;
  readonly data: string;
  readonly alpha: string | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
}

declare global {
  var decode: (base64: string, options?: DecodeOptions) => Promise<PlainImage | Failure>;
  var focalLength: (base64: string) => ReturnType<typeof readFocalLength>;
}

globalThis.decode = async (base64, options) => {
  try {
    const { data, alpha, ...rest } = await decodeImage(bytesOf(base64), options);
    return { ...rest, data: base64Of(data), alpha: alpha ? base64Of(alpha) : null };
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    return { code: error.code, message: error.message };
  }
};

globalThis.focalLength = (base64) => readFocalLength(bytesOf(base64));

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function base64Of(bytes: Uint8Array): string {
  const characters: string[] = [];
  for (const byte of bytes) characters.push(String.fromCharCode(byte));
  return btoa(characters.join(""));
}
