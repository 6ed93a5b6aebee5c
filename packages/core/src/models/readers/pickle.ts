import { GanfitError } from "../../errors.js";
import { countOf, decodeNumbers, type NdArray, type NumberFormat } from "./ndarray.js";

/*
 * Python pickles, as data. A pickle is a program for a small stack machine, and Python's own reader lets it call
 * any function there is. This reader runs the machine but calls nothing: a fixed table says which names may occur
 * (numpy's arrays, scipy's sparse matrices, chumpy's wrappers, containers) and what inert value each stands for;
 * any other name ends the reading. Protocols 0 to 5, after Python's pickletools.py; Python 2's strings are kept as
 * bytes until somebody asks for text. (npm's pickleparser hands every name to a resolver and then calls what it
 * gets, keeps no bound on memory and checks no stack underflow, hence not used.)
 */

/** What a pickle can hold here. Lists, tuples and sets are arrays; dictionaries with text keys are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleArray
  | PickleObject
  | Dtype
  | Name;

/** A numpy array: `array` once its state is known; `items` instead where it holds Python objects. */
export class PickleArray {
  array: NdArray | null = null;
  items: PickleValue[] | null = null;
}

/** An object whose class is allowed but which is only looked at: its class and its attributes. */
export class PickleObject {
  state: PickleValue = null;
  constructor(readonly className: string) {}
}

/** A numpy number type; `object` for arrays of Python objects. */
class Dtype {
  constructor(public format: NumberFormat | "object" | "text") {}
}

/** A name the pickle refers to, from the table of allowed ones. */
class Name {
  constructor(readonly path: string) {}
}

/** Whether the bytes open like a pickle: of protocol 2 to 5, or an older one of a dictionary. */
export function looksLikePickle(bytes: Uint8Array): boolean {
  const [first, second, third] = bytes;
  if (first === 0x80) return second !== undefined && second >= 2 && second <= 5;
  return (
    (first === 0x28 && second === 0x64 && third === 0x70) || (first === 0x7d && second === 0x71)
  );
}

/**
 * Reads a pickle without executing anything.
 *
 * @param what names the file in messages
 * @throws GanfitError `model` if it refers to anything outside the table of allowed names, is damaged or cut off
 */
export function readPickle(bytes: Uint8Array, what: string): PickleValue {
  return new Machine(bytes, what).run();
}

const ARRAYS = [
  "numpy.core.multiarray",
  "numpy._core.multiarray",
  "numpy.core.numeric",
  "numpy._core.numeric",
];

/** The value an allowed name gives when called with `args`. */
type Construct = (args: readonly PickleValue[], machine: Machine) => PickleValue;

const CONSTRUCTORS = new Map<string, Construct>([
  ...["list", "tuple", "set", "frozenset"].flatMap((name): [string, Construct][] => [
    [`__builtin__.${name}`, listOf],
    [`builtins.${name}`, listOf],
  ]),
  ["collections.OrderedDict", mapOf],
  ["__builtin__.dict", mapOf],
  ["builtins.dict", mapOf],
  // How Python 3 writes bytes in the protocols of Python 2.
  ["_codecs.encode", ([text], machine) => latin1Bytes(text, machine)],
  ["__builtin__.bytes", () => new Uint8Array(0)],
  ["builtins.bytes", () => new Uint8Array(0)],
  ["numpy.dtype", ([descriptor]) => new Dtype(formatOf(textOf(descriptor)))],
  ["copy_reg._reconstructor", ([name]) => instanceOf(name)],
  ["copyreg._reconstructor", ([name]) => instanceOf(name)],
  ...ARRAYS.flatMap((module): [string, Construct][] => [
    [`${module}._reconstruct`, () => new PickleArray()],
    [`${module}.scalar`, ([dtype, data], machine) => scalarOf(dtype, data, machine)],
    [`${module}._frombuffer`, (args, machine) => fromBuffer(args, machine)],
  ]),
]);

