/** Something to read from at any place: a buffer, a file, a file on a web server. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /**
   * @param offset first byte, `0 <= offset <= size`
   * @param length bytes wanted, `offset + length <= size`
   * @returns exactly `length` bytes
   * @throws GanfitError where that many bytes do not come
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Reads from memory, without copying. */
export function memorySource(bytes: ArrayBuffer | Uint8Array): ByteSource {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return {
    size: view.length,
    read: async (offset, length) => view.subarray(offset, offset + length),
  };
}
