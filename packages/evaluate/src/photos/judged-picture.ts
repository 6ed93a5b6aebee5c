/** Pictures of a head alone, in which whoever it is can be looked at. */
import {
  evaluateModel,
  type Image,
  portraitCamera,
  renderHead,
  STUDIO,
  type TexturedHead,
  withoutExpression,
} from "@ganfit/core";

/** Side of the pictures for the judge, pixels: its own have 112, of which the face takes most. */
export const JUDGED_SIDE = 400;

/** Identity and texture alone: no expression, from the front, in a fixed soft light, before a plain white. */
export function judgedPicture(head: TexturedHead): Image {
  return portrait(head, 0, JUDGED_SIDE, false);
}

/** The shape alone, without expression, turned by 35 degrees. */
export function clayPicture(head: TexturedHead, side: number): Image {
  return portrait(head, 35, side, true);
}

function portrait(head: TexturedHead, yaw: number, side: number, clay: boolean): Image {
  const calm = withoutExpression(head);
  const size = { width: side, height: side };
  return renderHead(calm, {
    camera: portraitCamera(evaluateModel(calm.model, calm.identity, calm.expression), {
      ...size,
      yaw,
    }),
    lighting: STUDIO,
    background: [255, 255, 255],
    clay,
    ...size,
  }).image;
}
