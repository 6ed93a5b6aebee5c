/**
 * Elementary functions of one operand. Each adjoint multiplies the cotangent by the derivative,
 * written with the output y wherever that is cheaper than recomputing from x.
 *
 *     Sqrt        y' / (2 y)              Exp      y' y
 *     Reciprocal  -y' y^2                 Log      y' / x
 *     Tanh        y' (1 - y^2)            Sigmoid  y' y (1 - y)
 *     Sin, Cos    y' cos x, -y' sin x     Erf      y' 2/sqrt(pi) exp(-x^2)
 *     Abs         y' sign x (0 at 0)      Softplus y' sigmoid x
 *     Atan        y' / (1 + x^2)          Tan      y' (1 + y^2)
 *     Asin, Acos  +-y' / sqrt(1 - x^2)    Sinh, Cosh  y' cosh x, y' sinh x
 *
 * Sign, Floor, Ceil and Round are piecewise constant: nothing flows through them.
 */
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";
import { add, div, LogForPow, mul, neg, sub } from "./arithmetic.js";
import { evaluateElementwise, inferElementwise } from "./selection.js";

type Derivative = (x: Tensor, y: Tensor, g: Tensor) => Tensor;

function unary(
  type: string,
  f: (x: number) => number,
  derivative: Derivative | "zero",
): OperatorDefinition {
  return defineOperator({
    type,
    arity: [1, 1],
    infer: (node) => inferElementwise(node),
    evaluate: (node, inputs) => evaluateElementwise(node, inputs, (x) => f(x!)),
    adjoint:
      derivative === "zero"
        ? "zero"
        : (node, [g]) => [g && derivative(node.input(0), node.output, g)],
  });
}

function builder(definition: OperatorDefinition) {
  return (x: Tensor): Tensor => x.graph.apply(definition, [x], {})[0]!;
}

/**
 * Error function, to full double precision: Taylor series for |x| < 3, continued fraction of erfc
 * beyond (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
export function errorFunction(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = a;
    let total = a;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
      term *= (2 * a * a) / (2 * n + 1);
      total += term;
    }
    return (Math.sign(x) * 2 * total * Math.exp(-a * a)) / Math.sqrt(Math.PI);
  }
  let fraction = a;
  for (let n = 60; n > 0; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (fraction * Math.sqrt(Math.PI)));
}

/** Nearest integer, halves to even, as ONNX Round has it. */
export function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const sigmoidOf = (x: number) => 1 / (1 + Math.exp(-x));

export const Sqrt = unary("Sqrt", Math.sqrt, (_x, y, g) => div(mul(g, 0.5), y));
export const Reciprocal = unary(
  "Reciprocal",
  (x) => 1 / x,
  (_x, y, g) => neg(mul(g, mul(y, y))),
);
export const Exp = unary("Exp", Math.exp, (_x, y, g) => mul(g, y));
export const Log = LogForPow;
export const Tanh = unary("Tanh", Math.tanh, (_x, y, g) => mul(g, sub(1, mul(y, y))));
export const Sigmoid = unary("Sigmoid", sigmoidOf, (_x, y, g) => mul(g, mul(y, sub(1, y))));
export const Erf = unary("Erf", errorFunction, (x, _y, g) =>
  mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
);
export const Softplus = unary(
  "Softplus",
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (x, _y, g) => mul(g, sigmoid(x)),
);
export const Softsign = unary(
  "Softsign",
  (x) => x / (1 + Math.abs(x)),
  (x, _y, g) => {
    const d = add(abs(x), 1);
    return div(g, mul(d, d));
  },
);
export const Sin = unary("Sin", Math.sin, (x, _y, g) => mul(g, cos(x)));
export const Cos = unary("Cos", Math.cos, (x, _y, g) => neg(mul(g, sin(x))));
export const Tan = unary("Tan", Math.tan, (_x, y, g) => mul(g, add(1, mul(y, y))));
export const Asin = unary("Asin", Math.asin, (x, _y, g) => div(g, sqrt(sub(1, mul(x, x)))));
export const Acos = unary("Acos", Math.acos, (x, _y, g) => neg(div(g, sqrt(sub(1, mul(x, x))))));
export const Atan = unary("Atan", Math.atan, (x, _y, g) => div(g, add(1, mul(x, x))));
export const Sinh = unary("Sinh", Math.sinh, (x, _y, g) => mul(g, cosh(x)));
export const Cosh = unary("Cosh", Math.cosh, (x, _y, g) => mul(g, sinh(x)));
export const Abs = unary("Abs", Math.abs, (x, _y, g) => mul(g, sign(x)));
export const Sign = unary("Sign", Math.sign, "zero");
export const Floor = unary("Floor", Math.floor, "zero");
export const Ceil = unary("Ceil", Math.ceil, "zero");
export const Round = unary("Round", roundHalfEven, "zero");

export const sqrt = builder(Sqrt);
export const reciprocal = builder(Reciprocal);
export const exp = builder(Exp);
export const log = builder(Log);
export const tanh = builder(Tanh);
export const sigmoid = builder(Sigmoid);
export const erf = builder(Erf);
export const softplus = builder(Softplus);
export const softsign = builder(Softsign);
export const sin = builder(Sin);
export const cos = builder(Cos);
export const tan = builder(Tan);
export const asin = builder(Asin);
export const acos = builder(Acos);
export const atan = builder(Atan);
export const sinh = builder(Sinh);
export const cosh = builder(Cosh);
export const abs = builder(Abs);
export const sign = builder(Sign);
export const floor = builder(Floor);
export const ceil = builder(Ceil);
export const round = builder(Round);
