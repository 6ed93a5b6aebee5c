import type { Image } from "../image/image.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { Face } from "../networks/faces.js";
import type { NetworkOptions } from "../networks/network.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import type { Camera } from "../render/camera.js";
import type { Lighting } from "../render/lighting.js";
import type { Losses } from "./fit-graph.js";
import type { FitOptions } from "./fit-options.js";
import type { LandmarkFitOptions } from "./landmark-fit.js";

export interface FitProgress {
  readonly stage: "face" | "landmarks" | "compile" | "fit" | "texture";
  /** From 1; 0 before the first. */
  readonly step: number;
  readonly steps: number;
  /** Of this step, in stage `fit`; means over the photos. */
  readonly losses?: Losses;
  /** The face in the first photo as fitted so far, over the part of the photo that it is compared with. */
  readonly preview?: () => Image;
}

export interface FitRunOptions extends FitOptions, NetworkOptions {
  /** Which face, where there are several: 0 the largest. */
  readonly face?: number | undefined;
  /** What error messages call the photo. */
  readonly name?: string;
  /** Somebody fitted before, who is held as they are: only expression, camera and light move. */
  readonly person?: Pick<TexturedHead, "identity"> & { readonly latent: Float32Array };
  /** Turns and scales the pose that the first stage begins with, to see whether it is found again. */
  readonly start?: LandmarkFitOptions["start"];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: FitProgress) => void;
}

export interface FitResult {
  readonly head: TexturedHead;
  readonly face: Face;
  readonly segmentation: FaceSegmentation;
  /** In pixels of the photo. */
  readonly camera: Camera;
  readonly lighting: Lighting;
  /** `latentSize` numbers, from which the generator makes the texture. */
  readonly latent: Float32Array;
  /** `478 x 2`, pixels of the photo: where the head's points for the landmarks lie. */
  readonly landmarks: Float32Array;
  /** Mean distance of landmarks, in parts of the distance between the pupils: first stage and end. */
  readonly landmarkError: { readonly stage1: number; readonly final: number };
  /** Before every step of the second stage, and at its end. */
  readonly losses: readonly Losses[];
  /** Milliseconds of each stage, over all photos that were fitted together. */
  readonly timings: Readonly<Record<FitProgress["stage"], number>>;
}
