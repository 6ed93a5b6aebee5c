import {
  detailTexture,
  evaluateModel,
  type FitResult,
  faceRegions,
  type Image,
  loadUvFrame,
  normalMap,
  personTexture,
  resizeTexture,
  type TexturedHead,
  type TextureGenerator,
} from "@ganfit/core";
import type { FitCommandOptions } from "./options.js";
import type { PhotoInput } from "./photo-input.node.js";

/** The skin's texture beside fit.json. */
export const TEXTURE_FILE = "texture.png";
/** Its normal map. */
export const NORMALS_FILE = "normal.png";

/** Texels along each side of a texture that shows what a photo shows, where no size is asked for. */
const PHOTO_TEXTURE_SIZE = { draft: 512, standard: 1024 } as const;

/** The texture that is asked for, of the size that is asked for. */
export async function makeSkin(
  photos: readonly { readonly photo: PhotoInput; readonly result: FitResult }[],
  generator: Pick<TextureGenerator, "resolution">,
  {
    texture,
    textureSize,
    quality = "standard",
    detail,
  }: Pick<FitCommandOptions, "texture" | "textureSize" | "quality" | "detail">,
): Promise<Image> {
  const { head } = photos[0]!.result;
  if (texture === "generated" && !detail) {
    return resizeTexture(head.skin, Number(textureSize ?? generator.resolution));
  }
  const input = {
    head,
    photos: photos.map(({ photo, result }) => ({
      photo: photo.image,
      expression: result.head.expression,
      camera: result.camera,
      lighting: result.lighting,
      segmentation: result.segmentation,
    })),
    frame: await loadUvFrame(),
    size: Number(textureSize ?? PHOTO_TEXTURE_SIZE[quality]),
  };
  return texture === "generated" ? detailTexture(input) : personTexture(input);
}

/** What the skin's wrinkles do to the light, in the texture's size. */
export async function makeNormals(
  { model, identity, expression }: TexturedHead,
  skin: Image,
): Promise<Image> {
  const vertices = evaluateModel(model, identity, new Float32Array(expression.length));
  const regions = faceRegions(await loadUvFrame(), skin.width);
  return normalMap({ model, vertices, skin, regions });
}
