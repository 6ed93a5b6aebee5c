/**
 * Matrix products: MatMul (batched, broadcasting) and Gemm.
 *
 *     y = a b          a' = y' b^T                     b' = a^T y'
 *     y = s A B + t c  A' = s y' B^T, B' = s A^T y'    c' = t y' summed to c's shape
 *
 * with A, B standing for a, b or their transposes; the cotangent of a transposed operand is the
 * transpose of the above, which Gemm's flags express without moving data. Where a matrix without
 * batch axes multiplies a batch, its cotangent is one product over the flattened batch, not a batch
 * of products and a sum.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { broadcastShapes, range, sizeOf } from "../graph/shape.js";
import { broadcastTo } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { unbroadcast } from "./broadcasting.js";
import { reshape, transpose } from "./layout.js";

/** Swaps the last two axes. */
export function matrixTranspose(x: Tensor): Tensor {
  const perm = range(x.rank);
  perm.push(...perm.splice(-2).reverse());
  return transpose(x, perm);
}

/** `a b` for row-major `a` [m, k] and `b` [k, n], added into `out` at `at`. */
function accumulateProduct(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  at: number,
  [m, k, n]: readonly [number, number, number],
): void {
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const left = a[i * k + p]!;
      for (let j = 0; j < n; j++) out[at + i * n + j]! += left * b[p * n + j]!;
    }
  }
}

export const MatMul: OperatorDefinition = defineOperator({
  type: "MatMul",
  arity: [2, 2],
  infer(node) {
    const [a, b] = [node.input(0), node.input(1)];
    if (a.dtype !== b.dtype) node.fail(`element types differ: ${a.dtype}, ${b.dtype}`);
    if (a.rank === 0 || b.rank === 0) node.fail("operands must have at least one axis");
    const left = a.rank === 1 ? [1, ...a.shape] : a.shape;
    const right = b.rank === 1 ? [...b.shape, 1] : b.shape;
    if (left.at(-1) !== right.at(-2)) node.fail("inner dimensions differ");
    const batch =
      broadcastShapes(left.slice(0, -2), right.slice(0, -2)) ??
      node.fail("batch dimensions do not broadcast");
    const rows = a.rank === 1 ? [] : [left.at(-2)!];
    const columns = b.rank === 1 ? [] : [right.at(-1)!];
    return [{ dtype: a.dtype, shape: [...batch, ...rows, ...columns] }];
  },
  evaluate(node, [a, b]) {
    const left = node.input(0).shape;
    const right = node.input(1).shape;
    const m = left.length === 1 ? 1 : left.at(-2)!;
    const k = left.at(-1)!;
    const n = right.length === 1 ? 1 : right.at(-1)!;
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2))!;
    const as = broadcastTo(a!, [...left.slice(0, -2), m * k], [...batch, m * k]);
    const bs = broadcastTo(b!, [...right.slice(0, -2), k * n], [...batch, k * n]);
    const out = new Float64Array(node.output.size);
    for (let i = 0; i < sizeOf(batch); i++) {
      const ai = as.subarray(i * m * k, (i + 1) * m * k);
      const bi = bs.subarray(i * k * n, (i + 1) * k * n);
      accumulateProduct(ai, bi, out, i * m * n, [m, k, n]);
    }
    return [out];
  },
  simplify(node) {
    // Vectors become matrices, so that the adjoint needs only the matrix rule.
    const [a, b] = [node.input(0), node.input(1)];
    if (a.rank > 1 && b.rank > 1) return undefined;
    const left = a.rank === 1 ? reshape(a, [1, a.size]) : a;
    const right = b.rank === 1 ? reshape(b, [b.size, 1]) : b;
    return [reshape(matmul(left, right), node.output.shape)];
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [a, b] = [node.input(0), node.input(1)];
    return [
      wants[0] ? leftCotangent(a, b, g) : undefined,
      wants[1] ? rightCotangent(a, b, g) : undefined,
    ];
  },
});

