/**
 * Reverse-mode differentiation, graph to graph.
 *
 * Walk the nodes between `xs` and `y` backwards. When a node is reached, all cotangents of its
 * outputs have arrived and are added once; its operator's vector-Jacobian product turns them into
 * cotangents of its inputs. Only nodes that depend on some x are visited, and the products are made
 * of ordinary graph operators, so a gradient can be differentiated again
 * (Griewank & Walther, Evaluating Derivatives, 2008, chapter 3).
 */
import { GraphError } from "../graph/errors.js";
import { scopeOf } from "../graph/node.js";
import { formatShape, sameShape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { sum } from "../operators/arithmetic.js";
import { fill, isDifferentiable } from "../operators/broadcasting.js";

export interface GradientOptions {
  /** Cotangent of `y`, of its shape. Default: one, for which y must have a single element. */
  readonly cotangent?: Tensor;
}

/**
 * The gradient of `y` with respect to each of `xs`, as tensors of the same graph and of the shapes
 * of `xs`; zeros where y does not depend on an x.
 *
 * @throws GraphError when y has several elements and no cotangent is given, when an x is not of a
 *   floating-point type, or when an operator on the way has no adjoint (it is named).
 */
export function gradients(
  y: Tensor,
  xs: readonly Tensor[],
  options: GradientOptions = {},
): Tensor[] {
  const cotangent = options.cotangent ?? y.graph.constant(1, y.dtype, y.shape);
  if (!options.cotangent && y.size !== 1) {
    throw new GraphError(
      "gradients",
      y.name,
      `has ${y.size} elements; only a scalar has a gradient (pass a cotangent, or reduce it)`,
      [y.shape],
    );
  }
  if (!sameShape(cotangent.shape, y.shape)) {
    throw new GraphError(
      "gradients",
      y.name,
      `the cotangent's shape ${formatShape(cotangent.shape)} is not the value's ${formatShape(y.shape)}`,
    );
  }
  for (const x of xs) {
    if (x.graph !== y.graph) {
      throw new GraphError("gradients", x.name, "belongs to another graph");
    }
    if (!isDifferentiable(x)) {
      throw new GraphError("gradients", x.name, `${x.dtype} values have no gradient`);
    }
  }
  return y.graph.scope("gradient", () => backward(y, xs, cotangent));
}

function backward(y: Tensor, xs: readonly Tensor[], cotangent: Tensor): Tensor[] {
  const order = ancestors([y]);
  const active = new Set<Tensor>(xs);
  for (const node of order) {
    if (node.inputs.some((input) => input && active.has(input))) {
      // Integers and booleans carry no gradient, so nothing behind them is active.
      for (const output of node.outputs) {
        if (!output.typed || isDifferentiable(output)) active.add(output);
      }
    }
  }
  const arrived = new Map<Tensor, Tensor[]>([[y, [cotangent]]]);
  const total = (tensor: Tensor): Tensor | undefined => {
    const terms = arrived.get(tensor);
    if (!terms) return undefined;
    const added = terms.length === 1 ? terms[0]! : sum(terms);
    arrived.set(tensor, [added]);
    return added;
  };
  for (const node of order.reverse()) {
    const wants = node.inputs.map((input) => input !== undefined && active.has(input));
    if (!wants.includes(true) || !node.outputs.some((output) => arrived.has(output))) continue;
    const adjoint = node.definition.adjoint ?? node.fail("this operator has no adjoint here");
    if (adjoint === "zero") continue;
    const cotangents = y.graph.scope(scopeOf(node), () =>
      adjoint(node, node.outputs.map(total), wants),
    );
    node.inputs.forEach((input, i) => {
      const term = cotangents[i];
      if (!input || !term || !wants[i]) return;
      if (!sameShape(term.shape, input.shape)) {
        node.fail(`adjoint of input ${i} has shape ${formatShape(term.shape)}`);
      }
      const terms = arrived.get(input);
      if (terms) terms.push(term);
      else arrived.set(input, [term]);
    });
  }
  return xs.map((x) => total(x) ?? fill(x, 0));
}
