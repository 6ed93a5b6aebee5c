/** Where the trainer's maps come from: a dataset at one size, augmented, and, for the regional generator, encoded. */
import {
  encodeTexture,
  type RegionalModel,
  shrinkTexture,
  shrunk,
  trainRegionalModel,
  type UvFrame,
} from "@ganfit/core";
import { createAugmenter, shrinkMaps } from "../augment/augment.js";
import { FIELD_CELLS } from "../augment/skin-field.js";
import type { TextureDataset } from "../dataset/dataset-reader.node.js";
import type { MapSource } from "./trainer.js";

/**
 * @param model whose latents the maps come with; without where absent
 * @throws GanfitError `usage` where the dataset cannot be shrunk to the size, or to the model's
 */
export function datasetSource(
  dataset: TextureDataset,
  frame: UvFrame,
  size: number,
  model?: RegionalModel,
): MapSource {
  const mean = shrinkTexture(dataset.mean, dataset.size / size);
  // The first sizes of progressive growing have too few texels to be augmented at.
  const own = Math.max(size, FIELD_CELLS, model?.size ?? size);
  const augmenter = createAugmenter(shrinkMaps(dataset, own), frame);
  return {
    mean,
    next(seed) {
      const map = augmenter.next(seed);
      const factor = own / size;
      const small = {
        colour: factor > 1 ? shrunk(map.colour, own, 3, factor) : map.colour,
        confidence: factor > 1 ? shrunk(map.confidence, own, 1, factor) : map.confidence,
      };
      if (!model) return small;
      const latent = encodeTexture(model, shrinkTexture(map, own / model.size));
      return { ...small, latent };
    },
  };
}

/**
 * The linear model of a dataset.
 *
 * @param size of its components, the dataset's over a whole number
 */
export function linearModelOf(dataset: TextureDataset, size: number): RegionalModel {
  const factor = dataset.size / size;
  const maps = dataset.maps.map(({ colour }) =>
    shrinkTexture({ size: dataset.size, colour }, factor),
  );
  const weight = shrunk(dataset.seen, dataset.size, 1, factor);
  return trainRegionalModel(maps, { weight });
}
