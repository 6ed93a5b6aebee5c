// The mean texture of the people: what is seen averaged in a common skin tone, what nobody's photograph shows
// (crown, back, behind the ears) filled with the forehead's colour, which it continues.

import {
  completeTexture,
  mirrored,
  mirrorTexture,
  type PartialTexture,
  smoothStep,
  type TextureMap,
} from "@ganfit/core";

/**
 * Parts of the people that must show a texel for its mean to be trusted, not at all and fully. Where only few
 * do, at the ears and under the chin, what they show is mostly bleeding.
 */
const SHARE = { from: 0.05, to: 0.3 } as const;

/** Bare skin above this row is the forehead, parts of the side. */
const FOREHEAD = 0.37;

/** Gamma-coded sRGB in [0, 1]. */
export type Tone = readonly [r: number, g: number, b: number];

/** Sums over textures as they come, so that they need not all be in memory. */
export class MeanTexture {
  private readonly sums: Float64Array;
  private readonly weights: Float64Array;
  private readonly tone: [number, number, number] = [0, 0, 0];
  private count = 0;

  /**
   * @param size texels along each side
   * @param skin `size x size`: where skin tones are compared
   */
  constructor(
    private readonly size: number,
    private readonly skin: Float32Array,
  ) {
    this.sums = new Float64Array(3 * size * size);
    this.weights = new Float64Array(size * size);
  }

  add(texture: PartialTexture): void {
    const tone = skinTone(texture, this.skin);
    const { colour, confidence } = texture;
    for (let i = 0; i < confidence.length; i++) {
      this.weights[i]! += confidence[i]!;
      for (let c = 0; c < 3; c++) {
        this.sums[3 * i + c]! += (confidence[i]! * colour[3 * i + c]!) / tone[c]!;
      }
    }
    tone.forEach((value, c) => {
      this.tone[c]! += value;
    });
    this.count++;
  }

  /** Confidence summed over the people, with mirror images, over their number. */
  seen(): Float32Array {
    const own = Float32Array.from(this.weights, (value) => value / Math.max(1, this.count));
    const other = mirrored(own, this.size, 1);
    return own.map((value, i) => (value + other[i]!) / 2);
  }

  /** Symmetric and complete. */
  mean(): TextureMap {
    const { size, count } = this;
    const seen = this.seen();
    const tone = this.tone.map((value) => value / Math.max(1, count));
    const sums = Float32Array.from(this.sums);
    const others = mirrored(sums, size, 3);
    const colour = sums.map((value, i) => {
      const weight = 2 * count * seen[Math.floor(i / 3)]!;
      return weight > 0 ? ((value + others[i]!) / weight) * tone[i % 3]! : 0;
    });
    const confidence = seen.map((value) => smoothStep(SHARE.from, SHARE.to, value));
    const above = this.skin.map((value, i) => (i < FOREHEAD * size * size ? value : 0));
    const forehead = skinTone({ size, colour, confidence }, above);
    const flat = { size, colour: colour.map((_, i) => forehead[i % 3]!) };
    const filled = completeTexture({ size, colour, confidence }, flat, { skin: above });
    const mirror = mirrorTexture(filled).colour;
    return { size, colour: filled.colour.map((value, i) => (value + mirror[i]!) / 2) };
  }
}

/**
 * A person's skin tone: medians over confident bare skin.
 *
 * @param skin `size x size`, such as `faceRegions().skin`
 */
export function skinTone({ colour, confidence }: PartialTexture, skin: Float32Array): Tone {
  const chosen: number[] = [];
  for (let i = 0; i < skin.length; i++) if (confidence[i]! * skin[i]! > 0.5) chosen.push(i);
  const channel = (c: number) => {
    const sorted = Float32Array.from(chosen, (i) => colour[3 * i + c]!).sort();
    return Math.max(sorted[sorted.length >> 1] ?? 0.5, 1 / 255);
  };
  return [channel(0), channel(1), channel(2)];
}
