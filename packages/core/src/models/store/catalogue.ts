/** Shape models that ganfit can fetch by itself: public, and free without a form to sign. */
export interface CatalogueEntry {
  /** As in `ganfit models add NAME`. */
  readonly name: string;
  readonly title: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly homepage: string;
  /** File in the package's `assets` that lists the model's files with sizes and SHA-256 sums. */
  readonly manifest: string;
  /**
   * Addresses that the files' paths are appended to, tried in turn. Whatever a server sends, only bytes
   * with the right SHA-256 are accepted.
   */
  readonly sources: readonly string[];
}

const RAW = "https://raw.githubusercontent.com/ICT-VGL/ICT-FaceKit";

/**
 * Commit of ICT-FaceKit whose README is the one that came with the files in the manifest. The files'
 * SHA-256 sums decide, so a rewritten history is noticed; the main branch is the second address.
 */
export const ICT_COMMIT = "f85fe699bc230514aec864808c36573404b3f480";

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "ict-facekit",
    title: "ICT-FaceKit Light, USC Institute for Creative Technologies",
    licence: "MIT",
    homepage: "https://github.com/ICT-VGL/ICT-FaceKit",
    manifest: "ict-facekit.json",
    sources: [`${RAW}/${ICT_COMMIT}/`, `${RAW}/master/`],
  },
];
