// Filling what a soft mask encloses.

const LEVELS = 256;

/**
 * Raises every pixel to the level at which it is enclosed: the lowest, over all ways to the border of the
 * picture, of the highest value on the way (grey-scale hole filling; Soille, "Morphological Image Analysis",
 * 2004, section 6.3.7; by flooding from the border, lowest first). Ways go straight, not diagonally.
 *
 * @param values `height x width` in [0, 1]
 * @returns the same size; levels are exact to 1/255, values that are not raised stay as they are
 */
export function fillEnclosed(values: Float32Array, width: number, height: number): Float32Array {
  const filled = values.slice();
  const seen = new Uint8Array(values.length);
  const queues: number[][] = Array.from({ length: LEVELS }, () => []);
  const visit = (pixel: number, level: number) => {
    if (seen[pixel]) return;
    seen[pixel] = 1;
    const own = Math.min(LEVELS - 1, Math.max(0, Math.round(values[pixel]! * (LEVELS - 1))));
    if (own < level) filled[pixel] = level / (LEVELS - 1);
    queues[Math.max(own, level)]!.push(pixel);
  };
  for (let x = 0; x < width; x++) {
    visit(x, 0);
    visit((height - 1) * width + x, 0);
  }
  for (let y = 0; y < height; y++) {
    visit(y * width, 0);
    visit(y * width + width - 1, 0);
  }
  for (let level = 0; level < LEVELS; level++) {
    const queue = queues[level]!;
    for (let pixel = queue.pop(); pixel !== undefined; pixel = queue.pop()) {
      const x = pixel % width;
      if (x > 0) visit(pixel - 1, level);
      if (x < width - 1) visit(pixel + 1, level);
      if (pixel >= width) visit(pixel - width, level);
      if (pixel + width < values.length) visit(pixel + width, level);
    }
  }
  return filled;
}
