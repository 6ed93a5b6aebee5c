import type { TypedArray } from "../../src/index.js";

/** Arrays as numbers and the name of their kind, since typed arrays do not leave a page. */
export type Plain = Record<string, { readonly kind: string; readonly values: number[] }>;

export function plain(arrays: Readonly<Record<string, TypedArray>>): Plain {
  const entries = Object.entries(arrays).map(([name, data]) => {
    return [name, { kind: data.constructor.name, values: Array.from(data, Number) }] as const;
  });
  return Object.fromEntries(entries);
}

export function numbersOf(plain: Plain): Record<string, number[]> {
  return Object.fromEntries(Object.entries(plain).map(([name, { values }]) => [name, values]));
}
