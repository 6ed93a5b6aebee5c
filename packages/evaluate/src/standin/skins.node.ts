/** Random people in skins of the shipped texture generator. */
import {
  type Image,
  loadDefaultGenerator,
  openTextureRun,
  randomNormals,
  TRUNCATION,
} from "@ganfit/core";
import { seedFor } from "../seeds.js";

export interface Skins {
  /** The skin that the seed decides. */
  skinFor(seed: number): Promise<Image>;
  dispose(): Promise<void>;
}

/**
 * Compiles the generator.
 *
 * @throws GanfitError `network`
 */
export async function openSkins(): Promise<Skins> {
  const generator = await loadDefaultGenerator();
  const run = await openTextureRun(generator);
  const scale = generator.prior === "normal" ? TRUNCATION : 1;
  return {
    skinFor(seed) {
      const drawn = randomNormals(generator.latentSize, seedFor(seed, "latent"));
      return run.textureOf(Float32Array.from(drawn, (value) => scale * value));
    },
    dispose: () => run.dispose(),
  };
}
