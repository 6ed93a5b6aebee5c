import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { writeCompactModel } from "../models/compact/compact-writer.js";
import type { MorphableModel } from "../models/morphable-model.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { NetworkOptions } from "../networks/network.js";
import { networkHash } from "../networks/network-hash.js";
import { sha256 } from "../sha256.js";
import type { TextureGenerator } from "../texture/texture-generator.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import type { FitReport } from "./fit-report-schema.js";

/**
 * The head that a report describes, as the fit gave it.
 *
 * @param shape the model that the fit was made with
 * @param skin the texture that was written beside the report, or {@link rebuildTexture}'s
 * @param normals the normal map that was written beside the report, if one was
 * @throws GanfitError `report` where the report was made with another model, or its numbers do not fit it
 */
export async function rebuildHead(
  report: FitReport,
  shape: MorphableModel,
  skin: Image,
  normals?: Image,
): Promise<TexturedHead> {
  requireSame("shape model", "--model", report.model, {
    name: shape.name,
    sha256: await sha256(writeCompactModel(shape)),
  });
  const { identity, expression, irisColour, exposure } = report.parameters;
  const weights = new Map(Object.entries(expression));
  const { names } = shape.expression;
  const missing = names.find((name) => !weights.has(name));
  const strange = [...weights.keys()].find((name) => !names.includes(name));
  if (identity.length !== shape.identity.names.length) {
    throw misfit(
      `it has ${identity.length} identity coefficients, and ${shape.name} ${shape.identity.names.length}`,
    );
  }
  if (missing !== undefined) {
    throw misfit(`it does not say how much of the expression ${missing} the head has`);
  }
  if (strange !== undefined) {
    throw misfit(`${shape.name} has no expression ${JSON.stringify(strange.slice(0, 100))}`);
  }
  return {
    model: shape,
    identity: Float32Array.from(identity),
    expression: Float32Array.from(names, (name) => weights.get(name)!),
    skin,
    ...(normals && { normals }),
    irisColour,
    exposure,
  };
}

/**
 * The texture that the generator made in the fit, from the report's latent.
 *
 * @param options where the generator runs
 * @throws GanfitError `report` where the report was made with another generator, or its latent does not fit
 *   it; `network` where the generator fails
 */
export async function rebuildTexture(
  report: FitReport,
  generator: TextureGenerator,
  options: NetworkOptions = {},
): Promise<Image> {
  requireSame("texture generator", "--generator", report.generator, {
    name: generator.name,
    sha256: await networkHash(generator.model),
  });
  const { latent } = report.parameters;
  if (latent.length !== generator.latentSize) {
    throw misfit(
      `its latent has ${latent.length} numbers, and ${generator.name} takes ${generator.latentSize}`,
    );
  }
  return textureOfLatent(generator, Float32Array.from(latent), options);
}

function misfit(problem: string): GanfitError {
  return new GanfitError("report", `The numbers of this fit.json do not fit: ${problem}.`);
}

interface Named {
  readonly name: string;
  readonly sha256: string;
}

function requireSame(what: string, option: string, wanted: Named, given: Named): void {
  if (wanted.sha256 === given.sha256) return;
  const other =
    wanted.name === given.name
      ? `another version of the ${what} ${wanted.name}`
      : `another ${what}, ${wanted.name} instead of ${given.name}`;
  throw new GanfitError(
    "report",
    `The fit was made with ${other}: give the one whose SHA-256 is ${wanted.sha256} (${option} on the command line), or fit the photo again.`,
  );
}
