import { expect, it } from "vitest";
import { createTrainingProgress } from "./progress.node.js";

const report = (images: number) => ({
  images,
  step: images / 4,
  size: 64,
  fade: 0.25,
  losses: { adversary: 0.123456 },
});

function told(stream: { isTTY?: boolean; columns?: number }): string {
  let text = "";
  let time = 0;
  const write = (more: string) => {
    text += more;
  };
  const progress = createTrainingProgress({ ...stream, write }, 400, () => time);
  progress.stage("reading the dataset");
  for (let images = 4; images <= 400; images += 4) {
    progress.step(report(images));
    time += 1000;
  }
  progress.stop();
  return text;
}

it("prints a line every half minute where there is no terminal", () => {
  expect(told({}).trimEnd().split("\n")).toEqual([
    "reading the dataset ...",
    "4/400 at 64, 25 % in  adversary 0.123",
    "124/400 at 64, 25 % in  4.00 images/s  adversary 0.123",
    "244/400 at 64, 25 % in  4.00 images/s  adversary 0.123",
    "364/400 at 64, 25 % in  4.00 images/s  adversary 0.123",
  ]);
});

it("keeps to one line on a terminal, cut to its width, and takes it away", () => {
  const states = told({ isTTY: true, columns: 30 }).split("\r\x1b[2K");
  expect(states).toHaveLength(102);
  expect(Math.max(...states.slice(1).map(({ length }) => length))).toBe(29);
  expect(states.at(-1)).toBe("");
});
