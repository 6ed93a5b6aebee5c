import type { FitProgress } from "@ganfit/core";
import { expect, it } from "vitest";
import { createReporter } from "./progress.node.js";

const losses: NonNullable<FitProgress["losses"]> = {
  energy: 2.34567,
  identity: 0.5,
  secondIdentity: 0.6,
  content: 0.001,
  pixel: 0.123456,
  landmark: 0.01,
  shapePrior: 0,
  expressionPrior: 0,
  latentPrior: 0,
  lightPrior: 0,
};

/** Runs 100 steps of a tenth of a second. */
function told(stream: { isTTY?: boolean; columns?: number }): string {
  let text = "";
  let time = 0;
  const write = (more: string) => {
    text += more;
  };
  const reporter = createReporter({ ...stream, write }, () => time);
  reporter.fit("a.jpg", { stage: "face", step: 0, steps: 1 });
  reporter.fit("a.jpg", { stage: "fit", step: 0, steps: 100 });
  for (let step = 1; step <= 100; step++) {
    time += 100;
    reporter.fit("a.jpg", { stage: "fit", step, steps: 100, losses });
  }
  reporter.say("done");
  reporter.stop();
  return text;
}

it("prints plain lines where there is no terminal", () => {
  const lines = told({}).trimEnd().split("\n");
  expect(lines).toHaveLength(8);
  expect(lines.slice(0, 3)).toEqual([
    "a.jpg: looking for the face",
    "a.jpg: fitting",
    "a.jpg: step 20/100  8 s left  energy 2.346  identity 0.5000  pixel 0.1235  landmark 0.01000",
  ]);
  expect(lines.at(-1)).toBe("done");
});

it("keeps to one line on a terminal, cut to its width", () => {
  const text = told({ isTTY: true, columns: 40 });
  const states = text.split("\r\x1b[2K").slice(1);
  expect(states).toHaveLength(103);
  expect(Math.max(...states.slice(0, -1).map(({ length }) => length))).toBe(39);
  expect(states.at(-1)).toBe("done\n");
  expect(text.match(/\n/g)).toHaveLength(1);
});

it("takes a terminal that does not know its width for one of 80 columns", () => {
  const states = told({ isTTY: true, columns: 0 }).split("\r\x1b[2K");
  expect(Math.max(...states.slice(0, -1).map(({ length }) => length))).toBeGreaterThan(60);
});
