import { requireNotNegative } from "./require.js";
import type { Schedule } from "./schedule.js";

/**
 * Parameters that an optimiser updates together, and how fast: the shape coefficients of a fit, one
 * weight tensor of a network.
 *
 * What a group does not say itself it takes from the options of its optimiser, and what it does say
 * replaces them.
 */
export interface ParameterGroup {
  /** Unique among the groups of an optimiser; the key of this group's gradient. */
  readonly name: string;
  /** The parameters, flat, of any length. Updated in place. */
  readonly values: Float32Array;
  /**
   * Absolute learning rate, finite and at least 0, in place of the optimiser's. Absolute because the
   * groups of a fit have different units (radians, pixels, standard deviations), so that no rate is
   * a natural multiple of another. 0 keeps the values as they are.
   */
  readonly learningRate?: number;
  /** Multiplier of the learning rate over time, in place of the optimiser's. */
  readonly schedule?: Schedule;
}

/** Throws unless the names of the groups are unique and their learning rates valid. */
export function requireGroups(operation: string, groups: readonly ParameterGroup[]): void {
  const names = new Set<string>();
  for (const { name, learningRate } of groups) {
    if (names.has(name)) throw new Error(`${operation}: two groups are named "${name}"`);
    names.add(name);
    if (learningRate !== undefined) {
      requireNotNegative(`${operation}: learning rate of "${name}"`, learningRate);
    }
  }
}
