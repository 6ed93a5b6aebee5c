/** A generator and the discriminator it is trained against, as the trainer sees them. */
import { add, type Graph, type Tensor } from "@ganfit/autodiff";
import {
  doubleTexture,
  float16,
  GanfitError,
  type Holder,
  latentSize,
  type RegionalModel,
  regionalSum,
  shrinkTexture,
  type TextureMap,
  toPlanes,
} from "@ganfit/core";
import type { Area } from "./area.js";
import { PATCH_DEFAULTS, type PatchOptions, patchDiscriminator } from "./patch-discriminator.js";
import { progressiveDiscriminator } from "./progressive-discriminator.js";
import {
  PROGRESSIVE_DEFAULTS,
  type ProgressiveOptions,
  progressiveGenerator,
  sizesTo,
} from "./progressive-generator.js";
import {
  REGIONAL_DEFAULTS,
  type RegionalOptions,
  regionalGenerator,
} from "./regional-generator.js";
import type { WeightSource } from "./weights.js";

export interface TextureArchitecture {
  readonly name: "progressive" | "regional";
  readonly latentSize: number;
  /** See `TextureGenerator.prior`. */
  readonly prior: "sphere" | "normal";
  /** Sizes at which it can be trained, ascending: it grows from the first to the last. */
  readonly sizes: readonly number[];
  /** What of a map of this size is trained on. */
  area(size: number): Area;
  /**
   * @param latent `n x latentSize`
   * @param fade scalar in [0, 1], see `progressiveGenerator`; absent where `size` stands alone
   * @returns pictures of the area, `n x 3 x height x width` in about [0, 1], by the size of the map; `size` the largest
   */
  generator(
    weights: WeightSource,
    latent: Tensor,
    size: number,
    fade?: Tensor,
  ): Map<number, Tensor>;
  /**
   * @param pictures of the area, `n x 4 x height x width`: colours and confidence
   * @returns `n x k` scores, higher for real pictures
   */
  discriminator(weights: WeightSource, pictures: Tensor, size: number, fade?: Tensor): Tensor;
}

/** The paper's. @throws GanfitError `usage` where the latent cannot be laid out in 4 x 4 cells */
export function progressiveArchitecture(
  resolution: number,
  options: Partial<ProgressiveOptions> = {},
): TextureArchitecture {
  const all = { ...PROGRESSIVE_DEFAULTS, ...options };
  if (all.latent === "local" && all.latentSize % 16 !== 0) {
    throw new GanfitError("usage", `A local latent of ${all.latentSize} numbers has no 16 cells.`);
  }
  return {
    name: "progressive",
    latentSize: all.latentSize,
    prior: "sphere",
    sizes: sizesTo(resolution),
    area: (size) => ({ left: 0, top: 0, width: size, height: size }),
    generator: (weights, latent, size, fade) =>
      progressiveGenerator(weights, latent, size, fade, all),
    discriminator: (weights, pictures, _, fade) =>
      progressiveDiscriminator(weights, pictures, fade, all),
  };
}

/**
 * The part of the layout `ganfit-uv-1` that photographs show, in 64ths of the side: a discriminator that halves five
 * times at 512 needs multiples of 4.
 */
export const SEEN_AREA: Area = { left: 4, top: 16, width: 56, height: 40 };
const GRID = 64;

export interface RegionalArchitectureOptions {
  readonly generator?: Partial<RegionalOptions>;
  readonly discriminator?: Partial<PatchOptions>;
  /** What is generated, in 64ths of the side; the whole map where absent. */
  readonly area?: Area;
  /** How the linear model's numbers are held; as constants where absent. */
  readonly hold?: Holder;
}

/**
 * For few people, see regional-generator.ts: trained at its last size alone, the smaller ones with it.
 *
 * @param mean of all people, of the last size
 * @throws GanfitError `usage` where the mean is of another size
 */
export function regionalArchitecture(
  model: RegionalModel,
  mean: TextureMap,
  options: RegionalArchitectureOptions = {},
): TextureArchitecture {
  const generator = { ...REGIONAL_DEFAULTS, ...options.generator };
  const discriminator = { ...PATCH_DEFAULTS, ...options.discriminator };
  const { left, top, width, height } = options.area ?? {
    left: 0,
    top: 0,
    width: GRID,
    height: GRID,
  };
  const areaAt = (size: number): Area => {
    const unit = size / GRID;
    return { left: left * unit, top: top * unit, width: width * unit, height: height * unit };
  };
  const last = model.size * 2 ** (generator.features.length - 1);
  if (mean.size !== last) {
    throw new GanfitError("usage", `A mean of ${last} texels is needed, not of ${mean.size}.`);
  }
  const planes = toPlanes(model.mean, model.size ** 2);
  const lost = new Map(
    generator.features.slice(1).map((_, i) => {
      const size = model.size * 2 ** (i + 1);
      return [size, lostDetail(mean, size)] as const;
    }),
  );
  return {
    name: "regional",
    latentSize: latentSize(model),
    prior: "normal",
    sizes: [last],
    area: areaAt,
    generator(weights, latent) {
      const { graph } = latent;
      const { size } = model;
      const hold = options.hold ?? holdConstant(graph);
      const own = graph.constant(planes, "float32", [1, 3, size, size]);
      const texture = add(own, regionalSum(latent, model, hold));
      const details = new Map(
        [...lost].map(([side, values]) => {
          const shape = [1, 3, side, side];
          const held = options.hold?.(float16(values), shape, "mean");
          return [side, held ?? graph.constant(values, "float32", shape)] as const;
        }),
      );
      const start = { latent, texture, mean: own, details };
      return regionalGenerator(weights, start, { ...generator, areaAt });
    },
    discriminator: (weights, pictures) => patchDiscriminator(weights, pictures, discriminator),
  };
}

/** `3 x size x size`: what is lost of the map where it is shrunk to half the size and enlarged again. */
function lostDetail(map: TextureMap, size: number): Float32Array {
  const own = shrinkTexture(map, map.size / size);
  const { colour } = doubleTexture(shrinkTexture(own, 2));
  return toPlanes(
    own.colour.map((value, i) => value - colour[i]!),
    size * size,
  );
}

function holdConstant(graph: Graph): Holder {
  return (values, shape, name) => {
    if (!(values instanceof Int8Array)) throw new GanfitError("usage", `${name} holds no bytes.`);
    return graph.constant(Float32Array.from(values), "float32", shape);
  };
}
