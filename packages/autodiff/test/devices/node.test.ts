/** The devices that Node always has, on the graph that all devices share. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/index.node.js";
import { expectAgreement } from "./compare.js";
import { deviceCase } from "./graph.js";
import { runOn } from "./run.js";

test("cpu agrees with the float64 reference", async () => {
  const { inputs, outputs, feeds } = deviceCase();
  const fed = new Map(Object.entries(feeds).map(([name, data]) => [inputs[name]!, data]));
  const values = evaluate(Object.values(outputs), fed);
  const reference = Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]!]));
  for (const [name, value] of Object.entries(reference)) {
    // An output of zeros would agree on a device that computes nothing.
    expect(
      value.some((element) => Math.abs(element) > 1e-4),
      name,
    ).toBe(true);
  }
  expectAgreement(await runOn("cpu"), reference);
});

test("wasm agrees with cpu", async () => {
  expectAgreement(await runOn("wasm"), await runOn("cpu"));
});
