/**
 * Adaptive augmentation in the graph, between generator and discriminator, so that gradients pass through it:
 *
 *     y = (1 - rows columns) (C (x + mirror (flip x - x)) + offset + noise)
 *
 * For given parameters this is linear in x, with an adjoint of every order.
 */

import { add, type Graph, matmul, mul, reshape, reverse, sub, type Tensor } from "@ganfit/autodiff";
import { type AdaParameters, adaShapes, type ImageShape } from "./ada-parameters.js";

/** A tensor for each of {@link AdaParameters}, of the shapes that {@link adaShapes} gives. */
export type AdaTensors = Readonly<Record<keyof AdaParameters, Tensor>>;

/**
 * Inputs of the graph, named `PREFIX.mirror` and so on.
 *
 * @param dtype of the images
 */
export function adaInputs(
  graph: Graph,
  shape: ImageShape,
  prefix = "ada",
  dtype: "float32" | "float64" = "float32",
): AdaTensors {
  const entries = Object.entries(adaShapes(shape)).map(([key, sides]) => [
    key,
    graph.input(`${prefix}.${key}`, dtype, sides),
  ]);
  return Object.fromEntries(entries) as AdaTensors;
}

/** @param images `n x 3 x h x w` in [-1, 1], mid-grey at 0 @returns the same shape, not clamped */
export function augmentInGraph(images: Tensor, parameters: AdaTensors): Tensor {
  const { mirror, colour, offset, rows, columns, noise } = parameters;
  const [n, channels, height, width] = images.shape as [number, number, number, number];
  const flipped = add(images, mul(mirror, sub(reverse(images, [3]), images)));
  const flat = reshape(flipped, [n, channels, height * width]);
  const coloured = reshape(add(matmul(colour, flat), offset), images.shape);
  return mul(sub(1, mul(rows, columns)), add(coloured, noise));
}