/** Classes that may be named, and whose instances are kept as `PickleObject`. */
const isInertClass = (path: string): boolean =>
  path.startsWith("chumpy.") ||
  /^scipy\.sparse\.(?:_?(?:csc|csr|coo)\.)?(?:csc|csr|coo)_(?:matrix|array)$/.test(path);

/** Names that stand only as arguments of others. */
const MARKERS = new Set(["numpy.ndarray", "__builtin__.object", "builtins.object"]);

function instanceOf(name: PickleValue | undefined): PickleValue {
  if (name instanceof Name && isInertClass(name.path)) return new PickleObject(name.path);
  if (name instanceof Name && name.path === "numpy.ndarray") return new PickleArray();
  throw new Malformed("an object without a class");
}

/** Where the machine cannot go on; becomes a GanfitError with the file's name. */
class Malformed extends Error {}

class Machine {
  private at = 0;
  private stack: PickleValue[] = [];
  private readonly outer: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly view: DataView;
  private budget: number;

  constructor(
    private readonly bytes: Uint8Array,
    readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.budget = 4 * bytes.length + (1 << 20);
  }

  run(): PickleValue {
    try {
      for (;;) {
        const code = this.byte();
        if (code === 0x2e) return this.pop(); // STOP
        const step = OPCODES[code];
        if (step === undefined) throw new Malformed(`an unknown instruction (${code})`);
        step(this);
      }
    } catch (cause) {
      if (cause instanceof Malformed || cause instanceof RangeError) {
        const detail = cause instanceof Malformed ? cause.message : "an end too early";
        throw new GanfitError("model", `${this.what} is a damaged pickle: it has ${detail}.`, {
          cause,
        });
      }
      throw cause;
    }
  }

  /** Accounts for memory made beyond the file's own, so that a small file cannot fill a large memory. */
  spend(bytes: number): void {
    this.budget -= bytes;
    if (this.budget < 0) throw new Malformed("instructions that make far more data than it holds");
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw new Malformed("an instruction without its operands");
    return value;
  }

  top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw new Malformed("an instruction without its operands");
    return value;
  }

  mark(): void {
    this.outer.push(this.stack);
    this.stack = [];
  }

  /** The values since the last mark. */
  sinceMark(): PickleValue[] {
    const items = this.stack;
    const stack = this.outer.pop();
    if (stack === undefined) throw new Malformed("an end without a beginning");
    this.stack = stack;
    return items;
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  get memoSize(): number {
    return this.memo.size;
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new Malformed("a reference to nothing");
    this.stack.push(value);
  }

  byte(): number {
    return this.view.getUint8(this.step(1));
  }

  u16(): number {
    return this.view.getUint16(this.step(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.step(4), true);
  }

  i32(): number {
    return this.view.getInt32(this.step(4), true);
  }

  u64(): number {
    return Number(this.view.getBigUint64(this.step(8), true));
  }

  f64(): number {
    return this.view.getFloat64(this.step(8), false);
  }

  /** Where the next `length` bytes start; moves beyond them. */
  private step(length: number): number {
    this.at += length;
    return this.at - length;
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    if (!(length >= 0 && length <= this.bytes.length - this.at))
      throw new Malformed("an end too early");
    const start = this.step(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The text up to the next line end. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new Malformed("an end too early");
    const text = utf8(this.take(end - this.at));
    this.at++;
    return text;
  }

  /** A name the pickle asks for. */
  global(module: string, name: string): void {
    const path = `${module}.${name}`;
    if (!CONSTRUCTORS.has(path) && !MARKERS.has(path) && !isInertClass(path)) {
      throw new GanfitError(
        "model",
        `${this.what} is a pickle that asks Python for "${path.slice(0, 120)}", which is none of the plain data types that are read: nothing was executed; this is no published model, or somebody has tampered with it.`,
      );
    }
    this.push(new Name(path));
  }

  /** Calls nothing: makes the inert value that the name stands for. */
  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof Name) || !Array.isArray(args))
      throw new Malformed("a call of no function");
    const construct = CONSTRUCTORS.get(callee.path);
    this.push(construct ? construct(args, this) : instanceOf(callee));
  }

  /** Hands an object its state. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleArray) setArray(target, state, this);
    else if (target instanceof Dtype) setDtype(target, state);
    else if (target instanceof PickleObject) target.state = state;
    else throw new Malformed("a state for something that has none");
  }
}

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A name: text in Python 3, a string of bytes in Python 2 (256 of them at most); empty for other values. */
export function textOf(value: PickleValue | undefined): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? String.fromCharCode(...value.subarray(0, 256)) : "";
}

