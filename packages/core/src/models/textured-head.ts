import type { Colour } from "../image/composite.js";
import type { Image } from "../image/image.js";
import type { MorphableModel } from "./morphable-model.js";

/** A person's head as a fit gives it: shape, and how its surface looks under even light. */
export interface TexturedHead {
  /** With landmarks and texture coordinates (`completeModel`). */
  readonly model: MorphableModel;
  /** One coefficient per identity mode. */
  readonly identity: Float32Array;
  /** One coefficient per expression mode. */
  readonly expression: Float32Array;
  /** Worn by the parts of kind `skin` through `model.uv`: square, in the layout that `model.uv.frame` names. */
  readonly skin: Image;
  /**
   * Relief of the skin that the shape has no vertices for, in the layout of `skin`: a normal map in tangent space
   * as `normalMap` makes it, red along u, green up in the picture, blue outwards, 128 + 127 times the
   * coordinate. Smooth skin where not given.
   */
  readonly normals?: Image | undefined;
  /** As the photo shows it, gamma-coded. */
  readonly irisColour: Colour;
  /**
   * How bright the photo shows what is white, in (0, 1]: 1 in full light. Skin and irises have their brightness
   * from the photo; eyeballs, teeth and mouth are darkened by this factor, gamma-coded, to go with them.
   */
  readonly exposure: number;
}

/** The same head at rest. */
export function withoutExpression(head: TexturedHead): TexturedHead {
  return { ...head, expression: new Float32Array(head.expression.length) };
}
