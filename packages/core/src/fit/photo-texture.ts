// The photo's own skin as a texture: what the photo shows with confidence, under even light, and where it
// shows nothing the texture of the fit.

import { flatten } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { UvFrame } from "../models/uv/uv-frame.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import type { Camera } from "../render/camera.js";
import { GAMMA, IRRADIANCE_FLOOR, type Lighting } from "../render/lighting.js";
import { irradianceAt } from "../render/lighting-evaluate.js";
import { vertexNormals } from "../render/normals.js";
import { completeTexture } from "../texture/complete-texture.js";
import { confirmSkin } from "../texture/confirm-skin.js";
import { faceRegions } from "../texture/face-regions.js";
import { plainLids } from "../texture/plain-lids.js";
import { resizeTexture } from "../texture/resize-texture.js";
import { imageOfTexture, type PartialTexture, textureOfImage } from "../texture/texture-map.js";
import { atTexels, directionsAtTexels, texturePositions } from "../texture/texture-positions.js";
import { unwrapTexture } from "../texture/unwrap.js";

export interface PhotoTextureInput {
  readonly photo: Image;
  /** As fitted to the photo; its skin fills what the photo does not show. */
  readonly head: TexturedHead;
  /** In pixels of the photo. */
  readonly camera: Camera;
  /** As fitted to the photo; it is taken out of the texture. */
  readonly lighting: Lighting;
  readonly segmentation: FaceSegmentation;
  /** The layout that the head's model has. */
  readonly frame: UvFrame;
  /** Texels along each side. */
  readonly size: number;
}

/** Light brightens or darkens the texture by these factors at most, whatever the fit found. */
const LEAST = 0.7;
const MOST = 1.4;

/**
 * @returns square, `size` texels wide
 * @throws GanfitError `usage` where the model has no texture coordinates or the size makes no sense
 */
export function photoTexture(input: PhotoTextureInput): Image {
  const { photo, head, camera, lighting, segmentation, frame, size } = input;
  const { model } = head;
  const vertices = evaluateModel(model, head.identity, head.expression);
  const regions = faceRegions(frame, size);
  const seen = unwrapTexture({
    model,
    vertices,
    camera,
    photo: flatten(photo),
    segmentation,
    size,
  });
  const even = withoutLight(
    confirmSkin(seen, regions),
    shadingAtTexels(head, vertices, lighting, size),
  );
  const fitted = textureOfImage(resizeTexture(head.skin, size));
  const whole = completeTexture(even, fitted, { skin: regions.skin });
  return imageOfTexture(plainLids(whole, regions));
}

/** `size x size x 3`: by how much the light brightens each texel, gamma-coded. */
function shadingAtTexels(
  { model }: TexturedHead,
  vertices: Float32Array,
  lighting: Lighting,
  size: number,
): Float32Array {
  const texels = texturePositions(model, size);
  const positions = atTexels(texels, model.triangles, vertices);
  const normals = directionsAtTexels(
    texels,
    model.triangles,
    vertexNormals(vertices, model.triangles),
  );
  const out = new Float32Array(3 * size * size);
  const irradiance = [0, 0, 0];
  for (let i = 0; i < out.length; i += 3) {
    irradianceAt(lighting, positions.subarray(i, i + 3), normals.subarray(i, i + 3), irradiance);
    for (let c = 0; c < 3; c++) {
      const factor = Math.max(irradiance[c]!, IRRADIANCE_FLOOR) ** (1 / GAMMA);
      out[i + c] = Math.min(MOST, Math.max(LEAST, factor));
    }
  }
  return out;
}

function withoutLight(texture: PartialTexture, shading: Float32Array): PartialTexture {
  return { ...texture, colour: texture.colour.map((value, i) => value / shading[i]!) };
}
