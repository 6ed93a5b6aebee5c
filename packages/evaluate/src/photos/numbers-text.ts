/** Lists of numbers as text in JSON: the bytes of float32, little-endian, in base64. */
import { z } from "zod";

const BYTES = 4;

export function textOfNumbers(numbers: Float32Array): string {
  const view = new DataView(new ArrayBuffer(BYTES * numbers.length));
  numbers.forEach((value, i) => {
    view.setFloat32(BYTES * i, value, true);
  });
  let text = "";
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Of text that {@link textOfNumbers} made; anything else is refused, as are numbers that are not finite. */
export const numbersText = z.string().transform((text, context) => {
  const numbers = numbersOfText(text);
  if (numbers?.every(Number.isFinite)) return numbers;
  context.addIssue("no list of finite numbers");
  return z.NEVER;
});

function numbersOfText(text: string): Float32Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (bytes.length % BYTES !== 0) return null;
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / BYTES }, (_, i) =>
    view.getFloat32(BYTES * i, true),
  );
}
