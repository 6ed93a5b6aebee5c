/**
 * Throws a RangeError unless a number is valid.
 *
 * @param what names the operation and the number, as in `adam: beta1`.
 * @param range completes the sentence "it must be ...".
 */
export function requireNumber(what: string, value: number, valid: boolean, range: string): void {
  if (!valid) throw new RangeError(`${what} is ${value}; it must be ${range}`);
}

/** Throws a RangeError unless a number is finite and not negative. */
export function requireNotNegative(what: string, value: number): void {
  requireNumber(what, value, value >= 0 && value < Infinity, "finite and at least 0");
}
