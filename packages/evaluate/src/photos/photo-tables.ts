/** The tables of a report on photos. */
import { describeSeparation, spreadOf } from "../identity/gallery.js";
import type { Column, Table } from "../report/report.js";
import { figureCell } from "../report/table-cells.js";
import { mean, median } from "../statistics/statistics.js";
import type { LikenessFigures } from "./photo-figures.js";
import type { PhotoResult } from "./photo-results.js";
import { describeShapes, type PersonShape } from "./shape-distance.js";
import type { Texture } from "./textures.js";

export type ResultsByTexture = ReadonlyMap<Texture, readonly PhotoResult[]>;

const TEXTURE: Column = { name: "texture", better: "neither" };
const count = (name: string): Column => ({ name, digits: 0, better: "neither" });
const more = (name: string, digits: number): Column => ({ name, digits, better: "more" });
const less = (name: string, digits: number): Column => ({ name, digits, better: "less" });
const neutral = (name: string, digits: number): Column => ({ name, digits, better: "neither" });

/** Photos and the heads that were fitted to them. */
export function photoTable(results: ResultsByTexture): Table {
  return {
    title: "Photo and its own head",
    columns: [
      TEXTURE,
      count("photos"),
      count("not fitted"),
      more("PSNR, dB", 2),
      more("least PSNR", 2),
      more("SSIM", 4),
      more("least SSIM", 4),
      more("covered", 3),
      less("landmarks, %", 2),
      more("likeness", 3),
      more("least likeness", 3),
      less("seconds, median", 1),
    ],
    rows: [...results].map(([texture, list]) => {
      const fitted = list.flatMap(({ file }) => file.figures ?? []);
      return [
        texture,
        list.length,
        list.length - fitted.length,
        ...likenessCells(list.flatMap(({ figures }) => figures?.own ?? [])),
        figureCell(100 * mean(fitted.map(({ landmarkError }) => landmarkError))),
        ...meanAndLeast(list.flatMap(({ likeness }) => likeness ?? [])),
        figureCell(median(fitted.map(({ seconds }) => seconds))),
      ];
    }),
    note:
      "PSNR and SSIM over the face where nothing is in front of it and the head lies over it (covered: how much of it " +
      "that is), in a picture of 400 pixels; landmarks: mean distance in per cent of that between the pupils; likeness: " +
      "the judge's cosine of the photo and the head drawn from the front without expression.",
  };
}

/** Heads on another photo of their person; null where there are none. */
export function otherPhotoTable(results: ResultsByTexture): Table | null {
  const rows = [...results].flatMap(([texture, list]) => {
    const others = list.flatMap(({ figures }) => figures?.other ?? []);
    return others.length > 0 ? [[texture, others.length, ...likenessCells(others)]] : [];
  });
  if (rows.length === 0) return null;
  return {
    title: "Another photo of the same person",
    columns: [
      TEXTURE,
      count("photos"),
      more("PSNR, dB", 2),
      more("least PSNR", 2),
      more("SSIM", 4),
      more("least SSIM", 4),
      more("covered", 3),
    ],
    rows,
    note: "Identity and texture of the one photo held fixed; expression, camera and light fitted to the other.",
  };
}

/** Whom heads are taken for; null where nobody has two photos. */
export function reidentificationTable(results: ResultsByTexture): Table | null {
  const rows = [...results].flatMap(([texture, list]) => {
    const compared = list.flatMap(({ comparison }) => comparison ?? []);
    const failed = list.filter(({ comparison, comparable }) => comparable && !comparison).length;
    if (compared.length === 0) return [];
    const { probes, rank1, auc, genuine, impostor } = describeSeparation(compared, failed);
    const real = spreadOf(list.flatMap(({ real: cosine }) => cosine ?? []));
    const spreads = [genuine.mean, genuine.least, impostor.mean, impostor.most];
    return [[texture, probes, failed, rank1, auc, ...spreads, figureCell(real.mean)]];
  });
  if (rows.length === 0) return null;
  return {
    title: "Re-identification",
    columns: [
      TEXTURE,
      count("heads"),
      count("not comparable"),
      more("rank 1", 4),
      more("AUC", 4),
      more("same, mean", 3),
      more("same, least", 3),
      less("others, mean", 3),
      less("others, most", 3),
      neutral("two photos", 3),
    ],
    rows,
    note:
      "Each head, drawn from the front without expression, against the person's other photos and all photos of other " +
      "people, by the judge's cosine. A head that could not be fitted, or in whose picture no face is found, counts as " +
      "not recognised and is left out of the AUC. Two photos: mean cosine of photos of one person.",
  };
}

/** Neutral shapes of the same and of different people; null where nobody has two photos. */
export function shapeTable(shapes: readonly PersonShape[]): Table | null {
  const { same, different, ratio, pairs } = describeShapes(shapes);
  if (pairs.same === 0 || pairs.different === 0) return null;
  return {
    title: "Shapes without expression",
    columns: [
      count("pairs, same"),
      less("same, mm", 2),
      count("pairs, different"),
      more("different, mm", 2),
      less("ratio", 3),
    ],
    rows: [[pairs.same, same, pairs.different, different, ratio]],
    note:
      "Mean distance of corresponding vertices of the face after a rigid alignment, of heads fitted to two photos of one " +
      "person, and to photos of two people that do not have the same place in their folders.",
  };
}

function likenessCells(list: readonly LikenessFigures[]): (number | null)[] {
  return [
    ...meanAndLeast(list.map(({ psnr }) => psnr)),
    ...meanAndLeast(list.map(({ ssim }) => ssim)),
    figureCell(mean(list.map(({ covered }) => covered))),
  ];
}

function meanAndLeast(list: readonly number[]): (number | null)[] {
  const { mean: middle, least } = spreadOf(list.filter((value) => !Number.isNaN(value)));
  return [figureCell(middle), figureCell(least)];
}
