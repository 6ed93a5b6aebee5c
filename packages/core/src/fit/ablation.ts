// The ablation of Gecer et al. 2019 (figure 7): the same fit with each part of the energy left out in turn.

import { GanfitError } from "../errors.js";
import type { NetworkOptions } from "../networks/network.js";
import { openRecognition } from "../networks/recognition.js";
import { fit } from "./fit.js";
import { type FitMeasures, measureFit } from "./fit-measures.js";
import type { FitModels } from "./fit-models.js";
import { type EnergyWeights, FIT_DEFAULTS } from "./fit-options.js";
import type { FitResult, FitRunOptions } from "./fit-result.js";
import type { PersonPhoto } from "./seen-photo.js";

export type AblationName =
  | "full"
  | "identity"
  | "second-identity"
  | "content"
  | "pixel"
  | "landmark"
  | "priors";

export interface Ablation {
  readonly name: AblationName;
  /** For people. */
  readonly label: string;
  /** Terms of the energy that this fit does without. */
  readonly without: readonly (keyof EnergyWeights)[];
}

/** The whole energy first. Landmarks are left out of the second stage alone: the first has nothing else. */
export const ABLATIONS: readonly Ablation[] = [
  { name: "full", label: "full", without: [] },
  { name: "identity", label: "no identity", without: ["identity"] },
  { name: "second-identity", label: "no second identity", without: ["secondIdentity"] },
  { name: "content", label: "no content", without: ["content"] },
  { name: "pixel", label: "no pixel", without: ["pixel"] },
  { name: "landmark", label: "no landmark", without: ["landmark"] },
  {
    name: "priors",
    label: "no priors",
    without: ["shapePrior", "expressionPrior", "latentPrior", "lightPrior"],
  },
];

export interface AblatedFit {
  readonly ablation: Ablation;
  readonly result: FitResult;
  readonly measures: FitMeasures;
}

export interface AblateOptions extends Omit<FitRunOptions, "face" | "focalLength" | "name"> {
  /** Told before each fit. */
  readonly onAblation?: (ablation: Ablation, index: number) => void;
}

/** The weights of a fit without some terms. */
export function ablatedWeights(
  { without }: Ablation,
  weights: Partial<EnergyWeights> = {},
): EnergyWeights {
  const none = Object.fromEntries(without.map((name) => [name, 0]));
  return { ...FIT_DEFAULTS.weights, ...weights, ...none };
}

/**
 * Fits a photo with the whole energy and with each part of it left out, all else the same.
 *
 * @returns in the order of {@link ABLATIONS}
 * @throws GanfitError as `fit` does
 */
export async function ablate(
  { image, name, face, focalLength }: PersonPhoto,
  models: FitModels,
  options: AblateOptions = {},
): Promise<AblatedFit[]> {
  const { onAblation = () => {}, weights, ...others } = options;
  const recognition = await openRecognition(
    models.recognition.model,
    models.recognition.description,
    networkOptions(options),
  );
  try {
    const fits: AblatedFit[] = [];
    for (const [index, ablation] of ABLATIONS.entries()) {
      options.signal?.throwIfAborted();
      onAblation(ablation, index);
      const result = await fit(image, models, {
        ...others,
        ...(name === undefined ? {} : { name }),
        face,
        focalLength,
        weights: ablatedWeights(ablation, weights),
      });
      const measures = await measureFit(image, result, { faces: models.faces, recognition });
      fits.push({ ablation, result, measures });
    }
    return fits;
  } finally {
    await recognition.dispose();
  }
}

/**
 * Means over photos. The cosine's is over those whose head is still seen as a face, null where there are none.
 *
 * @throws GanfitError `usage` without measures
 */
export function meanMeasures(all: readonly FitMeasures[]): FitMeasures {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (name: Exclude<keyof FitMeasures, "identityCosine">) =>
    mean(all.map((measures) => measures[name]));
  if (all.length === 0) throw new GanfitError("usage", "There is nothing to take a mean of.");
  const cosines = all.flatMap(({ identityCosine }) => identityCosine ?? []);
  return {
    landmarkError: of("landmarkError"),
    pixelError: of("pixelError"),
    identityCosine: cosines.length > 0 ? mean(cosines) : null,
    identityNorm: of("identityNorm"),
    expressionNorm: of("expressionNorm"),
    latentNorm: of("latentNorm"),
  };
}

function networkOptions({ device, threads, wasmPaths }: FitRunOptions): NetworkOptions {
  return {
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(wasmPaths === undefined ? {} : { wasmPaths }),
  };
}
