/** Reconstructions as files. */
import { objText } from "../files/obj.js";
import type { KnownHead } from "./known-heads.js";
import type { WriteFile } from "./standin-folder.node.js";
import {
  type ReconstructionOptions,
  type Reconstructions,
  reconstructions,
  STAND_IN_SYSTEMS,
} from "./systems.js";

/** Behind the point of millimetres: exact enough that moved shapes score as those that were not. */
const DIGITS = 7;

/** Of positions that are written again: the truth's and the mean's are, for every photograph. */
const texts = new WeakMap<Float64Array, string>();

/**
 * Writes `systems/<system>/<name>.obj` for every system.
 *
 * @param head in the systems' topology
 * @param mean the same, of the model's mean
 */
export async function writeReconstructions(
  write: WriteFile,
  { head, mean }: { readonly head: KnownHead; readonly mean: KnownHead },
  name: string,
  options: ReconstructionOptions,
): Promise<Reconstructions> {
  const made = reconstructions(head, mean, options);
  for (const system of STAND_IN_SYSTEMS) {
    const positions = made.positions[system];
    const text = texts.get(positions) ?? objText({ ...head.mesh, positions }, DIGITS);
    texts.set(positions, text);
    await write(`systems/${system}/${name}.obj`, text);
  }
  return made;
}
