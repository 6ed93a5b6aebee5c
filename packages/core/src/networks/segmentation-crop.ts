import { applySimilarity, type Similarity } from "../image/similarity.js";

/** Pixels of the crop's sides. */
export const CROP = 256;

/** The crop's side over the height of the face from the hairline to the chin. */
const EXTENT = 2.2;
/** How far the crop's centre lies above that of the face, over its height: hair needs the room. */
const RAISED = 0.22;

const TOP = 10;
const CHIN = 152;
const RIGHT_EYE = 33;
const LEFT_EYE = 263;

/**
 * From the pixels of an upright square crop around the head to those of the photograph.
 *
 * @param landmarks `478 x 3`
 * @param side pixels of the crop
 */
export function headCrop(landmarks: ArrayLike<number>, side = CROP): Similarity {
  const at = (i: number) => [landmarks[3 * i]!, landmarks[3 * i + 1]!] as const;
  const [topX, topY] = at(TOP);
  const [chinX, chinY] = at(CHIN);
  const [rightX, rightY] = at(RIGHT_EYE);
  const [leftX, leftY] = at(LEFT_EYE);
  const rotation = Math.atan2(leftY - rightY, leftX - rightX);
  // In profile the eyes draw together while the height stays; on a nod it is the other way round.
  const height = Math.max(
    Math.hypot(chinX - topX, chinY - topY),
    1.5 * Math.hypot(leftX - rightX, leftY - rightY),
  );
  const scale = (EXTENT * height) / side;
  const turn = { scale, rotation, tx: 0, ty: 0 };
  const [x, y] = applySimilarity(turn, [side / 2, side / 2 + (RAISED * height) / scale]);
  return { ...turn, tx: (topX + chinX) / 2 - x!, ty: (topY + chinY) / 2 - y! };
}
