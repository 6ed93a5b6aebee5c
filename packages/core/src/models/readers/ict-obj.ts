// Wavefront OBJ as ICT-FaceKit uses it. Its 158 files hold 387 MB of text of which only the vertices of
// all but one matter, so vertices are scanned straight from the bytes.
import { GanfitError } from "../../errors.js";

/** Polygons of 3 or more corners. */
export interface ObjPolygons {
  /** `P + 1`: polygon `p` has the corners `starts[p]` to `starts[p + 1]`. */
  readonly starts: Uint32Array;
  /** Vertex of each corner, from 0. */
  readonly vertices: Uint32Array;
  /** Texture coordinate of each corner, from 0. */
  readonly uvs: Uint32Array;
}

const NEWLINE = 10;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
const V = 118;

/** Exactly representable, so that `digits / 10^k` is rounded once: correct to the last bit. */
const TENS = Array.from({ length: 23 }, (_, k) => 10 ** k);

/** Largest integer that takes one more decimal digit and stays exact in a double. */
const FULL = 9e14;

/**
 * The first `count` vertices (`v` lines) of an OBJ file.
 *
 * @param name of the file, for errors
 * @returns `count x 3`, in the file's unit
 * @throws GanfitError `model` where a vertex is malformed or there are fewer
 */
export function scanVertices(bytes: Uint8Array, count: number, name: string): Float64Array {
  const positions = new Float64Array(3 * count);
  const scanner = new Scanner(bytes, name);
  let found = 0;
  while (found < 3 * count && scanner.at < bytes.length) {
    if (bytes[scanner.at] === V && bytes[scanner.at + 1] === SPACE) {
      scanner.at += 2;
      for (let axis = 0; axis < 3; axis++) positions[found++] = scanner.number();
    }
    scanner.nextLine();
  }
  if (found < 3 * count) {
    throw new GanfitError(
      "model",
      `${name} has ${found / 3} vertices where ICT-FaceKit's meshes have ${count}: it is cut short or ` +
        `another mesh.`,
    );
  }
  return positions;
}

/** Reads numbers and skips lines. */
class Scanner {
  at = 0;
  private line = 1;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {}

  nextLine(): void {
    const end = this.bytes.indexOf(NEWLINE, this.at);
    this.at = end < 0 ? this.bytes.length : end + 1;
    this.line++;
  }

  /** A decimal number with leading spaces. */
  number(): number {
    const { bytes } = this;
    let at = this.at;
    while (bytes[at] === SPACE) at++;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at++;
    const first = at;
    let digits = 0;
    let decimals = 0;
    let afterPoint = false;
    let length = 0;
    for (; ; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE) {
        length++;
        if (digits < FULL) {
          digits = digits * 10 + byte - ZERO;
          if (afterPoint) decimals++;
        } else if (!afterPoint) decimals--;
      } else if (byte === POINT && !afterPoint) afterPoint = true;
      else break;
    }
    const mantissaEnd = at;
    if ((bytes[at]! | 32) === 101) {
      const match = /^e([+-]?\d{1,3})/i.exec(ascii(bytes, at, 5));
      if (match) {
        at += match[0].length;
        decimals -= Number(match[1]);
      }
    }
    // `undefined > 32` is false too: the end of the file.
    if (length === 0 || bytes[at]! > SPACE) {
      throw new GanfitError(
        "model",
        `${this.name} has no number in line ${this.line} where a vertex needs one, but ` +
          `${JSON.stringify(ascii(bytes, first, Math.max(mantissaEnd - first, 12)))}.`,
      );
    }
    this.at = at;
    let value = digits;
    if (decimals > 0)
      value = decimals < TENS.length ? value / TENS[decimals]! : value / 10 ** decimals;
    else if (decimals < 0) value *= 10 ** -decimals;
    return negative ? -value : value;
  }
}

/**
 * Texture coordinates (`vt` lines) and polygons (`f` lines of `vertex/uv` corners) of an OBJ file.
 *
 * @param vertexCount of the file, which indices are checked against
 * @returns `M x 2` texture coordinates as they stand, and polygons in the file's order
 * @throws GanfitError `model` where a line is malformed or points outside of the file
 */
export function parsePolygons(
  bytes: Uint8Array,
  vertexCount: number,
  name: string,
): { uvs: Float64Array; polygons: ObjPolygons } {
  const uvs: number[] = [];
  const starts = [0];
  const vertices: number[] = [];
  const corners: number[] = [];
  const lines = new TextDecoder().decode(bytes).split("\n");
  for (const [i, line] of lines.entries()) {
    const fail = () =>
      new GanfitError(
        "model",
        `${name} has a line ${i + 1} that makes no sense: ${line.slice(0, 60)}.`,
      );
    if (line.startsWith("vt ")) {
      const [u, v] = line.trim().split(/\s+/).slice(1).map(Number);
      if (!Number.isFinite(u) || !Number.isFinite(v)) throw fail();
      uvs.push(u!, v!);
    } else if (line.startsWith("f ")) {
      const words = line.trim().split(/\s+/).slice(1);
      if (words.length < 3) throw fail();
      for (const word of words) {
        const match = /^(\d+)\/(\d+)(?:\/\d*)?$/.exec(word);
        const vertex = Number(match?.[1]) - 1;
        if (!match || !(vertex >= 0 && vertex < vertexCount)) throw fail();
        vertices.push(vertex);
        corners.push(Number(match[2]) - 1);
      }
      starts.push(vertices.length);
    }
  }
  const uvCount = uvs.length / 2;
  if (corners.some((uv) => uv < 0 || uv >= uvCount)) {
    throw new GanfitError(
      "model",
      `${name} has a polygon with a texture coordinate that is missing.`,
    );
  }
  return {
    uvs: Float64Array.from(uvs),
    polygons: {
      starts: Uint32Array.from(starts),
      vertices: Uint32Array.from(vertices),
      uvs: Uint32Array.from(corners),
    },
  };
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
