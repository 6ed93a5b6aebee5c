const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Longer than any number that a program writes. */
const MAX_LENGTH = 400;

/** The decimal number that a text is, nothing else around it; null where it is none or too large for a double. */
export function decimalOf(text: string): number | null {
  if (text.length > MAX_LENGTH || !DECIMAL.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
