import { unzipSync } from "fflate";
import { GanfitError } from "../../errors.js";
import { checkExpansion } from "./inflate.js";
import { countOf, decodeNumbers, type NdArray, type NumberFormat } from "./ndarray.js";

/** What a `.npy` file holds: numbers, or (where Python objects were saved) the pickle of them, unread. */
export type NpyContent = NdArray | { readonly pickle: Uint8Array };

/** Whether the bytes open like a zip archive, as `.npz` files do. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * Expands the wanted arrays of an `.npz` file (a zip archive of `.npy` files, as `numpy.savez` writes). Arrays
 * that are not there are left out of the result.
 *
 * @param wanted names of arrays, without `.npy`
 * @param what names the file in messages
 * @throws GanfitError `model` for a damaged archive, sizes of a decompression bomb, arrays of other types
 */
export function readNpz(
  bytes: Uint8Array,
  wanted: readonly string[],
  what: string,
): Map<string, NpyContent> {
  const result = new Map<string, NpyContent>();
  for (const [name, file] of Object.entries(expand(bytes, wanted, what))) {
    const array = name.slice(0, -".npy".length);
    result.set(array, readNpy(file, `${what}, array "${array}",`));
  }
  return result;
}

/** Names of the arrays in an `.npz` file; none for a damaged one. */
export function arraysOfNpz(bytes: Uint8Array): string[] {
  const names: string[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name }) => {
        if (name.endsWith(".npy")) names.push(name.slice(0, -".npy".length));
        return false;
      },
    });
  } catch {
    return [];
  }
  return names;
}

function expand(bytes: Uint8Array, wanted: readonly string[], what: string) {
  if (!looksLikeZip(bytes)) throw new GanfitError("model", `${what} is not an .npz file.`);
  const seen = new Set<string>();
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith(".npy") || !wanted.includes(name.slice(0, -4)) || seen.has(name))
          return false;
        seen.add(name);
        checkExpansion(size, originalSize, `${what}, entry "${name}",`);
        total += originalSize;
        // Entries may overlap, and then their sum says more than each alone.
        checkExpansion(bytes.length, total, what);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    throw new GanfitError("model", `${what} is a zip archive that is damaged or cut off.`, {
      cause,
    });
  }
}

/**
 * Reads a `.npy` file (numpy's format 1.0 to 3.0): a magic number, a Python dictionary as text, the numbers.
 *
 * @param what names the file in messages
 * @throws GanfitError `model` for other types than numbers and objects, and for damaged files
 */
export function readNpy(bytes: Uint8Array, what: string): NpyContent {
  const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  const major = bytes[6];
  if (
    !MAGIC.every((byte, i) => bytes[i] === byte) ||
    major === undefined ||
    major < 1 ||
    major > 3
  ) {
    throw new GanfitError("model", `${what} is not in numpy's .npy format.`);
  }
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw new GanfitError("model", `${what} is cut off.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw new GanfitError("model", `${what} is cut off.`);
  const header = new TextDecoder("latin1").decode(
    bytes.subarray(start, start + Math.min(length, 1 << 16)),
  );
  const body = bytes.subarray(start + length);

  const descriptor = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const dimensions = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header);
  if (descriptor === null || order === null || dimensions === null) {
    throw new GanfitError(
      "model",
      `${what} holds other things than plain numbers, or its header is damaged.`,
    );
  }
  const [, sign, letter, size] = descriptor;
  if (letter === "O") return { pickle: body };
  const shape = dimensions[1]!
    .split(",")
    .map((n) => n.trim().replace(/L$/, ""))
    .filter((n) => n !== "")
    .map(Number);
  const kind = { f: "f", i: "i", u: "u", b: "u" }[letter!] as NumberFormat["kind"] | undefined;
  if (kind === undefined) {
    throw new GanfitError(
      "model",
      `${what} holds no numbers (its numpy type is ${letter}${size}).`,
    );
  }
  const format = { kind, size: Number(size), littleEndian: sign !== ">" };
  const bytesNeeded = countOf(shape) * format.size;
  if (!(bytesNeeded <= body.length)) {
    throw new GanfitError(
      "model",
      `${what} is cut off: its shape needs ${bytesNeeded} bytes of numbers.`,
    );
  }
  return {
    shape,
    data: decodeNumbers(body.subarray(0, bytesNeeded), format, what),
    order: order[1] === "True" ? "F" : "C",
  };
}
