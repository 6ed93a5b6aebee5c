import { join } from "node:path";
import { writeWhole } from "@ganfit/core";
import { type RealyHeadTopology, realyHeadText } from "./head-export.js";

/**
 * Writes `<name>.obj` and `<name>.txt`, the two files that REALY wants of a topology.
 *
 * @param folder exists
 * @throws GanfitError `output`
 */
export async function writeRealyTopology(
  folder: string,
  name: string,
  topology: RealyHeadTopology,
): Promise<void> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  await writeWhole(join(folder, `${name}.obj`), bytes(topology.objText));
  await writeWhole(join(folder, `${name}.txt`), bytes(topology.keypointText));
}

/**
 * Writes a prediction for REALY.
 *
 * @param path such as `<system>/12.obj`; its folder exists
 * @param positions `V x 3` of all the model's vertices without expression, millimetres
 * @throws GanfitError `output`
 */
export async function writeRealyHead(
  path: string,
  topology: RealyHeadTopology,
  positions: Float32Array,
): Promise<void> {
  await writeWhole(path, new TextEncoder().encode(realyHeadText(topology, positions)));
}
