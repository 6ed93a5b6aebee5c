/**
 * The SHA-256 of bytes, as 64 hexadecimal digits. In a page it needs a secure context, as all of the
 * browser's cryptography does.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // A copy where the memory is shared with other threads, which the browser's function does not take.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
  const hash = await crypto.subtle.digest("SHA-256", own as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
