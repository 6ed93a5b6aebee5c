/** Bytes looked at as one text; pieces overlap by as much as the longest name. */
const PIECE = 1 << 20;

/**
 * Whether all the names occur somewhere in the bytes, as ASCII. A binary file's own names may lie anywhere between
 * its numbers; the search ends where the last of them is found.
 */
export function mentions(bytes: Uint8Array, names: readonly string[]): boolean {
  const missing = new Set(names);
  const overlap = Math.max(...names.map((name) => name.length));
  const decoder = new TextDecoder("latin1");
  for (let at = 0; at < bytes.length && missing.size > 0; at += PIECE) {
    const text = decoder.decode(bytes.subarray(at, at + PIECE + overlap));
    for (const name of missing) if (text.includes(name)) missing.delete(name);
  }
  return missing.size === 0;
}
