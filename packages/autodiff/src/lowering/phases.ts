/**
 * Sub-pixel phases: one axis of an operator whose output is `stride` times finer than its input.
 *
 * Output i = stride q + r (phase r) sees input q + d. Each phase is a convolution at the input's
 * resolution with only the taps that reach it, and the phases are interleaved at the end
 * (Shi et al. 2016, arXiv 1609.07009, without the zero taps).
 */
import { range, type Shape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { sum } from "../operators/arithmetic.js";
import { expand, fill } from "../operators/broadcasting.js";
import { conv } from "../operators/convolution.js";
import { reshape } from "../operators/layout.js";
import { concat, slice } from "../operators/slicing.js";

/** Which taps of the original kernel each phase of one axis uses, and at which offset d. */
export interface PhaseTap {
  readonly tap: number;
  readonly offset: number;
}

export interface PhasedAxis {
  readonly stride: number;
  /** Output size. */
  readonly size: number;
  /** One list per phase; several taps may share an offset (their weights add). */
  readonly phases: readonly (readonly PhaseTap[])[];
}

/** Every combination of one element per list, the last list varying fastest. */
export function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (tuples, list) => tuples.flatMap((tuple) => list.map((item) => [...tuple, item])),
    [[]],
  );
}

/**
 * Selects, along `axis` of `w`, the weights of one phase: position p of the result is the sum of
 * the taps whose offset is `first + p` (zero where there is none).
 */
export function selectTaps(
  w: Tensor,
  axis: number,
  taps: readonly PhaseTap[],
  first: number,
  length: number,
): Tensor {
  const columns = range(length).map((p) => {
    const own = taps.filter(({ offset }) => offset === first + p);
    const slices = own.map(({ tap }) => slice(w, [tap], [tap + 1], [axis]));
    if (slices.length > 0) return sum(slices);
    return fill(
      w,
      0,
      w.shape.map((dim, i) => (i === axis ? 1 : dim)),
    );
  });
  return concat(columns, axis);
}

/** Convolves x [N, C, small...] once per phase and interleaves: [N, M, size...]. */
export function phasedConvolution(
  x: Tensor,
  weights: Tensor,
  group: number,
  axes: readonly PhasedAxis[],
  bias?: Tensor,
): Tensor {
  const spatial = range(axes.length);
  const places = axes.map(({ size, stride }) => Math.ceil(size / stride));
  const parts = product(axes.map(({ phases }) => phases)).map((phase) =>
    onePhase(x, weights, bias, group, phase, places),
  );
  const fine = interleave(
    parts,
    axes.map(({ stride }) => stride),
  );
  return slice(
    fine,
    spatial.map(() => 0),
    axes.map(({ size }) => size),
    spatial.map((i) => i + 2),
  );
}

function onePhase(
  x: Tensor,
  weights: Tensor,
  bias: Tensor | undefined,
  group: number,
  phase: readonly (readonly PhaseTap[])[],
  places: Shape,
): Tensor {
  let kernel = weights;
  let seen = x;
  const begins: number[] = [];
  const ends: number[] = [];
  for (const [i, taps] of phase.entries()) {
    const offsets = taps.map(({ offset }) => offset);
    const first = Math.min(...offsets);
    const last = Math.max(...offsets);
    const size = x.shape[i + 2]!;
    const beyond = places[i]! + last - size;
    // Input that no output of this phase sees would be a negative pad: crop it.
    const from = Math.max(0, first);
    const to = size + Math.min(0, beyond);
    if (from >= to) return unseen(x, weights, bias, places);
    kernel = selectTaps(kernel, i + 2, taps, first, last - first + 1);
    seen = slice(seen, [from], [to], [i + 2]);
    begins.push(Math.max(0, -first));
    ends.push(Math.max(0, beyond));
  }
  return conv(seen, kernel, bias, { pads: [...begins, ...ends], group });
}

/** A phase that has no taps, or meets nothing but padding with them. */
function unseen(x: Tensor, weights: Tensor, bias: Tensor | undefined, places: Shape): Tensor {
  const shape = [x.shape[0]!, weights.shape[0]!, ...places];
  if (!bias) return fill(x, 0, shape);
  const plane = reshape(bias, [bias.size, ...places.map(() => 1)]);
  return expand(plane, shape);
}

/** Weaves phases (the last axis varying fastest) into one finer image, last axis first. */
function interleave(parts: readonly Tensor[], strides: readonly number[]): Tensor {
  let woven = [...parts];
  for (let i = strides.length - 1; i >= 0; i--) {
    const stride = strides[i]!;
    const axis = i + 2;
    woven = range(woven.length / stride).map((n) => {
      const group = woven.slice(n * stride, (n + 1) * stride);
      if (group.length === 1) return group[0]!;
      const { shape } = group[0]!;
      const split = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
      const joined = concat(
        group.map((part) => reshape(part, split)),
        axis + 1,
      );
      return reshape(joined, [
        ...shape.slice(0, axis),
        shape[axis]! * stride,
        ...shape.slice(axis + 1),
      ]);
    });
  }
  return woven[0]!;
}
