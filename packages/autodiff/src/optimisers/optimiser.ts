// First-order optimisers: what they share. An update rule (adam.ts, sgd.ts) is the formula of one
// paper over one flat array; this file makes an optimiser of it: named groups, learning rates and
// schedules, checks, and a state to stop and resume with.

import { assignArrays, copyArrays, type NamedArrays, requireSameArrays } from "./named-arrays.js";
import { type ParameterGroup, requireGroups } from "./parameter-group.js";
import { requireNotNegative, requireNumber } from "./require.js";
import type { Schedule } from "./schedule.js";

/** Moves groups of parameters along their gradients, in place. */
export interface Optimiser {
  /**
   * One update of every group.
   *
   * All or nothing: where it throws, the parameters and the state are as they were.
   *
   * @param gradients of the loss to minimise, by group name, each as long as the group's values.
   * @throws where a gradient is missing, has no group, has the wrong length or has an element that
   *   is not finite or above 1e19 in magnitude (its square would overflow a float32 and stop that
   *   parameter for good), and where a schedule returns an invalid multiplier.
   */
  step(gradients: NamedArrays): void;
  /** A copy of all that the next update depends on, except the parameters, which are the caller's. */
  state(): OptimiserState;
  /**
   * Returns to a state of the same optimiser over the same groups. With the parameters as they were
   * then, what follows is the same to the last bit.
   *
   * @throws where the names or lengths of the tensors do not match; nothing is changed then.
   */
  restore(state: OptimiserState): void;
}

/** Plain data, to be stored in any format with named tensors. */
export interface OptimiserState {
  /** Number of updates made. */
  readonly step: number;
  /** Flat tensors named `SLOT/GROUP`, as in `m/weights`, each as long as the group's values. */
  readonly tensors: NamedArrays;
}

/** The formula of an optimiser. */
export interface UpdateRule<Slot extends string> {
  /** Begins error messages. */
  readonly name: string;
  /** Absolute; of the groups without their own. */
  readonly learningRate: number;
  /** Of the groups without their own. */
  readonly schedule: Schedule;
  /** What is kept from one update to the next: so many arrays like the values, at first zero. */
  readonly slots: readonly Slot[];
  /**
   * One update of one group, in place.
   *
   * @param rate the learning rate times the multiplier of the schedule.
   * @param t number of this update, from 1.
   */
  readonly update: (
    values: Float32Array,
    gradient: Float32Array,
    slots: Readonly<Record<Slot, Float32Array>>,
    rate: number,
    t: number,
  ) => void;
}

const LARGEST_GRADIENT = 1e19;

/**
 * The optimiser of an update rule.
 *
 * @throws where two groups have the same name or a learning rate is negative or not finite.
 */
export function optimiserOf<Slot extends string>(
  rule: UpdateRule<Slot>,
  groups: readonly ParameterGroup[],
): Optimiser {
  requireNotNegative(`${rule.name}: learningRate`, rule.learningRate);
  requireGroups(rule.name, groups);
  const parameters = Object.fromEntries(groups.map(({ name, values }) => [name, values]));
  const members = groups.map((group) => ({ group, slots: zeroSlots(rule.slots, group.values) }));
  const tensors = Object.fromEntries(
    members.flatMap(({ group, slots }) =>
      rule.slots.map((slot) => [`${slot}/${group.name}`, slots[slot]]),
    ),
  );
  let step = 0;

  const rateOf = ({ name, learningRate, schedule }: ParameterGroup): number => {
    const multiplier = (schedule ?? rule.schedule)(step);
    requireNotNegative(`${rule.name}: multiplier of "${name}" at step ${step}`, multiplier);
    return (learningRate ?? rule.learningRate) * multiplier;
  };

  return {
    step(gradients) {
      requireSameArrays(`${rule.name}: gradient`, gradients, parameters);
      requireFinite(`${rule.name}: gradient`, gradients);
      const rates = groups.map(rateOf);
      step++;
      members.forEach(({ group, slots }, index) => {
        rule.update(group.values, gradients[group.name]!, slots, rates[index]!, step);
      });
    },
    state: () => ({ step, tensors: copyArrays(tensors) }),
    restore(state) {
      const valid = Number.isSafeInteger(state.step) && state.step >= 0;
      requireNumber(`${rule.name}: step of the state`, state.step, valid, "an integer from 0");
      requireSameArrays(`${rule.name}: state`, state.tensors, tensors);
      assignArrays(tensors, state.tensors);
      step = state.step;
    },
  };
}

function zeroSlots<Slot extends string>(
  slots: readonly Slot[],
  { length }: Float32Array,
): Readonly<Record<Slot, Float32Array>> {
  const entries = slots.map((slot) => [slot, new Float32Array(length)] as const);
  return Object.fromEntries(entries) as Record<Slot, Float32Array>;
}

function requireFinite(what: string, arrays: NamedArrays): void {
  for (const [name, array] of Object.entries(arrays)) {
    const index = indexOfUnusable(array);
    if (index === -1) continue;
    throw new RangeError(
      `${what} for "${name}" is ${array[index]} at index ${index}; ` +
        `it must be finite and at most ${LARGEST_GRADIENT.toExponential()} in magnitude`,
    );
  }
}

// A plain loop: findIndex, with a call for each element, takes several times as long.
function indexOfUnusable(array: Float32Array): number {
  for (let i = 0; i < array.length; i++) {
    if (!(Math.abs(array[i]!) <= LARGEST_GRADIENT)) return i;
  }
  return -1;
}
