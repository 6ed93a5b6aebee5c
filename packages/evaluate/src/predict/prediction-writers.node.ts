/** Heads as each benchmark wants its reconstructions. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type MorphableModel, surfacePositions, writeFolder } from "@ganfit/core";
import { ljsonText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { partsMesh, partsOf, SHOWN_PARTS } from "../heads/parts-mesh.js";
import { parseImageList } from "../now/image-list.js";
import { nowLandmarks } from "../now/now-landmarks.js";
import { writeNowPrediction } from "../now/submission-now.node.js";
import { exportTopology } from "../realy/head-export.js";
import { writeRealyHead, writeRealyTopology } from "../realy/head-export.node.js";

export interface PredictionWriter {
  /** The file that is there when a subject is done, below the folder. */
  file(subject: string): string;
  /** @param vertices `V x 3` of all the model's vertices without expression, millimetres */
  write(subject: string, vertices: Float32Array): Promise<void>;
}

/** Name of our topology for REALY: `topology/GANFIT.obj` and `.txt`. */
const TOPOLOGY = "GANFIT";

/** `subject_NN/<setting>.obj`, the skin alone, with its 68 landmarks as `.ljson` beside it. */
export function miccWriter(folder: string, model: MorphableModel): PredictionWriter {
  const skin = partsMesh(model, ["skin"]);
  return {
    file: (subject) => join(folder, `${subject}.obj`),
    async write(subject, vertices) {
      const place = join(folder, dirname(subject));
      const name = subject.slice(subject.lastIndexOf("/") + 1);
      await writeFolder(
        place,
        new Map([
          [`${name}.ljson`, bytesOf(ljsonText(landmarksOf(model, vertices)))],
          [`${name}.obj`, bytesOf(objText(partsOf(skin, vertices)))],
        ]),
      );
    },
  };
}

/**
 * `<id>.obj` in one topology, whose mean and 85 keypoints are `topology/GANFIT.obj` and `.txt`.
 *
 * @throws GanfitError `output`, `model`
 */
export async function realyWriter(
  folder: string,
  model: MorphableModel,
): Promise<PredictionWriter> {
  const topology = exportTopology(model);
  const place = join(folder, "topology");
  await mkdir(place, { recursive: true });
  await writeRealyTopology(place, TOPOLOGY, topology);
  const file = (subject: string) => join(folder, `${subject}.obj`);
  return { file, write: (subject, vertices) => writeRealyHead(file(subject), topology, vertices) };
}

/** A folder to be handed in: `subject/challenge/name.obj` and 7 landmarks as `.npy`. */
export function nowWriter(folder: string, model: MorphableModel): PredictionWriter {
  const shown = partsMesh(model, SHOWN_PARTS);
  return {
    file: (subject) => join(folder, `${subject}.obj`),
    async write(subject, vertices) {
      const [photo] = parseImageList(`${subject}.jpg`, subject);
      const landmarks = nowLandmarks(landmarksOf(model, vertices));
      await writeNowPrediction(folder, photo!, partsOf(shown, vertices), landmarks);
    },
  };
}

function landmarksOf(model: MorphableModel, vertices: Float32Array): Float64Array {
  return Float64Array.from(surfacePositions(vertices, model.triangles, model.landmarks!.ibug68!));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
