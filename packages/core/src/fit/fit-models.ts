import type { OnnxModel } from "@ganfit/autodiff";
import type { MorphableModel } from "../models/morphable-model.js";
import type { FaceNetworks } from "../networks/faces.js";
import type { RecognitionDescription } from "../networks/recognition.js";
import type { TextureGenerator } from "../texture/texture-generator.js";

/** A recognition network as a file and its description, as `readRecognitionFile` gives it. */
export interface RecognitionModel {
  readonly description: RecognitionDescription;
  readonly model: OnnxModel;
}

/** What a fit fits, and sees with. */
export interface FitModels {
  /** With landmarks and texture coordinates (`completeModel`). */
  readonly shape: MorphableModel;
  readonly generator: TextureGenerator;
  readonly recognition: RecognitionModel;
  readonly faces: FaceNetworks;
}
