/** Which face of a picture is meant. */
import {
  type Face,
  type FaceNetworks,
  type FindFacesOptions,
  findFaces,
  type Image,
  selectFace,
} from "@ganfit/core";

/**
 * - `prominent`: the largest, if it stands out
 * - `central`: the one whose centre is nearest to the picture's, as pictures of Labeled Faces in the Wild show their
 *   person
 */
export type WhichFace = "prominent" | "central";

/** @throws GanfitError `no-face`, `several-faces`, `face-cut` as `selectFace` does */
export async function findMeantFace(
  picture: Image,
  networks: FaceNetworks,
  which: WhichFace,
  { name, ...search }: FindFacesOptions & { readonly name: string },
): Promise<Face> {
  const faces = await findFaces(picture, networks, search);
  const index = which === "central" ? centralIndex(faces, picture) : undefined;
  return selectFace(faces, picture, { name, ...(index !== undefined && { index }) });
}

/** Undefined where there is none. */
function centralIndex(faces: readonly Face[], { width, height }: Image): number | undefined {
  const distances = faces.map(({ region: { x, y } }) => Math.hypot(x - width / 2, y - height / 2));
  return faces.length > 0 ? distances.indexOf(Math.min(...distances)) : undefined;
}