/**
 * A single row's is b g^T instead of (g b^T): the same numbers in the same order, but b is read as it lies.
 * Transposing it would keep a second copy of what may be hundreds of megabytes of constant weights.
 */
function leftCotangent(a: Tensor, b: Tensor, g: Tensor): Tensor {
  if (b.rank === 2 && g.size === g.shape.at(-1)) {
    return reshape(matmul(b, reshape(g, [g.size, 1])), a.shape);
  }
  return unbroadcast(matmul(g, matrixTranspose(b)), a.shape);
}

function rightCotangent(a: Tensor, b: Tensor, g: Tensor): Tensor {
  if (b.rank > 2) return unbroadcast(matmul(matrixTranspose(a), g), b.shape);
  const rows = (x: Tensor) => reshape(x, [-1, x.shape.at(-1)!]);
  return matmul(matrixTranspose(rows(a)), rows(g));
}

/** Matrix product with NumPy's rules for batches and vectors. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return a.graph.apply(MatMul, [a, b], {})[0]!;
}

export type GemmAttributes = {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: number;
  readonly transB?: number;
};

function gemmDimensions(node: GraphNode<GemmAttributes>): readonly [number, number, number] {
  const [a, b] = [node.input(0).shape, node.input(1).shape];
  if (a.length !== 2 || b.length !== 2) node.fail("operands must be matrices");
  const [m, k] = node.attributes.transA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [inner, n] = node.attributes.transB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (k !== inner) node.fail(`inner dimensions differ: ${k} and ${inner}`);
  return [m, k, n];
}

export const Gemm: OperatorDefinition<GemmAttributes> = defineOperator({
  type: "Gemm",
  arity: [2, 3],
  defaults: { alpha: 1, beta: 1, transA: 0, transB: 0 },
  infer(node) {
    const [m, , n] = gemmDimensions(node);
    const c = node.inputs[2];
    if (c && broadcastShapes(c.shape, [m, n])?.join() !== `${m},${n}`) {
      node.fail(`the addend does not broadcast to [${m},${n}]`);
    }
    return [{ dtype: node.input(0).dtype, shape: [m, n] }];
  },
  evaluate(node, [a, b, c]) {
    const [m, k, n] = gemmDimensions(node);
    const { alpha, beta, transA, transB } = node.attributes;
    const addend = node.inputs[2];
    const out = new Float64Array(m * n);
    const start = addend && broadcastTo(c!, addend.shape, [m, n]);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let p = 0; p < k; p++) {
          total += a![transA ? p * m + i : i * k + p]! * b![transB ? j * k + p : p * n + j]!;
        }
        out[i * n + j] = alpha! * total + (start ? beta! * start[i * n + j]! : 0);
      }
    }
    return [out];
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const { transA, transB, beta } = node.attributes;
    const alpha = node.attributes.alpha!;
    const [a, b, c] = node.inputs as [Tensor, Tensor, Tensor | undefined];
    const left = transA
      ? gemm(b, g, undefined, { alpha, transA: transB ? 1 : 0, transB: 1 })
      : gemm(g, b, undefined, { alpha, transA: 0, transB: transB ? 0 : 1 });
    const right = transB
      ? gemm(g, a, undefined, { alpha, transA: 1, transB: transA ? 1 : 0 })
      : gemm(a, g, undefined, { alpha, transA: transA ? 0 : 1, transB: 0 });
    return [
      wants[0] ? left : undefined,
      wants[1] ? right : undefined,
      wants[2] && c ? unbroadcast(mul(g, beta!), c.shape) : undefined,
    ];
  },
});

/** `alpha A B + beta c` for matrices, either transposed by flag; c [m, n] or broadcasting to it. */
export function gemm(a: Tensor, b: Tensor, c?: Tensor, attributes: GemmAttributes = {}): Tensor {
  return a.graph.apply(Gemm, c ? [a, b, c] : [a, b], attributes)[0]!;
}