/** Keys that are Python 2 strings become text. */
const keyOf = (value: PickleValue): PickleValue =>
  value instanceof Uint8Array && value.length < 256 ? textOf(value) : value;

function listOf([items]: readonly PickleValue[], machine: Machine): PickleValue[] {
  if (!Array.isArray(items)) return [];
  machine.spend(8 * items.length);
  return [...items];
}

function mapOf([pairs]: readonly PickleValue[], machine: Machine): Map<PickleValue, PickleValue> {
  const map = new Map<PickleValue, PickleValue>();
  if (!Array.isArray(pairs)) return map;
  machine.spend(64 * pairs.length);
  for (const pair of pairs) {
    if (Array.isArray(pair) && pair.length === 2) map.set(keyOf(pair[0]!), pair[1]!);
  }
  return map;
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const map = machine.top();
  if (!(map instanceof Map) || items.length % 2 !== 0)
    throw new Malformed("entries for no dictionary");
  for (let i = 0; i < items.length; i += 2) map.set(keyOf(items[i]!), items[i + 1]!);
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw new Malformed("items for no list");
  for (const item of items) list.push(item);
}

function latin1Bytes(value: PickleValue | undefined, machine: Machine): Uint8Array {
  if (typeof value !== "string") throw new Malformed("an encoding of no text");
  machine.spend(value.length);
  return Uint8Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
}

/** Python 2's bytes, or Python 3's; text too, as readers that decoded Python 2 as latin-1 have it. */
function bytesOf(value: PickleValue | undefined, machine: Machine): Uint8Array {
  return value instanceof Uint8Array ? value : latin1Bytes(value, machine);
}

/** numpy's type descriptor, such as `<f8`, `f8`, `O`, `|S5`. */
function formatOf(descriptor: string): Dtype["format"] {
  const match = /^([<>|=]?)(?:([fiub])(\d{1,2})|(O)\d?|[SUVa]\d*)$/.exec(descriptor);
  if (match === null)
    throw new Malformed(`numbers of an unknown type (${descriptor.slice(0, 20)})`);
  if (match[4] !== undefined) return "object";
  if (match[2] === undefined) return "text";
  const kind = match[2] === "b" ? "u" : (match[2] as "f" | "i" | "u");
  return { kind, size: Number(match[3]), littleEndian: match[1] !== ">" };
}

/** State of a dtype: version, byte order, then what plain numbers have none of. */
function setDtype(target: Dtype, state: PickleValue): void {
  if (!Array.isArray(state)) throw new Malformed("a number type without a state");
  if (typeof target.format === "object") {
    target.format = { ...target.format, littleEndian: textOf(state[1]) !== ">" };
  }
}

/** State of an array: version, shape, type, whether in Fortran's order, then the data. */
function setArray(target: PickleArray, state: PickleValue, machine: Machine): void {
  if (!Array.isArray(state) || state.length !== 5) throw new Malformed("an array without a state");
  fillArray(target, state[1]!, state[2]!, state[3] === true || state[3] === 1, state[4]!, machine);
}

