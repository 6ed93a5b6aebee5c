/** How far textures are from those most like them: copies have no distance, and so has a generator that knows one face. */

/** Something that can be compared, and who it is: nobody is compared with himself. */
export interface Candidate {
  readonly person: string;
  readonly values: Float32Array;
}

export interface Nearest {
  /** Over the candidates asked about, of what is nearest to each. */
  readonly mean: number;
  /** Of the one that is nearest of all. */
  readonly least: number;
}

/**
 * Distances from each of `from` to the nearest of `to` that is another person.
 *
 * @throws RangeError where somebody has nobody to be compared with
 */
export function nearest(
  from: readonly Candidate[],
  to: readonly Candidate[],
  distance: (a: Float32Array, b: Float32Array) => number,
): Nearest {
  const values = from.map((candidate) => {
    const others = to.filter(({ person }) => person !== candidate.person);
    if (others.length === 0) throw new RangeError(`${candidate.person} is alone`);
    return Math.min(...others.map((other) => distance(candidate.values, other.values)));
  });
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    least: Math.min(...values),
  };
}

/**
 * Root of the mean square of differences of colour.
 *
 * @param weight of each texel, three values of `a` and `b`
 */
export function colourDistance(weight: Float32Array) {
  const total = 3 * weight.reduce((sum, value) => sum + value, 0);
  return (a: Float32Array, b: Float32Array): number => {
    let sum = 0;
    for (let i = 0; i < weight.length; i++) {
      for (let c = 3 * i; c < 3 * i + 3; c++) sum += weight[i]! * (a[c]! - b[c]!) ** 2;
    }
    return Math.sqrt(sum / total);
  };
}
