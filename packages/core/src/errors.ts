/**
 * What went wrong, for programs. The command line turns each code into an exit code of its own.
 *
 * - `usage`: an option or argument makes no sense
 * - `image`: a picture cannot be read
 * - `no-face`: a picture holds no face that can be used
 * - `several-faces`: it holds several, and it is not clear which is meant
 * - `face-cut`: the border of the picture cuts away too much of the face
 * - `model`: a shape model's file is wrong, truncated or of an unknown kind
 * - `network`: a neural network's file is wrong or does not have the promised inputs and outputs
 * - `report`: a fit.json is wrong, or was made with another shape model or texture generator
 * - `output`: a result cannot be written
 * - `data`: a file of a benchmark (mesh, landmarks, list) is missing or wrong
 * - `download`: a file could not be fetched, or is not the file it should be
 * - `cancelled`: the caller's AbortSignal fired
 */
export type ErrorCode =
  | "usage"
  | "image"
  | "no-face"
  | "several-faces"
  | "face-cut"
  | "model"
  | "network"
  | "report"
  | "data"
  | "output"
  | "download"
  | "cancelled";

/** Every error that ganfit throws on purpose: one sentence saying what was wrong, where, what to do. */
export class GanfitError extends Error {
  override readonly name = "GanfitError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
