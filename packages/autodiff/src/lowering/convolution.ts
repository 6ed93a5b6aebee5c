/**
 * How transposed convolutions are written as ONNX. Times in ms (median / least)
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
 */
import type { GraphNode } from "../graph/node.js";
import { range } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import {
  type ConvGeometry,
  type ConvTransposeAttributes,
  conv,
  convTransposeGeometry,
} from "../operators/convolution.js";
import { reshape, transpose } from "../operators/layout.js";
import { reverse } from "../operators/slicing.js";
import { type PhasedAxis, type PhaseTap, phasedConvolution } from "./phases.js";

/** Every tap is a slice of the weights; beyond this, ONNX's own operator is written. */
const LARGEST_PHASED = 128;

/**
 * A transposed convolution as convolutions. Stride 1: with flipped weights whose channel axes are
 * swapped, and pads extent - 1 - pad. Larger strides, and pads larger than the kernel: one small
 * convolution per phase.
 */
export function lowerConvTranspose(node: GraphNode<ConvTransposeAttributes>): Tensor[] | undefined {
  const geometry = convTransposeGeometry(node);
  const [x, w] = [node.input(0), node.input(1)];
  const { window, group, large, small } = geometry;
  if ([...window.kernel, ...window.strides].some((size) => size > LARGEST_PHASED)) return undefined;
  const extents = window.kernel.map((size, i) => (size - 1) * window.dilations[i]! + 1);
  const begins = window.begins.map((begin, i) => extents[i]! - 1 - begin);
  const ends = large.map((size, i) => size + extents[i]! - 1 - small[i]! - begins[i]!);
  const pads = [...begins, ...ends];
  const swapped = swapChannels(w, group);
  if (window.strides.some((stride) => stride > 1) || pads.some((p) => p < 0)) {
    const axes = range(large.length).map((axis) => phasesOf(geometry, axis));
    return [phasedConvolution(x, swapped, group, axes)];
  }
  const flipped = reverse(
    swapped,
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
