/** The devices that Node always has, on the graph that all devices share. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/index.node.js";
import { expectAgreement } from "./compare.js";
import { arraysCase, deviceCase } from "./graph.js";
import { runOn } from "./run.js";

test("cpu agrees with the float64 reference", async () => {
  const { inputs, outputs, feeds } = deviceCase();
  const fed = Object.entries(feeds).map(([name, data]) => {
    return [inputs[name]!, Float64Array.from(data, Number)] as const;
  });
  const values = evaluate(Object.values(outputs), new Map(fed));
  const reference = Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]!]));
  for (const [name, value] of Object.entries(reference)) {
    // An output of zeros would agree with a device that computes nothing.
    expect(
      value.some((element) => Math.abs(element) > 1e-4),
      name,
    ).toBe(true);
  }
  expectAgreement(await runOn("cpu", deviceCase()), reference);
});

test("wasm agrees with cpu", async () => {
  expectAgreement(await runOn("wasm", deviceCase()), await runOn("cpu", deviceCase()));
});

test.each(["cpu", "wasm"] as const)("%s takes and returns every kind of array", async (device) => {
  expect(await runOn(device, arraysCase())).toEqual(arraysCase().expected);
});
