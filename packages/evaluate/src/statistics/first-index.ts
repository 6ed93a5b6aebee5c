/**
 * Bisection.
 *
 * @param end number of the indices, which run from 0
 * @param test once true it stays so
 * @returns the first index for which the test holds; `end` where it never does
 */
export function firstIndex(end: number, test: (index: number) => boolean): number {
  let [low, high] = [0, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
