export interface AnchorOptions {
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /** Pixels between anchors, for each layer; layers of equal stride share one grid. */
  readonly strides: readonly number[];
  /** Anchors that each layer has at every place. */
  readonly perLayer: number;
}

/** BlazeFace, short range: 16 x 16 x 2 and 8 x 8 x 6 anchors. */
export const SHORT_RANGE_ANCHORS: AnchorOptions = {
  inputSize: 128,
  strides: [8, 16, 16, 16],
  perLayer: 2,
};

/**
 * Centres of a single shot detector's anchors in [0, 1], `n x 2`, as MediaPipe's
 * SsdAnchorsCalculator lays them with `fixed_anchor_size`: grid by grid, row by row, all anchors of
 * a place together. Their width and height are 1, so sizes do not matter.
 */
export function anchorCentres({ inputSize, strides, perLayer }: AnchorOptions): Float32Array {
  const centres: number[] = [];
  for (let layer = 0; layer < strides.length; ) {
    const stride = strides[layer]!;
    let count = 0;
    for (; strides[layer] === stride; layer++) count += perLayer;
    const cells = Math.ceil(inputSize / stride);
    for (let y = 0; y < cells; y++) {
      for (let x = 0; x < cells; x++) {
        for (let i = 0; i < count; i++) centres.push((x + 0.5) / cells, (y + 0.5) / cells);
      }
    }
  }
  return Float32Array.from(centres);
}
