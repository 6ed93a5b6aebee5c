/**
 * Textures as a portrait shows them: all on the same head, seen from the same place in the same light, so that only the
 * texture tells people apart.
 */
import {
  applySimilarity,
  type Camera,
  cameraInPicture,
  cropOf,
  evaluateModel,
  type FaceNetworks,
  findFace,
  type Image,
  invertSimilarity,
  type MorphableModel,
  portraitCamera,
  renderHead,
  STUDIO,
} from "@ganfit/core";
import type { Judge } from "../../core/bench/judge.js";

/** Side of the pictures, pixels. */
export const PORTRAIT = 384;
const BACKDROP = [236, 238, 241] as const;
const IRIS = [92, 68, 48] as const;
/** Side of the picture over that of the square around the face. */
const ROOM = 0.9;

export interface Portrait {
  /** @param size pixels of each side; {@link PORTRAIT} where not given */
  picture(skin: Image, size?: number): Image;
  /** The judge's embedding of the portrait, of length 1. */
  embed(skin: Image): Promise<Float32Array>;
}

/**
 * @param model its mean head, without expression
 * @param mean a texture on which the landmarks are found that hold for all others
 * @throws GanfitError `no-face` where nobody would know it for a face
 */
export async function openPortrait(
  model: MorphableModel,
  mean: Image,
  networks: FaceNetworks,
  judge: Judge,
): Promise<Portrait> {
  const identity = new Float32Array(model.identity.names.length);
  const expression = new Float32Array(model.expression.names.length);
  const drawn = (skin: Image, camera: Camera, size: number) => {
    const head = { model, identity, expression, skin, irisColour: IRIS, exposure: 1 };
    const view = { camera, lighting: STUDIO, background: BACKDROP };
    return renderHead(head, { ...view, width: size, height: size }).image;
  };
  const whole = portraitCamera(evaluateModel(model, identity, expression), {
    width: PORTRAIT,
    height: PORTRAIT,
  });
  const { region, landmarks } = await findFace(drawn(mean, whole, PORTRAIT), networks);
  const square = { ...region, rotation: 0, size: ROOM * region.size };
  const cameraFor = (size: number) =>
    cameraInPicture(whole, invertSimilarity(cropOf(square, size)));
  const points = applySimilarity(
    invertSimilarity(cropOf(square, PORTRAIT)),
    landmarks.filter((_, i) => i % 3 < 2),
  );
  return {
    picture: (skin, size = PORTRAIT) => drawn(skin, cameraFor(size), size),
    embed: (skin) => judge.embed(drawn(skin, cameraFor(PORTRAIT), PORTRAIT), points),
  };
}
