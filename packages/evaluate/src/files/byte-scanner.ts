import { failAt, type Place } from "./place.js";

/** How a binary file holds a number. */
export type ScalarType =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "float32"
  | "float64";

export const SCALAR_BYTES: Readonly<Record<ScalarType, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

/** Reads numbers from bytes. */
export class ByteScanner implements Place {
  readonly unit = "byte";
  readonly #view: DataView;

  /**
   * @param name of the file, for messages
   * @param at offset of the next byte
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
    private readonly littleEndian: boolean,
    public at: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next byte. */
  get where(): number {
    return this.at;
  }

  /** @throws GanfitError `data` where the file ends before it */
  skip(type: ScalarType): void {
    if (this.at + SCALAR_BYTES[type] > this.bytes.length) failAt(this, "is cut off");
    this.at += SCALAR_BYTES[type];
  }

  /** @throws GanfitError `data` where the file ends before it */
  number(type: ScalarType): number {
    const at = this.at;
    this.skip(type);
    switch (type) {
      case "int8":
        return this.#view.getInt8(at);
      case "uint8":
        return this.#view.getUint8(at);
      case "int16":
        return this.#view.getInt16(at, this.littleEndian);
      case "uint16":
        return this.#view.getUint16(at, this.littleEndian);
      case "int32":
        return this.#view.getInt32(at, this.littleEndian);
      case "uint32":
        return this.#view.getUint32(at, this.littleEndian);
      case "float32":
        return this.#view.getFloat32(at, this.littleEndian);
      case "float64":
        return this.#view.getFloat64(at, this.littleEndian);
    }
  }
}
