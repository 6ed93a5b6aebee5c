import { describe, expect, it } from "vitest";
import { ABLATIONS, ablatedWeights, meanMeasures } from "./ablation.js";
import type { FitMeasures } from "./fit-measures.js";
import { FIT_DEFAULTS } from "./fit-options.js";

describe("ablations", () => {
  it("leave out every term of the energy once, and nothing of the full one", () => {
    expect(ABLATIONS[0]!.without).toEqual([]);
    const all = ABLATIONS.flatMap(({ without }) => without).sort();
    expect(all).toEqual(Object.keys(FIT_DEFAULTS.weights).sort());
  });

  it("change no other weight", () => {
    for (const ablation of ABLATIONS) {
      const weights = ablatedWeights(ablation, { pixel: 3 });
      for (const [name, value] of Object.entries({ ...FIT_DEFAULTS.weights, pixel: 3 })) {
        const left = ablation.without.some((term) => term === name);
        expect(weights[name as keyof typeof weights]).toBe(left ? 0 : value);
      }
    }
  });
});

describe("meanMeasures", () => {
  const measures = (value: number, identityCosine: number | null): FitMeasures => ({
    landmarkError: value,
    pixelError: 2 * value,
    identityCosine,
    identityNorm: value,
    expressionNorm: value,
    latentNorm: value,
  });

  it("takes the cosine's mean over those that have one", () => {
    const mean = meanMeasures([measures(1, 0.5), measures(2, null), measures(6, 0.7)]);
    expect(mean).toMatchObject({ landmarkError: 3, pixelError: 6, latentNorm: 3 });
    expect(mean.identityCosine).toBeCloseTo(0.6, 12);
    expect(meanMeasures([measures(1, null)]).identityCosine).toBeNull();
  });

  it("has nothing to say of nothing", () => {
    expect(() => meanMeasures([])).toThrow(/nothing/);
  });
});
