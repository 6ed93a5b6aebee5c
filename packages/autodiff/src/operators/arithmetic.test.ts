import { describe, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { mul, div, add } from "./arithmetic.js";
describe("arith", () => { it("works", () => {
  checkGradients({ inputs: { a: { shape: [2, 3] }, b: { shape: [3], data: Float64Array.of(1,2,1.5) } }, random: generator(1), build: ({ a, b }) => div(mul(a!, add(a!, b!)), b!) });
}); });