function fromBuffer(args: readonly PickleValue[], machine: Machine): PickleArray {
  const [data, dtype, shape, order] = args;
  const target = new PickleArray();
  fillArray(target, shape ?? null, dtype ?? null, textOf(order) === "F", data ?? null, machine);
  return target;
}

function fillArray(
  target: PickleArray,
  shape: PickleValue,
  dtype: PickleValue,
  fortran: boolean,
  data: PickleValue,
  machine: Machine,
): void {
  if (!(dtype instanceof Dtype) || !Array.isArray(shape))
    throw new Malformed("an array without a type");
  const dimensions = shape.map((n) => (typeof n === "number" ? n : Number.NaN));
  const count = countOf(dimensions);
  if (dtype.format === "object") {
    if (!Array.isArray(data)) throw new Malformed("an array without items");
    target.items = data;
    return;
  }
  if (dtype.format === "text") return;
  const bytes = bytesOf(data, machine);
  if (bytes.length !== count * dtype.format.size) {
    throw new Malformed(`an array of shape (${dimensions.join(", ")}) with ${bytes.length} bytes`);
  }
  machine.spend(2 * bytes.length);
  target.array = {
    shape: dimensions,
    data: decodeNumbers(bytes, dtype.format, machine.what),
    order: fortran ? "F" : "C",
  };
}

function scalarOf(
  dtype: PickleValue | undefined,
  data: PickleValue | undefined,
  machine: Machine,
): number {
  if (!(dtype instanceof Dtype) || typeof dtype.format !== "object")
    throw new Malformed("a strange number");
  return decodeNumbers(bytesOf(data, machine), dtype.format, machine.what)[0] ?? Number.NaN;
}

/** Python's integers in two's complement, little-endian. */
function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length > 16) throw new Malformed("an integer of unlikely size");
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes.at(-1)! & 0x80) value -= 1n << BigInt(8 * bytes.length);
  return narrow(value);
}

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

function decimal(text: string): number | bigint | boolean {
  if (text === "00") return false;
  if (text === "01") return true;
  if (!/^[+-]?\d{1,40}L?$/.test(text)) throw new Malformed("an unreadable integer");
  return narrow(BigInt(text.replace(/^\+|L$/g, "")));
}

/** Protocol 0's string: Python's own literal, quoted and escaped. */
function literal(text: string): Uint8Array {
  const quoted = /^(['"])(.*)\1$/s.exec(text.trim());
  if (quoted === null) throw new Malformed("an unreadable string");
  const out: number[] = [];
  const escapes = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))|([\s\S])/g;
  for (const [, hex, octal, escaped, plain] of quoted[2]!.matchAll(escapes)) {
    if (hex !== undefined) out.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) out.push(Number.parseInt(octal, 8) & 255);
    else if (escaped !== undefined) out.push((ESCAPES[escaped] ?? escaped).charCodeAt(0));
    else out.push(plain!.charCodeAt(0));
  }
  return Uint8Array.from(out);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** Protocol 0's text: only backslash-u escapes. */
const unescaped = (text: string): string =>
  text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => {
    const point = Number.parseInt(short ?? long, 16);
    return point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
  });

const index = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Malformed("an unreadable reference");
  return value;
};

