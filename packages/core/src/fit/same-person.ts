import { similarityOf } from "../networks/recognition.js";

/**
 * Cosine of SFace's features from which two faces are held to be one person's: OpenCV's, chosen on LFW
 * (`FaceRecognizerSF`, zoo's face_recognition_sface).
 */
const SAME_PERSON = 0.363;

export interface Outlier {
  /** Index of the photo. */
  readonly photo: number;
  /** Cosine of its features and those of the photo that the others are most alike. */
  readonly similarity: number;
}

/**
 * Photos that show somebody else than the others: the photo that most others resemble stands for the person
 * (of equal ones the earlier), and what resembles neither it nor anything that does is left out.
 *
 * @param embeddings of length 1, one for each photo
 */
export function findOutliers(embeddings: readonly Float32Array[]): readonly Outlier[] {
  const cosines = embeddings.map((a) => embeddings.map((b) => similarityOf(a, b)));
  const alike = (i: number) => cosines[i]!.filter((cosine) => cosine >= SAME_PERSON).length;
  let typical = 0;
  for (let i = 1; i < embeddings.length; i++) if (alike(i) > alike(typical)) typical = i;
  const direct = (i: number) => cosines[typical]![i]! >= SAME_PERSON;
  return embeddings.flatMap((_, photo) => {
    const known = cosines[photo]!.some((cosine, i) => cosine >= SAME_PERSON && direct(i));
    return known ? [] : [{ photo, similarity: cosines[typical]![photo]! }];
  });
}
