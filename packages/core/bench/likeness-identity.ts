// Who the judge takes a fitted head for.

import { fitInside } from "../src/image/crop.js";
import type { Image } from "../src/image/image.js";
import { warpSimilarity } from "../src/image/warp.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import type { FaceNetworks } from "../src/networks/faces.js";
import { findFace } from "../src/networks/find-face.js";
import { similarityOf } from "../src/networks/recognition.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import { STUDIO } from "../src/render/lighting.js";
import type { Judge } from "./judge.js";
import type { Comparison } from "./recognition-measure.js";

/** Side of the pictures for the judge, pixels: its own have 112, of which the face takes most. */
const SIDE = 400;
/** Width of the smallest face that is looked for, in parts of that. */
const LEAST_FACE = 0.25;

/** Identity and texture alone: no expression, from the front, in a fixed soft light, before a plain white. */
export function judgedPicture(head: TexturedHead): Image {
  const expression = new Float32Array(head.expression.length);
  const size = { width: SIDE, height: SIDE };
  return renderHead(
    { ...head, expression },
    {
      camera: portraitCamera(evaluateModel(head.model, head.identity, expression), size),
      lighting: STUDIO,
      background: [255, 255, 255],
      ...size,
    },
  ).image;
}

/**
 * The judge's features of the one face in a picture, photo or rendering. Its landmarks are found by the networks
 * in both cases, so that renderings are cut out just as the photos that they are compared with; the head's own
 * points would bring in how well they were embedded in the model. Photos are first scaled to the renderings' size.
 *
 * @param name what errors call the picture
 * @throws GanfitError `no-face` and the like where there is none
 */
export async function judgeFace(
  picture: Image,
  name: string,
  judge: Judge,
  networks: FaceNetworks,
): Promise<Float32Array> {
  const toPicture = fitInside(picture, { width: SIDE, height: SIDE });
  const small = warpSimilarity(picture, toPicture, SIDE, SIDE, { border: "replicate" });
  const options = { minimumSize: LEAST_FACE * SIDE, relativeSize: 0.9, name };
  return judge.embed(small, (await findFace(small, networks, options)).landmarks);
}

/**
 * A probe against everybody of a gallery.
 *
 * @param gallery features by person; the probe's person is among them
 */
export function compareWithGallery(
  { person, heldOut, features }: { person: string; heldOut: boolean; features: Float32Array },
  gallery: ReadonlyMap<string, Float32Array>,
): Comparison {
  const own = gallery.get(person);
  if (!own) throw new RangeError(`compareWithGallery: ${person} is not in the gallery`);
  const others = [...gallery]
    .filter(([other]) => other !== person)
    .map(([other, theirs]) => ({ other, cosine: similarityOf(features, theirs) }));
  const nearest = others.reduce((a, b) => (b.cosine > a.cosine ? b : a));
  return {
    person,
    heldOut,
    genuine: similarityOf(features, own),
    nearest: nearest.cosine,
    nearestPerson: nearest.other,
    impostors: others.map(({ cosine }) => cosine),
  };
}
