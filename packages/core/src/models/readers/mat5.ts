import { GanfitError } from "../../errors.js";
import { inflatePrefix } from "./inflate.js";
import { countOf, decodeNumbers, type NdArray, type NumberFormat } from "./ndarray.js";

/*
 * MATLAB's MAT-file level 5 ("MATLAB 5.0 MAT-file", what `save -v6`, `save -v7` and scipy's savemat write),
 * after MathWorks' "MAT-File Format": a 128-byte header, then one element per variable, each possibly
 * compressed with zlib. Read are real numeric arrays, and those that are fields of a 1 x 1 struct; everything
 * else is stepped over. Nothing is allocated that the file's own length does not account for.
 */

const MI_MATRIX = 14;
const MI_COMPRESSED = 15;
const MX_STRUCT = 2;
const COMPLEX = 0x800;
const HEADER = 128;

/** Formats of the `mi` number types, but for byte order. */
const MI_FORMATS: Readonly<Record<number, readonly ["f" | "i" | "u", number]>> = {
  1: ["i", 1],
  2: ["u", 1],
  3: ["i", 2],
  4: ["u", 2],
  5: ["i", 4],
  6: ["u", 4],
  7: ["f", 4],
  9: ["f", 8],
  12: ["i", 8],
  13: ["u", 8],
};

/** `mxDOUBLE_CLASS` 6 to `mxUINT64_CLASS` 15: the classes that are numbers. */
const isNumericClass = (c: number): boolean => c >= 6 && c <= 15;

/** Whether the bytes open like a level 5 MAT-file. */
export function looksLikeMat5(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false;
  const order = String.fromCharCode(bytes[126]!, bytes[127]!);
  const version = order === "IM" ? bytes[125]! : bytes[124]!;
  return (order === "IM" || order === "MI") && version === 1;
}

/** The name of every variable at the top of the file. Compressed ones are expanded only as far as their names. */
export function variablesOfMat5(bytes: Uint8Array): string[] {
  return [...elementsOf(bytes)].map(nameOf);
}

/**
 * Reads the wanted variables of a level 5 MAT-file. A field of a struct is wanted as `struct/field`. Variables
 * that are not there are left out of the result, as are ones that are no numbers.
 *
 * @param what names the file in messages
 * @returns arrays in MATLAB's order (`F`), which may be views of `bytes`: do not write to them
 * @throws GanfitError `model` for a file that is damaged or cut off
 */
export function readMat5(
  bytes: Uint8Array,
  wanted: readonly string[],
  what: string,
): Map<string, NdArray> {
  if (!looksLikeMat5(bytes)) throw new GanfitError("model", `${what} is not a MATLAB 5 MAT-file.`);
  const result = new Map<string, NdArray>();
  for (const element of elementsOf(bytes, what)) {
    const name = nameOf(element);
    if (wanted.some((w) => w === name || w.startsWith(`${name}/`))) {
      readMatrix(new Fields(bodyOf(element), element.little, what), name, wanted, result, 0);
    }
  }
  return result;
}

interface Element {
  readonly type: number;
  readonly body: Uint8Array;
  readonly little: boolean;
  readonly what: string;
}

/** The elements at the top of the file. */
function* elementsOf(bytes: Uint8Array, what = "The MAT-file"): Generator<Element> {
  const little = bytes[126] === 0x49;
  const fields = new Fields(bytes.subarray(HEADER), little, what);
  while (fields.left > 0) yield { ...fields.next(), little, what };
}

/** The name of a variable. */
function nameOf(element: Element): string {
  const fields = new Fields(bodyOf(element, HEAD), element.little, element.what);
  fields.next(); // array flags
  fields.next(); // dimensions
  return latin1(fields.next().body);
}

/** Enough for flags, a few dimensions and the longest name MATLAB allows (63 characters). */
const HEAD = 256;

