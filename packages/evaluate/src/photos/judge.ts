/** The recognition network that says whom a picture shows. */
import {
  type FaceNetworks,
  fitInside,
  type Image,
  type NetworkOptions,
  networkHash,
  openRecognition,
  type RecognitionModel,
  warpSimilarity,
} from "@ganfit/core";
import { JUDGED_SIDE as SIDE } from "./judged-picture.js";
import { findMeantFace, type WhichFace } from "./which-face.js";

/** Width of the smallest face that is looked for, in parts of that. */
const LEAST_FACE = 0.25;

export interface Judge {
  readonly name: string;
  /** The licence of its weights, in words. */
  readonly licence: string;
  /** Of its file, see `networkHash`. */
  readonly sha256: string;
  /**
   * Whether it is the very network that heads were fitted with: they were pulled towards its features, and it finds
   * them more alike than anybody else does.
   */
  readonly fittedWith: boolean;
  /**
   * Features of length 1 of a face in a picture, photo or rendering: `similarityOf` compares two. The face's
   * landmarks are found by the networks in both, so that renderings are cut out just as the photos that they are
   * compared with; the head's own points would bring in how well they were embedded in the model. Pictures are first
   * scaled to the renderings' size.
   *
   * @throws GanfitError `no-face`, `several-faces`, `face-cut` where there is no face to be judged; `network`
   */
  embed(
    picture: Image,
    options: {
      /** What errors call the picture. */
      readonly name: string;
      /** Default `prominent`. */
      readonly which?: WhichFace;
    },
  ): Promise<Float32Array>;
}

/**
 * @param fitted SHA-256 of the network that heads are fitted with
 * @throws GanfitError `network` where the file does not fit its description or cannot be compiled
 */
export async function openJudge(
  { model, description }: RecognitionModel,
  faces: FaceNetworks,
  fitted: string,
  options: NetworkOptions = {},
): Promise<Judge & { dispose(): Promise<void> }> {
  const hash = await networkHash(model);
  const recognition = await openRecognition(model, description, options);
  return {
    name: description.name,
    licence: description.licence,
    sha256: hash,
    fittedWith: hash === fitted,
    async embed(picture, { name, which = "prominent" }) {
      const toPicture = fitInside(picture, { width: SIDE, height: SIDE });
      const small = warpSimilarity(picture, toPicture, SIDE, SIDE, { border: "replicate" });
      const search =
        which === "central" ? {} : { minimumSize: LEAST_FACE * SIDE, relativeSize: 0.9 };
      const face = await findMeantFace(small, faces, which, { ...search, name });
      return recognition.embed(small, face.landmarks);
    },
    dispose: () => recognition.dispose(),
  };
}
