// One photograph's texture as it is seen, kept in a folder: PNG files for the colours and the confidence,
// and the fit as JSON. What is there is not made again.

import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../packages/core/src/errors.js";
import { fitLandmarks, type prepareLandmarks } from "../../packages/core/src/fit/landmark-fit.js";
import { readImage } from "../../packages/core/src/image/decode.node.js";
import { writeImage, writeMask, writeWhole } from "../../packages/core/src/image/encode.node.js";
import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import type { UvFrame } from "../../packages/core/src/models/uv/uv-frame.js";
import { type FaceNetworks, findFaces } from "../../packages/core/src/networks/faces.js";
import { segmentFace } from "../../packages/core/src/networks/segmentation.js";
import { vertexNormals } from "../../packages/core/src/render/normals.js";
import { confirmSkin } from "../../packages/core/src/texture/confirm-skin.js";
import { faceRegions } from "../../packages/core/src/texture/face-regions.js";
import {
  imageOfTexture,
  type PartialTexture,
  shrinkPartial,
  textureOfImage,
} from "../../packages/core/src/texture/texture-map.js";
import {
  directionsAtTexels,
  texturePositions,
} from "../../packages/core/src/texture/texture-positions.js";
import { unwrapTexture } from "../../packages/core/src/texture/unwrap.js";

export interface UnwrapContext {
  /** The folder that paths of photos are relative to. */
  readonly photos: string;
  /** Where results are kept. */
  readonly cache: string;
  readonly model: MorphableModel;
  readonly frame: UvFrame;
  readonly networks: FaceNetworks;
  readonly prepared: ReturnType<typeof prepareLandmarks>;
  /** Texels along each side. */
  readonly size: number;
}

export interface UnwrappedPhoto {
  readonly texture: PartialTexture;
  /** `size x size x 3`: normals of the fitted head at the texels. */
  readonly normals: Float32Array;
}

/** Portraits: faces are large, and the search for small ones takes most of the time. */
const SMALLEST_FACE = 200;

/**
 * @param wanted texels along each side, the context's size over a whole number
 * @throws GanfitError `no-face` where the photograph shows none
 */
export async function unwrappedPhoto(
  path: string,
  context: UnwrapContext,
  wanted: number,
): Promise<UnwrappedPhoto> {
  const { model, size, cache } = context;
  const base = join(cache, `${path.replace("/", "-").replace(/\.jpg$/, "")}-${size}`);
  if (!existsSync(`${base}.json`)) await unwrap(path, base, context);
  const { identity, expression } = JSON.parse(await readFile(`${base}.json`, "utf8"));
  const vertices = evaluateModel(model, identity, expression);
  const { data } = await readImage(`${base}-confidence.png`);
  const confidence = Float32Array.from({ length: size * size }, (_, i) => data[3 * i]! / 255);
  const whole = { ...textureOfImage(await readImage(`${base}.png`)), confidence };
  return {
    texture: shrinkPartial(whole, size / wanted),
    normals: directionsAtTexels(
      texturePositions(model, wanted),
      model.triangles,
      vertexNormals(vertices, model.triangles),
    ),
  };
}

async function unwrap(path: string, base: string, context: UnwrapContext): Promise<void> {
  const { photos, cache, model, frame, networks, prepared, size } = context;
  const photo = await readImage(join(photos, path));
  const options = { minimumSize: SMALLEST_FACE, relativeSize: 0.9 };
  const face = (await findFaces(photo, networks, options))[0];
  if (!face) throw new GanfitError("no-face", `${path} shows no face.`);
  const segmentation = segmentFace(photo, face.landmarks);
  const fit = fitLandmarks(model, face.landmarks, photo, {}, prepared);
  const { identity, expression, camera } = fit;
  const vertices = evaluateModel(model, identity, expression);
  const texture = confirmSkin(
    unwrapTexture({ model, vertices, camera, photo, segmentation, size }),
    faceRegions(frame, size),
  );
  await mkdir(cache, { recursive: true });
  await writeImage(`${base}.png`, imageOfTexture(texture));
  await writeMask(`${base}-confidence.png`, {
    width: size,
    height: size,
    data: texture.confidence,
  });
  // Last, so that it stands for all three.
  const text = JSON.stringify({
    identity: Array.from(identity),
    expression: Array.from(expression),
    camera,
    error: fit.error,
  });
  await writeWhole(`${base}.json`, new TextEncoder().encode(text));
}
