/** Numbers as a report prints them: no digit that carries nothing, none missing that does. */

/** The shortest decimal that is the same number in float32. */
export function float32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

/** Rounded to so many digits. */
export function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** Rounded to so many decimals; -0 becomes 0. */
export function decimals(value: number, digits: number): number {
  return Number(value.toFixed(digits)) + 0;
}

export function degrees(radians: number): number {
  return decimals((radians * 180) / Math.PI, 2);
}

/** @param values `n x size` */
export function rowsOf(values: ArrayLike<number>, size: number, digits: number): number[][] {
  return Array.from({ length: values.length / size }, (_, i) =>
    Array.from({ length: size }, (_, axis) => decimals(values[size * i + axis]!, digits)),
  );
}