/** By code; names after pickletools.py. Persistent ids, extensions and buffers outside the file are not known. */
const OPCODES: Readonly<Record<number, (m: Machine) => void>> = {
  128: (m) => void (m.byte() <= 5 || fail("a protocol newer than 5")), // PROTO
  149: (m) => void m.u64(), // FRAME
  40: (m) => m.mark(), // MARK
  48: (m) => void m.pop(), // POP
  49: (m) => void m.sinceMark(), // POP_MARK
  50: (m) => m.push(m.top()), // DUP
  78: (m) => m.push(null), // NONE
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  73: (m) => m.push(decimal(m.line())), // INT
  76: (m) => m.push(decimal(m.line())), // LONG
  74: (m) => m.push(m.i32()), // BININT
  75: (m) => m.push(m.byte()), // BININT1
  77: (m) => m.push(m.u16()), // BININT2
  138: (m) => m.push(longOf(m.take(m.byte()))), // LONG1
  139: (m) => m.push(longOf(m.take(m.i32()))), // LONG4
  70: (m) => m.push(Number.parseFloat(m.line())), // FLOAT
  71: (m) => m.push(m.f64()), // BINFLOAT
  83: (m) => m.push(literal(m.line())), // STRING
  84: (m) => m.push(m.take(m.i32())), // BINSTRING
  85: (m) => m.push(m.take(m.byte())), // SHORT_BINSTRING
  66: (m) => m.push(m.take(m.u32())), // BINBYTES
  67: (m) => m.push(m.take(m.byte())), // SHORT_BINBYTES
  142: (m) => m.push(m.take(m.u64())), // BINBYTES8
  150: (m) => m.push(m.take(m.u64())), // BYTEARRAY8
  152: () => {}, // READONLY_BUFFER
  86: (m) => m.push(unescaped(m.line())), // UNICODE
  88: (m) => m.push(utf8(m.take(m.u32()))), // BINUNICODE
  140: (m) => m.push(utf8(m.take(m.byte()))), // SHORT_BINUNICODE
  141: (m) => m.push(utf8(m.take(m.u64()))), // BINUNICODE8
  93: (m) => m.push([]), // EMPTY_LIST
  41: (m) => m.push([]), // EMPTY_TUPLE
  143: (m) => m.push([]), // EMPTY_SET
  125: (m) => m.push(new Map()), // EMPTY_DICT
  108: (m) => m.push(m.sinceMark()), // LIST
  116: (m) => m.push(m.sinceMark()), // TUPLE
  145: (m) => m.push(m.sinceMark()), // FROZENSET
  133: (m) => m.push([m.pop()]), // TUPLE1
  134: (m) => m.push([m.pop(), m.pop()].reverse()), // TUPLE2
  135: (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()), // TUPLE3
  100: (m) => {
    const items = m.sinceMark(); // DICT
    m.push(new Map());
    setItems(m, items);
  },
  97: (m) => {
    const item = m.pop(); // APPEND
    append(m, [item]);
  },
  101: (m) => append(m, spread(m)), // APPENDS
  144: (m) => append(m, spread(m)), // ADDITEMS
  115: (m) => setItems(m, [m.pop(), m.pop()].reverse()), // SETITEM
  117: (m) => setItems(m, spread(m)), // SETITEMS
  112: (m) => m.remember(index(m.line())), // PUT
  113: (m) => m.remember(m.byte()), // BINPUT
  114: (m) => m.remember(m.u32()), // LONG_BINPUT
  148: (m) => m.remember(m.memoSize), // MEMOIZE
  103: (m) => m.recall(index(m.line())), // GET
  104: (m) => m.recall(m.byte()), // BINGET
  106: (m) => m.recall(m.u32()), // LONG_BINGET
  99: (m) => m.global(m.line(), m.line()), // GLOBAL
  147: (m) => {
    const name = textOf(m.pop()); // STACK_GLOBAL
    m.global(textOf(m.pop()), name);
  },
  105: (m) => {
    const args = m.sinceMark(); // INST
    m.global(m.line(), m.line());
    m.push(args);
    m.reduce();
  },
  111: (m) => {
    const [callee, ...args] = m.sinceMark(); // OBJ
    m.push(callee ?? null);
    m.push(args);
    m.reduce();
  },
  82: (m) => m.reduce(), // REDUCE
  129: (m) => m.reduce(), // NEWOBJ
  146: (m) => {
    m.pop(); // NEWOBJ_EX: keyword arguments are state that inert objects do not need
    m.reduce();
  },
  98: (m) => m.build(), // BUILD
};

const spread = (m: Machine): PickleValue[] => m.sinceMark();

function fail(what: string): never {
  throw new Malformed(what);
}
