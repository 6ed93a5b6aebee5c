/**
 * A convolution right after nearest upsampling by f, and its adjoint, without the upsampled image.
 *
 * Tap j of the convolution at output f q + r reads coarse pixel q + floor((r + dilation j - begin) / f):
 * each phase r is a convolution at the coarse resolution in which taps that meet the same pixel are
 * summed. Of 9 taps a 3 x 3 convolution keeps 4. The adjoint (a transposed convolution summed over
 * blocks) is one convolution of stride f with the sums of the shifted kernels: 16 taps a coarse pixel
 * instead of 36.
 *
 * f = 2, 3 x 3, 64 -> 32 channels at 256 x 256 and 32 -> 16 at 512 x 512, between convolutions, ms
 * (median / least) on ONNX Runtime 1.30 and two cores of a Zen 4 server:
 *
 *     Resize, Conv                             24.0 / 14.5   19.0 / 17.5
 *     one Conv to 4 M channels, DepthToSpace   18.2 / 17.4   32.3 / 25.8
 *     ConvTranspose 4 x 4, stride 2            22.1 / 15.4   31.1 / 22.8
 *     four 2 x 2 Convs, interleaved            18.1 / 9.4    16.8 / 14.4   <- used
 *
 *     flipped Conv, AveragePool                23.8 / 14.0   26.3 / 16.7
 *     flipped Conv, ReduceSum                  27.5 / 17.5   29.6 / 24.7
 *     SpaceToDepth, Conv                       25.3 / 14.1   26.8 / 21.4
 *     Conv 4 x 4, stride 2                     17.2 / 12.3   16.8 / 9.5    <- used
 */
import type { GraphNode } from "../graph/node.js";
import { range } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import {
  type ConvAttributes,
  ConvTranspose,
  conv,
  convGeometry,
  convTransposeGeometry,
} from "../operators/convolution.js";
import { type BlockAttributes, Resize, type ResizeAttributes } from "../operators/resize.js";
import { swapChannels } from "./convolution.js";
import { type PhasedAxis, phasedConvolution, selectTaps } from "./phases.js";
import { computedBy, type LoweringTarget } from "./target.js";

/** Spatial factors of a repetition of [N, C, spatial...], or undefined. */
function spatialFactors(factors: readonly number[] | undefined): readonly number[] | undefined {
  if (!factors?.every(Number.isInteger) || factors[0] !== 1 || factors[1] !== 1) return undefined;
  return factors.some((factor) => factor > 1) ? factors.slice(2) : undefined;
}

/** Spatial factors of a Resize that repeats whole pixels, or undefined for any other. */
export function repetitionFactors({
  attributes,
}: GraphNode<ResizeAttributes>): readonly number[] | undefined {
  const { coordinate_transformation_mode: coordinates, nearest_mode: rounding } = attributes;
  if (coordinates !== "asymmetric" || rounding !== "floor") return undefined;
  return spatialFactors(attributes.scales);
}

export function lowerConv(
  node: GraphNode<ConvAttributes>,
  target: LoweringTarget,
): Tensor[] | undefined {
  const resize = computedBy(node.input(0), Resize, target);
  const factors = resize && repetitionFactors(resize);
  const { window, group, small } = convGeometry(node);
  if (!factors || window.strides.some((stride) => stride > 1)) return undefined;
  const axes = factors.map((stride, axis): PhasedAxis => {
    const taps = range(window.kernel[axis]!);
    const phases = range(stride).map((phase) =>
      taps.map((tap) => {
        const position = phase + window.dilations[axis]! * tap - window.begins[axis]!;
        return { tap, offset: Math.floor(position / stride) };
      }),
    );
    return { stride, size: small[axis]!, phases };
  });
  return [phasedConvolution(resize.input(0), node.input(1), group, axes, node.inputs[2])];
}

/** The sum over blocks of a transposed convolution of stride 1, or undefined if it is not one. */
export function lowerSummedConvTranspose(
  node: GraphNode<BlockAttributes>,
  target: LoweringTarget,
): Tensor[] | undefined {
  const transposed = computedBy(node.input(0), ConvTranspose, target);
  const factors = spatialFactors(node.attributes.factors);
  if (!transposed || !factors) return undefined;
  const { window, group, small } = convTransposeGeometry(transposed);
  if (window.strides.some((stride) => stride > 1)) return undefined;
  let kernel = swapChannels(transposed.input(1), group);
  const begins: number[] = [];
  const ends: number[] = [];
  factors.forEach((factor, axis) => {
    const [dilation, begin] = [window.dilations[axis]!, window.begins[axis]!];
    const taps = range(window.kernel[axis]!).flatMap((tap) =>
      range(factor).map((place) => ({ tap, offset: place + begin - dilation * tap })),
    );
    const reach = dilation * (window.kernel[axis]! - 1);
    const length = factor + reach;
    kernel = selectTaps(kernel, axis + 2, taps, begin - reach, length);
    begins.push(reach - begin);
    const places = node.output.shape[axis + 2]!;
    ends.push((places - 1) * factor + length - (reach - begin) - small[axis]!);
  });
  const pads = [...begins, ...ends];
  if (pads.some((pad) => pad < 0)) return undefined;
  return [conv(transposed.input(0), kernel, undefined, { strides: factors, pads, group })];
}
