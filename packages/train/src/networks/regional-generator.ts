/**
 * A generator for few people: a linear model by regions, which carries who it is, and convolutions, which learn from a
 * discriminator what linear models lose, the detail of skin, brows, lashes and lips.
 *
 * A hundred people teach no network of random start what a face is, but they do teach a linear model that
 * recombines by region (docs/texture-training.md). Its texture, at half the size, is the start here, in place of the first
 * layers of progressive growing. From there on it grows as there: at each size convolutions at that size, whose
 * colours are added to those of the size before (skip outputs, Karras et al. 2020, arXiv 1912.04958, section 4.2).
 *
 * All maps are registered, so a layer may know where on the face it is: learnt features of places are joined to what the
 * latent gives. At the last size the places' features are grain, whose strength and mixture the latent decides: a pattern
 * at the limit of the resolution that needs no wide layers there. Each layer's features are scaled by the latent
 * (as styles do in Karras et al. 2019, arXiv 1812.04948).
 */
import {
  add,
  concat,
  depthToSpace,
  expand,
  mul,
  reshape,
  resizeLinear,
  sub,
  type Tensor,
  upsample,
} from "@ganfit/autodiff";
import { type Area, cropTensor } from "./area.js";
import { convolution, dense, rectified } from "./layers.js";
import type { WeightSource } from "./weights.js";

export interface RegionalOptions {
  /** Features at the linear model's size, and at every doubling of it; at least two. */
  readonly features: readonly number[];
  /** Learnt features of places at every size but the last. */
  readonly places: number;
  /** Numbers that the latent becomes, from which the layers' scales are made. */
  readonly style: number;
}

export const REGIONAL_DEFAULTS: RegionalOptions = { features: [32, 8], places: 8, style: 64 };

/** Colours of skin vary by about this much: what the convolutions see of them is about 1. */
const DEVIATION = 0.1;

export interface RegionalShape extends RegionalOptions {
  /** What of a map of this size is generated. */
  areaAt(size: number): Area;
}

export interface RegionalStart {
  /** `n x latentSize` */
  readonly latent: Tensor;
  /** `n x 3 x side x side`: the linear model's texture. */
  readonly texture: Tensor;
  /** `1 x 3 x side x side`: its mean. */
  readonly mean: Tensor;
  /** For every doubling, by size, `1 x 3 x size x size`: what enlarging loses of the mean of all people. */
  readonly details: ReadonlyMap<number, Tensor>;
}

/**
 * @returns the area's colours, about [0, 1], `n x 3 x height x width`, in maps of the linear model's size and of every
 *   doubling of it
 */
export function regionalGenerator(
  weights: WeightSource,
  start: RegionalStart,
  options: RegionalShape,
): Map<number, Tensor> {
  const { latent } = start;
  const { features } = options;
  const n = latent.shape[0]!;
  const part = (x: Tensor) => cropTensor(x, options.areaAt(x.shape[3]!));
  const style = rectified(dense(weights, "style", latent, options.style));
  const places = (side: number, count: number) => {
    const own = part(weights(`${side}x${side}/places`, [1, count, side, side], "normal"));
    return expand(own, [n, ...own.shape.slice(1)]);
  };
  const layer = (name: string, x: Tensor, to: number) => {
    const scale = dense(weights, `${name}/scale`, style, to, { gain: 1, initial: 0 });
    const scaled = mul(convolution(weights, name, x, to), add(reshape(scale, [n, to, 1, 1]), 1));
    return rectified(scaled);
  };
  const addColours = (picture: Tensor, side: number, x: Tensor) => {
    const name = `${side}x${side}/colour`;
    const colours = convolution(weights, name, x, 3, { gain: 1, initial: 0 });
    return add(picture, mul(colours, DEVIATION));
  };

  const pictures = new Map<number, Tensor>();
  let side = start.texture.shape[3]!;
  let picture = part(start.texture);
  let x = mul(sub(picture, part(start.mean)), 1 / DEVIATION);
  features.forEach((to, i) => {
    if (i > 0) {
      side *= 2;
      const enlarged = resizeLinear(picture, [2 * picture.shape[2]!, 2 * picture.shape[3]!]);
      picture = add(enlarged, part(start.details.get(side)!));
    }
    const name = `${side}x${side}`;
    if (i === features.length - 1) {
      // Made at half the size and folded out: a layer at the last size would cost four times as much.
      const folded = depthToSpace(layer(`${name}/conv0`, x, 4 * to), 2, "CRD");
      x = concat([folded, mul(folded, places(side, to))], 1);
    } else {
      const entering = i > 0 ? upsample(x, 2) : x;
      x = layer(`${name}/conv0`, concat([entering, places(side, options.places)], 1), to);
      x = layer(`${name}/conv1`, x, to);
    }
    picture = addColours(picture, side, x);
    pictures.set(side, picture);
  });
  return pictures;
}
