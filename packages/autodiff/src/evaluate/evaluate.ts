/**
 * The reference interpreter: runs a graph in float64, one naive loop per operator, without ONNX
 * Runtime. It is what finite differences are taken of, and what compiled programs are compared
 * with; it is not fast.
 */
import { toFloat64 } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";

/**
 * Values of `outputs`, row-major, for the given inputs. Floating-point results are not rounded to
 * the tensors' own precision.
 *
 * @throws GraphError when an input is missing or of the wrong length, or an operator has no
 *   reference implementation.
 */
export function evaluate(
  outputs: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>>,
): Float64Array[] {
  const values = new Map<Tensor, Float64Array>();
  for (const [tensor, data] of feeds) {
    if (data.length !== tensor.size) {
      throw new GraphError("evaluate", tensor.name, `${data.length} elements given`, [
        tensor.shape,
      ]);
    }
    values.set(tensor, Float64Array.from(data));
  }
  const dataOf = (tensor: Tensor): Float64Array => {
    const known = values.get(tensor);
    if (known) return known;
    if (!tensor.data) throw new GraphError("evaluate", tensor.name, "no value was given");
    const value = toFloat64(tensor.dtype, tensor.data);
    values.set(tensor, value);
    return value;
  };
  for (const node of ancestors(outputs)) {
    if (node.outputs.every((output) => values.has(output))) continue;
    const { definition } = node;
    const compute = definition.evaluate ?? node.fail("has no reference implementation");
    const inputs = node.inputs.map((tensor) => (tensor ? dataOf(tensor) : new Float64Array(0)));
    const results = compute.call(definition, node, inputs);
    node.outputs.forEach((output, i) => {
      const result = results[i];
      if (result && !values.has(output)) values.set(output, result);
    });
  }
  return outputs.map(dataOf);
}
