/** The files of test/fixtures/models, written by tools/fixtures/published_models.py, and what they hold. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { GanfitError } from "../src/errors.js";
import type { MorphableModel } from "../src/models/morphable-model.js";

const FIXTURES = new URL("fixtures/models/", import.meta.url);

export const fixture = (name: string, folder: URL = FIXTURES): Uint8Array =>
  new Uint8Array(readFileSync(new URL(name, folder)));

export interface Expected {
  readonly vertices: number;
  readonly triangles: number;
  readonly identity: readonly number[];
  readonly expression: readonly number[];
  readonly mean: readonly number[];
  readonly head: readonly number[];
  readonly posed?: readonly number[];
  readonly parts?: readonly (readonly [string, number])[];
}

export function expected(name: string, folder: URL = FIXTURES): Expected {
  const all = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8"));
  return all[name];
}

/** `mean + identity p + expression q`, in doubles. */
export function headOf(
  model: MorphableModel,
  p: readonly number[],
  q: readonly number[],
): number[] {
  const head = Array.from(model.mean);
  const add = (displacements: Float32Array, k: number, weight: number): void => {
    for (let i = 0; i < head.length; i++) head[i]! += weight * displacements[k * head.length + i]!;
  };
  for (const [k, weight] of p.entries()) add(model.identity.displacements, k, weight);
  for (const [k, weight] of q.entries()) add(model.expression.displacements, k, weight);
  return head;
}

/** Asserts that a model is the one numpy made, to a micrometre, seen from the right side and in whole parts. */
export function expectModel(model: MorphableModel, want: Expected, extraExpressions = 0): void {
  expect(model.mean.length).toBe(3 * want.vertices);
  expect(model.triangles.length).toBe(3 * want.triangles);
  expect(model.identity.names.length).toBe(want.identity.length);
  expect(model.expression.names.length).toBe(want.expression.length + extraExpressions);
  expect(largestDifference(model.mean, want.mean)).toBeLessThan(1e-3);
  const head = headOf(model, want.identity, want.expression);
  expect(largestDifference(head, want.head)).toBeLessThan(1e-3);
  expect(model.parts.reduce((sum, part) => sum + part.count, 0)).toBe(want.triangles);
  expect(frontFacing(model)).toBeGreaterThan(0.9);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/**
 * Share of the skin's triangles in the front half of the head whose normal points to +z: independent of how
 * the readers decide on the orientation.
 */
function frontFacing(model: MorphableModel): number {
  const { mean, triangles } = model;
  const skin = model.parts[0]!;
  const z = Array.from({ length: mean.length / 3 }, (_, v) => mean[3 * v + 2]!);
  const middle = (z.reduce((a, b) => Math.max(a, b)) + z.reduce((a, b) => Math.min(a, b))) / 2;
  let [front, all] = [0, 0];
  for (let t = skin.start; t < skin.start + skin.count; t++) {
    const [a, b, c] = [0, 1, 2].map((i) => triangles[3 * t + i]!) as [number, number, number];
    if (z[a]! + z[b]! + z[c]! < 3 * middle) continue;
    const at = (v: number, d: number): number => mean[3 * v + d]!;
    const cross =
      (at(b, 0) - at(a, 0)) * (at(c, 1) - at(a, 1)) - (at(b, 1) - at(a, 1)) * (at(c, 0) - at(a, 0));
    all++;
    if (cross > 0) front++;
  }
  expect(all).toBeGreaterThan(0);
  return front / all;
}

/** What reading throws, which must be a GanfitError of code `model` and one sentence. */
export async function refusal(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (error) {
    expect(error).toBeInstanceOf(GanfitError);
    expect((error as GanfitError).code).toBe("model");
    expect((error as GanfitError).message).toMatch(/^[A-Z"][^\n]*\.$/);
    return (error as GanfitError).message;
  }
  throw new Error("nothing was thrown");
}

/**
 * Reads every seventh truncation of a file, and `count` copies with a few bytes changed. Each must be refused, or
 * (a change of no consequence, a cut behind what is read) give a model.
 *
 * @returns how many were refused
 */
export async function abuse(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  count: number,
  step = 7,
): Promise<{ cut: number; cuts: number; changed: number }> {
  const refused = async (damaged: Uint8Array): Promise<number> => {
    try {
      await read(damaged);
      return 0;
    } catch (error) {
      if (!(error instanceof GanfitError)) throw error;
      return 1;
    }
  };
  let [cut, cuts, changed] = [0, 0, 0];
  for (let length = 0; length < bytes.length; length += step) {
    cut += await refused(bytes.subarray(0, length));
    cuts++;
  }
  let state = 12345;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let i = 0; i < count; i++) {
    const copy = bytes.slice();
    // Half of the changes where the headers are.
    const range = i % 2 === 0 ? Math.min(bytes.length, 2000) : bytes.length;
    for (let k = 0; k <= random(3); k++) copy[random(range)] = random(256);
    changed += await refused(copy);
  }
  return { cut, cuts, changed };
}
