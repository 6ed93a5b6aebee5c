/** Steps that are compared with as many before them. */
const WINDOW = 15;
/** The least that the second has to be lower, of the first. */
const LEAST_FALL = 5e-4;

/** Tells when an energy no longer falls. */
export function plateauDetector(): (energy: number) => boolean {
  const seen: number[] = [];
  return (energy) => {
    seen.push(energy);
    if (seen.length < 2 * WINDOW) return false;
    const mean = (from: number) =>
      seen.slice(from, from + WINDOW).reduce((sum, value) => sum + value, 0) / WINDOW;
    const now = mean(seen.length - WINDOW);
    const before = mean(seen.length - 2 * WINDOW);
    return before - now < LEAST_FALL * Math.abs(before);
  };
}
