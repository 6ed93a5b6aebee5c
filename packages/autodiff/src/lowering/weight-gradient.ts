/**
 * How the weight gradient of a convolution is written as ONNX: per kernel tap one matrix product of
 * the output's cotangent with the input shifted by the tap. Times in ms (median / least) on ONNX
 * Runtime 1.30 and two cores of a Zen 4 server.
 *
 * 3x3, batch 8, 64 x 128 x 128 and 16 x 128 x 128:
 *     per tap, MatMul(g, slice^T) in NCHW    91.1 / 84.3   25.9 / 12.4   <- used
 *     per tap, slices of x in NHWC           91.9 / 91.3   24.1 / 13.5
 *     all taps side by side (im2col), NCHW   94.3 / 92.9   22.2 / 15.4
 *     batch folded into the contraction      119 / 108     31.9 / 16.6
 *     Gemm                                   103 / 101     40.2 / 16.0
 *     Conv with batch and channels swapped   256 / 250     100 / 42
 *     Einsum                                 557 / 530     51 / 35
 * Depthwise weight gradient 3x3, [8,64,56,56]:
 *     Mul, ReduceSum over the plane, then N  16.4 / 9.2    <- used
 *     Mul, ReduceSum over all at once        19.0 / 10.1
 *     im2col, batched MatMul                 15.5 / 9.9
 *
 * After nearest upsampling by f, every phase of the cotangent meets shifted copies of the coarse
 * input, and taps that meet the same copy share the product: 16 products a quarter the size instead
 * of 9 for f = 2 and a 3 x 3 kernel (see upsampled-convolution.ts).
 */
import type { GraphNode } from "../graph/node.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { mul, sum } from "../operators/arithmetic.js";
import { reduceSum } from "../operators/broadcasting.js";
import { type WeightGradientAttributes, weightGradientGeometry } from "../operators/convolution.js";
import { reshape } from "../operators/layout.js";
import { matmul, matrixTranspose } from "../operators/matmul.js";
import { Resize } from "../operators/resize.js";
import { concat, pad, slice } from "../operators/slicing.js";
import { product } from "./phases.js";
import { computedBy, type LoweringTarget } from "./target.js";
import { repetitionFactors } from "./upsampled-convolution.js";

type WeightGradientNode = GraphNode<WeightGradientAttributes>;

/** Cotangent g [N, M, places] against an equally large part of x [N, C, places]: [M, C / G]. */
type TapProduct = (g: Tensor, x: Tensor) => Tensor;

function tapProduct({ attributes: { group }, ...node }: WeightGradientNode): TapProduct {
  const channels = node.inputs[0]!.shape[1]!;
  const features = node.inputs[1]!.shape[1]!;
  return (g, x) => {
    const spatial = range(g.rank - 2).map((i) => i + 2);
    if (channels === group && features === group) {
      return reduceSum(reduceSum(mul(x, g), spatial), [0]);
    }
    const plane = sizeOf(g.shape.slice(2));
    const batch = g.shape[0]!;
    const left = reshape(g, [batch, group, features / group, plane]);
    const right = reshape(x, [batch, group, channels / group, plane]);
    return reduceSum(matmul(left, matrixTranspose(right)), [0]);
  };
}

/** Puts the taps' products, in row-major order of the kernel, into the shape of the weights. */
function stack(node: WeightGradientNode, taps: readonly Tensor[]): Tensor {
  const { shape } = node.output;
  const planes = taps.map((tap) => reshape(tap, [shape[0]!, shape[1]!, 1]));
  return reshape(concat(planes, 2), shape);
}

export function lowerConvWeightGradient(
  node: WeightGradientNode,
  target: LoweringTarget,
): Tensor[] {
  const coarse = afterUpsampling(node, target);
  if (coarse) return [coarse];
  const { window, small } = weightGradientGeometry(node);
  const [x, g] = [node.input(0), node.input(1)];
  const multiply = tapProduct(node);
  const spatial = small.map((_, i) => i + 2);
  const padded = pad(x, [0, 0, ...window.begins, 0, 0, ...window.ends]);
  const taps = product(window.kernel.map(range)).map((tap) => {
    const starts = tap.map((t, i) => t * window.dilations[i]!);
    const ends = starts.map((start, i) => start + (small[i]! - 1) * window.strides[i]! + 1);
    return multiply(g, slice(padded, starts, ends, spatial, window.strides));
  });
  return [stack(node, taps)];
}

function afterUpsampling(node: WeightGradientNode, target: LoweringTarget): Tensor | undefined {
  const resize = computedBy(node.input(0), Resize, target);
  const factors = resize && repetitionFactors(resize);
  const { window, small } = weightGradientGeometry(node);
  if (!factors || window.strides.some((stride) => stride > 1)) return undefined;
  const [x, g] = [resize.input(0), node.input(1)];
  const multiply = tapProduct(node);
  const spatial = small.map((_, i) => i + 2);
  const taps = product(window.kernel.map(range));
  const offsets = (phase: readonly number[], tap: readonly number[]) =>
    factors.map((factor, i) => {
      const position = phase[i]! + window.dilations[i]! * tap[i]! - window.begins[i]!;
      return Math.floor(position / factor);
    });
  // Enough zeros around x for every shift of every phase.
  const phases = product(factors.map(range));
  const corners = phases.flatMap((phase) => taps.map((tap) => offsets(phase, tap)));
  const places = factors.map((factor, i) => Math.ceil(small[i]! / factor));
  const before = factors.map((_, i) => Math.max(0, ...corners.map((corner) => -corner[i]!)));
  const after = factors.map((_, i) => {
    const reach = Math.max(...corners.map((corner) => corner[i]!)) + places[i]!;
    return Math.max(0, reach - x.shape[i + 2]!);
  });
  const padded = pad(x, [0, 0, ...before, 0, 0, ...after]);
  const byPhase = phases
    .filter((phase) => phase.every((start, i) => start < small[i]!))
    .map((phase) => {
      const own = slice(g, phase, small, spatial, factors);
      const size = own.shape.slice(2);
      return taps.map((tap) => {
        const starts = offsets(phase, tap).map((offset, i) => offset + before[i]!);
        const ends = starts.map((start, i) => start + size[i]!);
        return multiply(own, slice(padded, starts, ends, spatial));
      });
    });
  return stack(
    node,
    taps.map((_, t) => sum(byPhase.map((products) => products[t]!))),
  );
}