/** The body of a variable, expanded if compressed: its first `limit` bytes, or all. */
function bodyOf(element: Element, limit = Number.POSITIVE_INFINITY): Uint8Array {
  const { type, body, little, what } = element;
  if (type === MI_MATRIX) return body.subarray(0, limit);
  if (type !== MI_COMPRESSED) {
    throw new GanfitError(
      "model",
      `${what} has an element of type ${type} where a variable should be: it is damaged.`,
    );
  }
  const head = inflatePrefix(body, 8 + Math.min(HEAD, limit), what);
  const view = new DataView(head.buffer, 0, head.length);
  if (head.length < 8 || view.getUint32(0, little) !== MI_MATRIX) {
    throw new GanfitError("model", `${what} has a compressed element that is no variable.`);
  }
  const length = 8 + Math.min(view.getUint32(4, little), limit);
  const whole =
    length <= head.length ? head.subarray(0, length) : inflatePrefix(body, length, what);
  if (whole.length < length) {
    throw new GanfitError("model", `${what} has compressed data that ends too early.`);
  }
  return whole.subarray(8);
}

function readMatrix(
  fields: Fields,
  path: string,
  wanted: readonly string[],
  result: Map<string, NdArray>,
  depth: number,
): void {
  const flags = fields.numbers(fields.next());
  const shape = Array.from(fields.numbers(fields.next()));
  fields.next(); // name
  const mxClass = flags[0]! & 0xff;
  const what = `${fields.what}, variable ${path},`;
  if (isNumericClass(mxClass) && wanted.includes(path)) {
    if (flags[0]! & COMPLEX) throw new GanfitError("model", `${what} holds complex numbers.`);
    // MATLAB stores numbers in the smallest type that holds them, whatever the class says.
    const data = fields.numbers(fields.next());
    if (data.length !== countOf(shape)) {
      throw new GanfitError(
        "model",
        `${what} has ${data.length} numbers for its shape ${shape.join(" x ")}: it is damaged.`,
      );
    }
    result.set(path, { shape, data, order: "F" });
  } else if (mxClass === MX_STRUCT && countOf(shape) === 1 && depth < DEEPEST) {
    const nameLength = fields.numbers(fields.next())[0] ?? 0;
    const names = fields.next().body;
    if (!(nameLength > 0) || names.length % nameLength !== 0) {
      throw new GanfitError("model", `${what} is a struct with unreadable field names.`);
    }
    for (let at = 0; at < names.length; at += nameLength) {
      const name = latin1(names.subarray(at, at + nameLength)).replace(/\0.*$/s, "");
      const { type, body } = fields.next();
      if (type !== MI_MATRIX) throw new GanfitError("model", `${what} has a damaged field.`);
      const inner = `${path}/${name}`;
      if (wanted.some((w) => w === inner || w.startsWith(`${inner}/`)) && body.length > 0) {
        readMatrix(new Fields(body, fields.little, fields.what), inner, wanted, result, depth + 1);
      }
    }
  }
}

/** Structs within structs beyond this are not a face model's. */
const DEEPEST = 4;

/** Steps through tagged elements: 8-byte tag (or 4 + 4 with the data inside), body, padding to 8 bytes. */
class Fields {
  private at = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    readonly little: boolean,
    readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  next(): { type: number; body: Uint8Array } {
    if (this.left < 8) this.fail();
    const word = this.view.getUint32(this.at, this.little);
    const small = word >>> 16;
    const type = small > 0 ? word & 0xffff : word;
    const length = small > 0 ? small : this.view.getUint32(this.at + 4, this.little);
    const start = this.at + (small > 0 ? 4 : 8);
    if ((small > 0 && small > 4) || start + length > this.bytes.length) this.fail();
    const body = this.bytes.subarray(start, start + length);
    // Compressed elements are not padded.
    const end = small > 0 || type === MI_COMPRESSED ? 0 : -length & 7;
    this.at = small > 0 ? this.at + 8 : Math.min(start + length + end, this.bytes.length);
    return { type, body };
  }

  numbers(element: { type: number; body: Uint8Array }) {
    const known = MI_FORMATS[element.type];
    if (known === undefined) {
      throw new GanfitError("model", `${this.what} has numbers of unknown type ${element.type}.`);
    }
    const format: NumberFormat = { kind: known[0], size: known[1], littleEndian: this.little };
    return decodeNumbers(element.body, format, this.what);
  }

  private fail(): never {
    throw new GanfitError("model", `${this.what} is damaged or cut off.`);
  }
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 1024));
