import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adam } from "./adam.js";
import type { Optimiser } from "./optimiser.js";
import type { ParameterGroup } from "./parameter-group.js";
import { cosineDecay, type Schedule } from "./schedule.js";
import { sgd } from "./sgd.js";

const schedule = cosineDecay(40);
const makers: [string, (groups: ParameterGroup[]) => Optimiser][] = [
  ["adam", (groups) => adam(groups, { learningRate: 0.01, weightDecay: 0.1, schedule })],
  ["sgd", (groups) => sgd(groups, { learningRate: 0.01, momentum: 0.9, nesterov: true, schedule })],
];

const uniform = fc.integer({ min: -1e6, max: 1e6 }).map((k) => k / 1e6);
const random = (length: number, seed: number) =>
  Float32Array.from(fc.sample(uniform, { numRuns: length, seed }));
const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];

describe.each(makers)("%s as an optimiser", (name, make) => {
  const twoGroups = () => [
    { name: "a", values: random(5, 1) },
    { name: "b", values: random(3, 2), learningRate: 0.1 },
  ];
  const gradientsAt = (step: number) => ({ a: random(5, 10 + step), b: random(3, 60 + step) });

  it("continues from a restored state with the same bits", () => {
    const groups = twoGroups();
    const whole = make(groups);
    for (let step = 0; step < 10; step++) whole.step(gradientsAt(step));
    const state = whole.state();
    const copies = groups.map((group) => ({ ...group, values: group.values.slice() }));
    for (let step = 10; step < 30; step++) whole.step(gradientsAt(step));

    const resumed = make(copies);
    resumed.restore(state);
    for (let step = state.step; step < 30; step++) resumed.step(gradientsAt(step));

    expect(state.step).toBe(10);
    copies.forEach(({ values }, index) => {
      expect(bits(values)).toEqual(bits(groups[index]!.values));
    });
    expect(resumed.state()).toEqual(whole.state());
  });

  it("copies the state out and in", () => {
    const optimiser = make(twoGroups());
    optimiser.step(gradientsAt(0));
    const state = optimiser.state();
    const before = structuredClone(state);
    optimiser.step(gradientsAt(1));
    expect(state).toEqual(before);
    optimiser.restore(state);
    optimiser.step(gradientsAt(1));
    expect(state).toEqual(before);
  });

  it("takes what a group does not say from its options", () => {
    const values = random(4, 3);
    const rates = [0.02, 0.01, 0.01];
    const schedules: Schedule[] = [schedule, (step) => 2 * schedule(step), schedule];
    const groups = rates.map((learningRate, index) => {
      const own = { learningRate, schedule: schedules[index]! };
      return { name: `${index}`, values: values.slice(), ...(index < 2 ? own : {}) };
    });
    const optimiser = make(groups);
    for (let step = 0; step < 5; step++) {
      const gradient = random(4, 20 + step);
      optimiser.step({ 0: gradient, 1: gradient, 2: gradient });
    }
    // Twice the rate and twice the multiplier are the same; neither is the rate of the options.
    expect(bits(groups[0]!.values)).toEqual(bits(groups[1]!.values));
    expect(bits(groups[0]!.values)).not.toEqual(bits(groups[2]!.values));
  });

  it("updates a group as it would its parts", () => {
    fc.assert(
      fc.property(fc.float32Array({ max: 1e6, min: -1e6, noNaN: true }), fc.nat(), (g, cut) => {
        const at = cut % (g.length + 1);
        const whole = new Float32Array(g.length);
        const [left, right] = [new Float32Array(at), new Float32Array(g.length - at)];
        const one = make([{ name: "whole", values: whole }]);
        const two = make([
          { name: "left", values: left },
          { name: "right", values: right },
        ]);
        for (let step = 0; step < 3; step++) {
          one.step({ whole: g });
          two.step({ left: g.subarray(0, at), right: g.subarray(at) });
        }
        expect(bits(whole)).toEqual([...bits(left), ...bits(right)]);
      }),
      { seed: 1 },
    );
  });

  it("mirrors: negated parameters and gradients give negated results", () => {
    fc.assert(
      fc.property(fc.float32Array({ max: 1e6, min: -1e6, noNaN: true }), (g) => {
        const [plus, minus] = [g.map((x) => x / 3), g.map((x) => -x / 3)];
        const p = make([{ name: "x", values: plus }]);
        const m = make([{ name: "x", values: minus }]);
        for (let step = 0; step < 3; step++) {
          p.step({ x: g });
          m.step({ x: g.map((x) => -x) });
        }
        expect(minus.map((x) => -x + 0)).toEqual(plus.map((x) => x + 0));
      }),
      { seed: 2 },
    );
  });

  it("keeps the values where the learning rate is 0", () => {
    const values = random(4, 5);
    const before = bits(values);
    make([{ name: "x", values, learningRate: 0 }]).step({ x: random(4, 6) });
    expect(bits(values)).toEqual(before);
  });

  const valid = gradientsAt(1);
  const withElement = (value: number) => Float32Array.of(0, 0, value);
  it.each([
    [{ ...valid, c: valid.a }, `${name}: gradient for unknown "c"`],
    [{ a: valid.a }, `${name}: gradient for "b" is missing`],
    [{ ...valid, a: valid.b }, `${name}: gradient for "a" has 3 elements, not 5`],
    [
      { ...valid, b: withElement(NaN) },
      `${name}: gradient for "b" is NaN at index 2; it must be finite and at most 1e+19 in magnitude`,
    ],
    [
      { ...valid, b: withElement(-Infinity) },
      `${name}: gradient for "b" is -Infinity at index 2; ` +
        "it must be finite and at most 1e+19 in magnitude",
    ],
    [
      { ...valid, b: withElement(2 ** 64) },
      `${name}: gradient for "b" is 18446744073709552000 at index 2; ` +
        "it must be finite and at most 1e+19 in magnitude",
    ],
  ])("rejects bad gradients and changes nothing (case %#)", (gradients, message) => {
    const groups = twoGroups();
    const optimiser = make(groups);
    optimiser.step(gradientsAt(0));
    const values = groups.map((group) => bits(group.values));
    const state = optimiser.state();
    expect(() => optimiser.step(gradients)).toThrow(message);
    expect(groups.map((group) => bits(group.values))).toEqual(values);
    expect(optimiser.state()).toEqual(state);
  });

  it("rejects an invalid multiplier and changes nothing", () => {
    const groups = twoGroups();
    const bad: Schedule = (step) => (step === 1 ? NaN : 1);
    const optimiser = make([groups[0]!, { ...groups[1]!, schedule: bad }]);
    optimiser.step(gradientsAt(0));
    const values = groups.map((group) => bits(group.values));
    const state = optimiser.state();
    expect(() => optimiser.step(gradientsAt(1))).toThrow(
      new RangeError(
        `${name}: multiplier of "b" at step 1 is NaN; it must be finite and at least 0`,
      ),
    );
    expect(groups.map((group) => bits(group.values))).toEqual(values);
    expect(optimiser.state()).toEqual(state);
  });

  const slot = name === "adam" ? "m" : "velocity";
  it.each([
    [{ step: -1 }, "step of the state is -1; it must be an integer from 0"],
    [{ step: 0.5 }, "step of the state is 0.5; it must be an integer from 0"],
    [{ tensors: {} }, `state for "${slot}/a" is missing`],
    [{ more: { [`${slot}/c`]: new Float32Array(1) } }, `state for unknown "${slot}/c"`],
    [
      { more: { [`${slot}/b`]: new Float32Array(1) } },
      `state for "${slot}/b" has 1 elements, not 3`,
    ],
  ])("rejects a bad state and changes nothing (case %#)", (change, message) => {
    const optimiser = make(twoGroups());
    optimiser.step(gradientsAt(0));
    const state = optimiser.state();
    const { more, ...rest } = { more: {}, ...change };
    const zero = make(twoGroups()).state();
    const bad = { ...zero, tensors: { ...zero.tensors, ...more }, ...rest };
    expect(() => optimiser.restore(bad)).toThrow(`${name}: ${message}`);
    expect(optimiser.state()).toEqual(state);
  });

  it("rejects bad groups", () => {
    const [a, b] = twoGroups();
    expect(() => make([a!, { ...b!, name: "a" }])).toThrow(`${name}: two groups are named "a"`);
    expect(() => make([a!, { ...b!, learningRate: -1 }])).toThrow(
      new RangeError(`${name}: learning rate of "b" is -1; it must be finite and at least 0`),
    );
  });
});
