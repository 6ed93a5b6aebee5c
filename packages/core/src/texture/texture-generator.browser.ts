import { GraphError, readModel } from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import { readAsset } from "../networks/assets.browser.js";
import {
  TEXTURE_GENERATOR_MODEL_URL,
  TEXTURE_GENERATOR_URL,
  type TextureGenerator,
  textureGenerator,
} from "./texture-generator.js";

/** The generator that comes with the package. */
export async function loadDefaultGenerator(): Promise<TextureGenerator> {
  const text = new TextDecoder().decode(await readAsset(TEXTURE_GENERATOR_URL));
  const bytes = await readAsset(TEXTURE_GENERATOR_MODEL_URL);
  try {
    // Which file it names matters only to those that are opened from a folder.
    const { file: _, ...description } = JSON.parse(text);
    return textureGenerator(description, readModel(bytes));
  } catch (error) {
    if (!(error instanceof GraphError || error instanceof SyntaxError)) throw error;
    throw new GanfitError(
      "network",
      `The texture generator cannot be read: ${error.message}. Install ganfit again.`,
      { cause: error },
    );
  }
}
