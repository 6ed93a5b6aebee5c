/**
 * A convolution to at most four channels, four pixels at a time.
 *
 * ONNX Runtime lays channels out in blocks of 16 (8 without AVX-512), so that a convolution to 3 costs as much as one
 * to 16. Written with stride 2 and the kernel shifted to each pixel of a block of 2 x 2 it has four times the features
 * and a kernel larger by one, and DepthToSpace puts the pixels into their places: of 16 * 9 products for each channel
 * and pixel, 16 * 16 / 4 remain.
 *
 * 3 x 3, 32 -> 3 channels at 256 x 256 after a convolution 32 -> 32 of 9.0 ms, both together, ms of one core (least of
 * 25 runs, ONNX Runtime 1.30, Zen 4):
 *
 *     Conv                       14.5
 *     Conv, DepthToSpace         9.6    <- used
 */
import type { GraphNode } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { depthToSpace } from "../operators/blocks.js";
import { type ConvAttributes, conv, convGeometry } from "../operators/convolution.js";
import { concat, pad } from "../operators/slicing.js";
import type { LoweringTarget } from "./target.js";

const BLOCK = 2;
const MOST_FEATURES = 4;
/** Inputs with fewer channels are not laid out in blocks. */
const FEWEST_CHANNELS = 16;
/** Pixels of the output: where there are few the rearrangement is not worth it. */
const FEWEST_PIXELS = 64 * 64;

/** Undefined where the plain form is better, and for devices that have no such layout. */
export function lowerNarrowConv(
  node: GraphNode<ConvAttributes>,
  { device }: LoweringTarget,
): Tensor[] | undefined {
  const [x, w, bias] = [node.input(0), node.input(1), node.inputs[2]];
  const { window, group, small } = convGeometry(node);
  const [features, channels] = w.shape as [number, number];
  const plain =
    device !== "cpu" ||
    x.dtype !== "float32" ||
    !w.data ||
    small.length !== 2 ||
    group !== 1 ||
    features > MOST_FEATURES ||
    channels < FEWEST_CHANNELS ||
    small[0]! * small[1]! < FEWEST_PIXELS ||
    small.some((size) => size % BLOCK !== 0) ||
    window.kernel.some((size) => size === 1) ||
    [...window.strides, ...window.dilations].some((step) => step > 1);
  if (plain) return undefined;
  const places = [0, 1].flatMap((y) => [0, 1].map((x) => [y, x] as const));
  const kernels = places.map(([y, x]) => pad(w, [0, 0, y, x, 0, 0, 1 - y, 1 - x]));
  const blocks = conv(
    x,
    concat(kernels, 0),
    bias &&
      concat(
        places.map(() => bias),
        0,
      ),
    {
      strides: [BLOCK, BLOCK],
      pads: [...window.begins, ...window.ends],
    },
  );
  return [depthToSpace(blocks, BLOCK)];
}
