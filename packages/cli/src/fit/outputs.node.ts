/** The files that a fit ends with, made in memory. */
import {
  encodePng,
  type FitModels,
  type FitReport,
  type FitResult,
  headSheet,
  type Image,
  loadUvFrame,
  maskInImage,
  overlayOnPhoto,
  photoTexture,
  resizeTexture,
  writeGlb,
  writeObj,
} from "@ganfit/core";
import { formatJson } from "../print.node.js";
import { ganfitVersion } from "../version.node.js";
import type { FitCommandOptions } from "./options.js";

export type OutputOptions = Pick<FitCommandOptions, "glb" | "obj" | "overlay" | "sheet">;

/** The skin's texture beside fit.json. */
export const TEXTURE_FILE = "texture.png";

/** Texels along each side of a texture of the photo's own skin, where no size is asked for. */
const PHOTO_TEXTURE_SIZE = 1024;

/** The texture that is asked for, of the size that is asked for. */
export async function makeSkin(
  photo: Image,
  { head, camera, lighting, segmentation }: FitResult,
  { generator }: FitModels,
  { texture, textureSize }: Pick<FitCommandOptions, "texture" | "textureSize">,
): Promise<Image> {
  if (texture === "generated") {
    return resizeTexture(head.skin, Number(textureSize ?? generator.resolution));
  }
  const frame = await loadUvFrame();
  const size = Number(textureSize ?? PHOTO_TEXTURE_SIZE);
  return photoTexture({ photo, head, camera, lighting, segmentation, frame, size });
}

/**
 * @param photo opaque, as it was fitted
 * @param texture the head's skin as PNG
 * @returns by file name
 */
export async function makeFiles(
  photo: Image,
  { head, camera, lighting, segmentation }: FitResult,
  report: FitReport,
  texture: Uint8Array,
  options: OutputOptions,
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const mask = maskInImage(segmentation.face, segmentation, photo.width, photo.height);
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array>([[TEXTURE_FILE, texture]]);
  if (options.glb) {
    const generator = `ganfit ${ganfitVersion()}`;
    // The skin is the largest picture, and is encoded already.
    const encode = async (image: Image) => (image === head.skin ? texture : encodePng(image));
    files.set("head.glb", await writeGlb(head, { encode, generator }));
  }
  signal.throwIfAborted();
  if (options.obj) {
    const { obj, mtl, textures } = writeObj(head);
    files.set("head.obj", text(obj)).set("head.mtl", text(mtl));
    for (const [name, image] of textures) {
      if (name !== TEXTURE_FILE) files.set(name, await encodePng(image));
    }
  }
  signal.throwIfAborted();
  if (options.overlay) {
    const overlay = overlayOnPhoto(photo, head, camera, lighting, mask);
    files.set("overlay.png", await encodePng(overlay));
  }
  signal.throwIfAborted();
  if (options.sheet) {
    files.set("sheet.png", await encodePng(headSheet({ photo, head, camera, lighting, mask })));
  }
  files.set("fit.json", text(formatJson(report)));
  return files;
}
