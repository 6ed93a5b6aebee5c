/** A picture of 8 bits a channel in sRGB, rows from the top, pixels interleaved. */
export interface Image {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `height x width x 3`, R G B, gamma-coded sRGB, 0-255. Not multiplied by alpha. */
  readonly data: Uint8Array;
  /** `height x width` opacity, 0-255; absent for a picture without transparency. */
  readonly alpha?: Uint8Array;
}

/** One value per pixel in [0, 1], rows from the top: a mask or a confidence. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  /** `height x width`. */
  readonly data: Float32Array;
}
