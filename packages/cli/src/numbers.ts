import { InvalidArgumentError } from "commander";

/** Parses an option's value: an integer from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 0.");
  return Number(text);
}

/** Parses an option's value: an integer from 1. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

/** A number as people write it: no exponent, no hexadecimal digits, no infinity. Null for other text. */
export function parseNumber(text: string): number | null {
  return /^[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Number(text) : null;
}

/** Makes a parser of an option's value: a number in a range. */
export function numberWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value === null || value < low || value > high) {
      throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** Makes a parser of an option's value: an integer in a range. */
export function integerWithin(low: number, high: number): (text: string) => number {
  const parse = numberWithin(low, high);
  return (text) => {
    const value = parse(text);
    if (!/^\d+$/.test(text)) {
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    }
    return value;
  };
}
