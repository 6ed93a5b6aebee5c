/**
 * Flat arrays by name: gradients by group name, the tensors of an optimiser's state. Any number of
 * elements each; shapes are the caller's business.
 */
export type NamedArrays = Readonly<Record<string, Float32Array>>;

/**
 * Throws unless `given` has exactly the names and lengths of `expected`.
 *
 * @param what names the operation and what one array is, as in `adam: gradient`.
 */
export function requireSameArrays(what: string, given: NamedArrays, expected: NamedArrays): void {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(expected, name)) throw new Error(`${what} for unknown "${name}"`);
  }
  for (const [name, { length }] of Object.entries(expected)) {
    const array = Object.hasOwn(given, name) ? given[name] : undefined;
    if (array === undefined) throw new Error(`${what} for "${name}" is missing`);
    if (array.length !== length) {
      throw new RangeError(`${what} for "${name}" has ${array.length} elements, not ${length}`);
    }
  }
}

/** A deep copy. */
export function copyArrays(arrays: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
}

/**
 * Copies the elements of `source` into the arrays of `target`. Both must have the same names and
 * lengths: call {@link requireSameArrays} first.
 */
export function assignArrays(target: NamedArrays, source: NamedArrays): void {
  for (const [name, array] of Object.entries(target)) array.set(source[name]!);
}
