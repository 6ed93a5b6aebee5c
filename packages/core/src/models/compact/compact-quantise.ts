// Displacements of one mode as 16-bit integers.
//
// Each axis has a step of its own, a power of two, so that `integer x step` is exact in float32 and a
// model that has been written once comes out of every further writing the same, bit for bit. The price
// against the finest possible step, max / 32767, is at most a factor of two.

/** Smallest and largest exponent of a step, in millimetres: 2^-40 mm to 2^10 mm. */
export const EXPONENTS = { min: -40, max: 10 } as const;

const LARGEST = 32767;

/** One mode: integers times `2^exponent` are millimetres. */
export interface QuantisedMode {
  /** x, y and z. */
  readonly exponents: [number, number, number];
  /** Vertices that move, ascending; null where all are stored. */
  readonly vertices: Uint32Array | null;
  /** `n x 3`, for the vertices stored. */
  readonly values: Int16Array;
}

/**
 * Rounds to the nearest step, an error of at most half a step; vertices that do not move are left out
 * where that makes the mode smaller.
 *
 * @param displacements `V x 3`, at most 500 mm each
 */
export function quantiseMode(displacements: Float32Array): QuantisedMode {
  const largest = [0, 0, 0];
  for (let i = 0; i < displacements.length; i++) {
    largest[i % 3] = Math.max(largest[i % 3]!, Math.abs(displacements[i]!));
  }
  const exponents = largest.map(exponentFor) as [number, number, number];
  const perMillimetre = exponents.map((e) => 2 ** -e);
  const dense = new Int16Array(displacements.length);
  const moving: number[] = [];
  for (let v = 0; v < displacements.length / 3; v++) {
    let moves = false;
    for (let axis = 0; axis < 3; axis++) {
      const value = Math.round(displacements[3 * v + axis]! * perMillimetre[axis]!);
      dense[3 * v + axis] = value;
      moves ||= value !== 0;
    }
    if (moves) moving.push(v);
  }
  const sparseBytes = moving.length * (6 + indexBytes(displacements.length / 3));
  if (sparseBytes >= dense.byteLength) return { exponents, vertices: null, values: dense };
  const values = new Int16Array(3 * moving.length);
  for (const [i, v] of moving.entries()) values.set(dense.subarray(3 * v, 3 * v + 3), 3 * i);
  return { exponents, vertices: Uint32Array.from(moving), values };
}

/** Bytes of an index into `count` things. */
export function indexBytes(count: number): 2 | 4 {
  return count <= 65_536 ? 2 : 4;
}

/** Smallest exponent with which `largest` still fits into 16 bits. */
function exponentFor(largest: number): number {
  let exponent: number = EXPONENTS.min;
  while (exponent < EXPONENTS.max && Math.round(largest * 2 ** -exponent) > LARGEST) exponent++;
  return exponent;
}
