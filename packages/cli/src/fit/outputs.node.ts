import {
  encodePng,
  type FitReport,
  type FitResult,
  type HeadOnPhoto,
  headSheet,
  type Image,
  maskInImage,
  overlayOnPhoto,
  personSheet,
  withoutExpression,
  writeGlb,
  writeObj,
} from "@ganfit/core";
import { formatJson } from "../print.node.js";
import { ganfitVersion } from "../version.node.js";
import { numbered } from "./folders.js";
import type { FitCommandOptions } from "./options.js";
import type { PhotoInput } from "./photo-input.node.js";
import { NORMALS_FILE, TEXTURE_FILE } from "./skin.node.js";

export type OutputOptions = Pick<
  FitCommandOptions,
  "glb" | "obj" | "overlay" | "sheet" | "quality"
>;

/** A photo and what was fitted to it; the head wears the texture that is written. */
export interface FittedPhoto {
  readonly photo: PhotoInput;
  readonly result: FitResult;
  readonly report: FitReport;
}

/** What is encoded already. */
export interface SharedFiles {
  /** The head's skin as PNG. */
  readonly texture: Uint8Array;
  /** Its normal map as PNG. */
  readonly normals: Uint8Array | null;
  /** Whether the photos are written too: nobody else has them. */
  readonly frames: boolean;
}

/**
 * The files of one head. Of a single photo it has the photo's expression, of several none.
 *
 * @param photos at least one
 * @returns by file name
 */
export async function makeFiles(
  photos: readonly FittedPhoto[],
  { texture, normals, frames }: SharedFiles,
  { glb, obj, overlay, quality, sheet = quality !== "draft" }: OutputOptions,
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const head =
    photos.length === 1 ? photos[0]!.result.head : withoutExpression(photos[0]!.result.head);
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array>([[TEXTURE_FILE, texture]]);
  if (normals) files.set(NORMALS_FILE, normals);
  if (glb) {
    const generator = `ganfit ${ganfitVersion()}`;
    // The largest pictures are encoded already.
    const encode = async (image: Image) => {
      if (image === head.skin) return texture;
      return normals && image === head.normals ? normals : encodePng(image);
    };
    files.set("head.glb", await writeGlb(head, { encode, generator }));
  }
  signal.throwIfAborted();
  if (obj) {
    const { obj: mesh, mtl, textures } = writeObj(head);
    files.set("head.obj", text(mesh)).set("head.mtl", text(mtl));
    for (const [name, image] of textures) {
      if (!files.has(name)) files.set(name, await encodePng(image));
    }
  }
  const seen = overlay || sheet ? photos.map(onPhoto) : [];
  for (const [i, { photo, head: fitted, camera, lighting, mask }] of seen.entries()) {
    signal.throwIfAborted();
    if (!overlay) break;
    const picture = overlayOnPhoto(photo, fitted, camera, lighting, mask);
    files.set(numbered("overlay.png", i), await encodePng(picture));
  }
  signal.throwIfAborted();
  if (sheet) {
    const picture = seen.length === 1 ? headSheet(seen[0]!) : personSheet({ head, photos: seen });
    files.set("sheet.png", await encodePng(picture));
  }
  photos.forEach(({ photo, report }, i) => {
    if (frames) files.set(photo.name, photo.bytes);
    files.set(numbered("fit.json", i), text(formatJson(report)));
  });
  return files;
}

function onPhoto({ photo: { image }, result }: FittedPhoto): HeadOnPhoto {
  const { head, camera, lighting, segmentation } = result;
  const mask = maskInImage(segmentation.face, segmentation, image.width, image.height);
  return { photo: image, head, camera, lighting, mask };
}
