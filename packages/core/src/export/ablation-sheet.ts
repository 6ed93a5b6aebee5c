// The paper's figure of its ablation (Gecer et al. 2019, figure 7): what each part of the energy is good for.

import { GanfitError } from "../errors.js";
import type { AblatedFit } from "../fit/ablation.js";
import type { Image } from "../image/image.js";
import { contactSheet } from "../image/montage.js";
import { withoutExpression } from "../models/textured-head.js";
import { maskInImage } from "../networks/segmentation.js";
import { emptyView, portraitView, viewsOnPhoto } from "./head-views.js";

export interface AblationRow {
  readonly photo: Image;
  /** Of this photo, in the same order for all photos. */
  readonly fits: readonly AblatedFit[];
}

/**
 * Three rows of pictures for each photo: the face on the photo, the generated texture from the front without expression,
 * clay. The first column is the photo, then one for each fit.
 *
 * @param size of each picture, pixels
 * @throws GanfitError `usage` without photos or fits
 */
export function ablationSheet(rows: readonly AblationRow[], size = 256): Image {
  const columns = 1 + (rows[0]?.fits.length ?? 0);
  if (columns === 1) throw new GanfitError("usage", "An ablation's sheet needs fits.");
  const images: Image[] = [];
  const labels: string[] = [];
  for (const { photo, fits } of rows) {
    const views = fits.map(({ result }) => {
      const { head, camera, lighting, segmentation } = result;
      const mask = maskInImage(segmentation.face, segmentation, photo.width, photo.height);
      return viewsOnPhoto({ photo, head, camera, lighting, mask }, size);
    });
    const neutral = fits.map(({ result }) => withoutExpression(result.head));
    images.push(views[0]![0], ...views.map(([, overlay]) => overlay));
    images.push(emptyView(size), ...neutral.map((head) => portraitView(head, size, 0, false)));
    images.push(emptyView(size), ...neutral.map((head) => portraitView(head, size, 0, true)));
    const names = fits.map(({ ablation }) => ablation.label);
    labels.push("photo", ...names, "", ...names, "", ...names);
  }
  return contactSheet(images, { columns, cell: { width: size, height: size }, labels });
}
