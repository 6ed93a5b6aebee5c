/**
 * How transposed convolutions and weight gradients are written as ONNX. Times in ms (median / least)
 * on ONNX Runtime 1.30 and two cores of a Zen 4 server, between other convolutions where it matters.
 *
 * Transposed, stride 1, depthwise 64 x 112 x 112 and 256 x 28 x 28:
 *     ConvTranspose                          11.6 / 3.7    0.86 / 0.82
 *     Conv with flipped weights              3.6 / 0.77    0.14 / 0.11   <- used
 * Transposed, stride 2, depthwise 3x3, 64 x 56 x 56 and 256 x 14 x 14:
 *     ConvTranspose                          11.2 / 3.0    5.8 / 1.5
 *     zero insertion by Pad, Conv            13.9 / 5.5    11.1 / 2.0
 *     zero insertion by Resize * mask, Conv  7.7 / 2.7     9.4 / 1.4
 *     one Conv to 4 C channels, DepthToSpace 12.0 / 4.0    10.0 / 1.2
 *     four minimal Convs, interleaved        13.3 / 2.6    2.1 / 0.89    <- used
 * Transposed, stride 2, 64 <- 128 channels, 3x3 and 4x4, to 64 x 64:
 *     ConvTranspose                          7.2 / 1.76    8.6 / 3.4
 *     one Conv to 4 C channels, DepthToSpace 8.8 / 2.3     8.8 / 5.4
 *     four minimal Convs, interleaved        8.5 / 1.35    7.7 / 1.89    <- used
 * Weight gradient 3x3, batch 8, 64 x 128 x 128 and 16 x 128 x 128:
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
 */
import type { GraphNode } from "../graph/node.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "../operators/arithmetic.js";
import { reduceSum } from "../operators/broadcasting.js";
import {
  type ConvGeometry,
  type ConvTransposeAttributes,
  conv,
  convTransposeGeometry,
  type WeightGradientAttributes,
  weightGradientGeometry,
} from "../operators/convolution.js";
import { reshape, transpose } from "../operators/layout.js";
import { matmul, matrixTranspose } from "../operators/matmul.js";
import { concat, pad, reverse, slice } from "../operators/slicing.js";
import { type PhasedAxis, type PhaseTap, phasedConvolution, product } from "./phases.js";

/**
 * A transposed convolution as convolutions. Stride 1: with flipped weights whose channel axes are
 * swapped, and pads extent - 1 - pad. Larger strides: one small convolution per phase.
 */
export function lowerConvTranspose(node: GraphNode<ConvTransposeAttributes>): Tensor[] | undefined {
  const geometry = convTransposeGeometry(node);
  const [x, w] = [node.input(0), node.input(1)];
  const { window, group, large, small } = geometry;
  if (window.strides.some((stride) => stride > 1)) {
    const axes = range(large.length).map((axis) => phasesOf(geometry, axis));
    return [phasedConvolution(x, swapChannels(w, group), group, axes)];
  }
  const extents = window.kernel.map((size, i) => (size - 1) * window.dilations[i]! + 1);
  const begins = window.begins.map((begin, i) => extents[i]! - 1 - begin);
  const ends = large.map((size, i) => size + extents[i]! - 1 - small[i]! - begins[i]!);
  const pads = [...begins, ...ends];
  if (pads.some((p) => p < 0)) return undefined;
  const flipped = reverse(
    swapChannels(w, group),
    range(large.length).map((i) => i + 2),
  );
  return [conv(x, flipped, undefined, { pads, group, dilations: window.dilations })];
}

/** Weights [M, C / G, kernel] to [C, M / G, kernel]. */
export function swapChannels(w: Tensor, group: number): Tensor {
  const [features, channels, ...kernel] = w.shape as [number, number, ...number[]];
  const split = reshape(w, [group, features / group, channels, ...kernel]);
  const swapped = transpose(split, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  return reshape(swapped, [group * channels, features / group, ...kernel]);
}

/** Output i = s q + r meets input q + d through tap j exactly when r + begin = s d + dilation j. */
function phasesOf({ window, large }: ConvGeometry, axis: number): PhasedAxis {
  const stride = window.strides[axis]!;
  const phases = range(stride).map((phase) =>
    range(window.kernel[axis]!).flatMap((tap): PhaseTap[] => {
      const offset = (phase + window.begins[axis]! - window.dilations[axis]! * tap) / stride;
      return Number.isInteger(offset) ? [{ tap, offset }] : [];
    }),
  );
  return { stride, size: large[axis]!, phases };
}

/** A weight gradient tap by tap: the output's cotangent times the input shifted by the tap. */
export function lowerConvWeightGradient(node: GraphNode<WeightGradientAttributes>): Tensor[] {
  const geometry = weightGradientGeometry(node);
  const [x, g] = [node.input(0), node.input(1)];
  const { window, group, small } = geometry;
  const [batch, channels] = x.shape as [number, number];
  const features = g.shape[1]!;
  const spatial = small.map((_, i) => i + 2);
  const plane = sizeOf(small);
  const padded = pad(x, [0, 0, ...window.begins, 0, 0, ...window.ends]);
  const cotangent = reshape(g, [batch, group, features / group, plane]);
  const taps = product(window.kernel.map(range)).map((tap) => {
    const starts = tap.map((t, i) => t * window.dilations[i]!);
    const ends = starts.map((start, i) => start + (small[i]! - 1) * window.strides[i]! + 1);
    const shifted = slice(padded, starts, ends, spatial, window.strides);
    if (channels === group && features === group) {
      return reduceSum(reduceSum(mul(shifted, g), spatial), [0]);
    }
    const rows = reshape(shifted, [batch, group, channels / group, plane]);
    return reduceSum(matmul(cotangent, matrixTranspose(rows)), [0]);
  });
  const shape = [features, channels / group];
  const stacked = concat(
    taps.map((tap) => reshape(tap, [...shape, 1])),
    2,
  );
  return [reshape(stacked, [...shape, ...window.kernel])];
}
