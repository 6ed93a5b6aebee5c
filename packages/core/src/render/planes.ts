// Vectors inside the renderer's graph operators lie component by component, [C, N] with one row for each
// component, because ONNX Runtime broadcasts [1, N] over [3, N] five times as fast as [N, 1] over [N, 3]
// (0.06 and 0.29 ms at N = 65,536). The public functions take and give [N, C]; between two of them the
// transpositions cancel.
//
// Products of vertices are written element by element, not as MatMul: CUDA multiplies matrices in TF32,
// which is 0.1 mm at the size of a head.

import {
  gather,
  maximum,
  mul,
  reciprocal,
  reduceSum,
  slice,
  sqrt,
  sub,
  type Tensor,
  transpose,
} from "@ganfit/autodiff";

/** The lengths that {@link unitColumns} takes for zero. */
const SMALLEST_LENGTH = 1e-10;

/** Row `i` of [C, N], as [1, N]. */
export function row(planes: Tensor, i: number): Tensor {
  return slice(planes, [i], [i + 1], [0]);
}

/** The products of the columns of two [C, N]: [1, N]. */
export function dotColumns(a: Tensor, b: Tensor): Tensor {
  return reduceSum(mul(a, b), [0], true);
}

/** The columns of [C, N] at length 1; those of no length stay zero. */
export function unitColumns(planes: Tensor): Tensor {
  const squared = maximum(dotColumns(planes, planes), SMALLEST_LENGTH ** 2);
  return mul(planes, reciprocal(sqrt(squared)));
}

/** The columns' cross products a x b, all [3, N]. */
export function crossColumns(a: Tensor, b: Tensor): Tensor {
  const turned = (planes: Tensor, order: readonly number[]) =>
    gather(planes, planes.graph.constant(order, "int64"));
  const yzx = [1, 2, 0];
  const zxy = [2, 0, 1];
  return sub(mul(turned(a, yzx), turned(b, zxy)), mul(turned(a, zxy), turned(b, yzx)));
}

/** The vertices [V, 3] at each corner of the triangles: three times [3, T]. */
export function cornerColumns(
  vertices: Tensor,
  triangles: Uint32Array,
): [a: Tensor, b: Tensor, c: Tensor] {
  const corner = (k: number) => {
    const indices = BigInt64Array.from({ length: triangles.length / 3 }, (_, t) =>
      BigInt(triangles[3 * t + k]!),
    );
    return transpose(gather(vertices, vertices.graph.constant(indices, "int64")));
  };
  return [corner(0), corner(1), corner(2)];
}
