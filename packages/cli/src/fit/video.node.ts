import { basename } from "node:path";
import {
  chooseFrames,
  type Face,
  type FrameQuality,
  findFace,
  frameQuality,
  GanfitError,
  readVideoFrames,
  type VideoFrame,
} from "@ganfit/core";
import type { FitSession } from "./fit-head.node.js";
import { numbered } from "./folders.js";
import { decodePhoto, type PhotoInput } from "./photo-input.node.js";

/**
 * The frames of a video that a head is best fitted to, the best first.
 *
 * @throws GanfitError `image` where it cannot be read, `no-face` and the like where no frame shows a face
 */
export async function framesOf(
  path: string,
  frames: readonly VideoFrame[],
  {
    models,
    options,
    reporter,
    signal,
  }: Pick<FitSession, "models" | "options" | "reporter" | "signal">,
): Promise<PhotoInput[]> {
  const video = basename(path);
  reporter.stage(`${video}: looking for the face in ${frames.length} frames`);
  const seen: { frame: VideoFrame; found: Face; quality: FrameQuality }[] = [];
  let reason: GanfitError | null = null;
  for (const frame of frames) {
    signal.throwIfAborted();
    const name = nameOf(path, frame);
    const { image } = await decodePhoto(frame.bytes, name);
    try {
      const found = await findFace(image, models.faces, { index: options.face, name });
      seen.push({ frame, found, quality: frameQuality(image, found) });
    } catch (error) {
      if (!(error instanceof GanfitError)) throw error;
      reason = error;
    }
  }
  const chosen = chooseFrames(seen.map(({ quality }) => quality));
  if (chosen.length === 0) {
    throw new GanfitError(
      reason?.code ?? "no-face",
      `None of ${frames.length} frames of ${path} shows a face well enough${reason ? `, such as this: ${reason.message}` : "."}`,
    );
  }
  const inputs: PhotoInput[] = [];
  for (const [i, index] of chosen.entries()) {
    const { frame, found } = seen[index]!;
    const name = nameOf(path, frame);
    inputs.push({
      path: name,
      name: numbered("frame.png", i),
      bytes: frame.bytes,
      found,
      seconds: frame.seconds,
      ...(await decodePhoto(frame.bytes, name)),
    });
  }
  return inputs;
}

/** Frames of a video, before anything else is loaded: what is wrong with it is told of at once. */
export function readFrames(
  path: string,
  { reporter, signal }: Pick<FitSession, "reporter" | "signal">,
): Promise<VideoFrame[]> {
  reporter.stage(`${basename(path)}: reading`);
  return readVideoFrames(path, { signal });
}

function nameOf(path: string, { seconds }: VideoFrame): string {
  return `${path} at ${seconds.toFixed(2)} s`;
}
