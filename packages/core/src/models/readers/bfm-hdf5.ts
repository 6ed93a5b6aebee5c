import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel } from "../morphable-model.js";
import { type Hdf5Reader, looksLikeHdf5, withHdf5 } from "./hdf5.js";
import { EMPTY_BASIS, linearModel, listOf, numbered, trianglesOf } from "./linear-model.js";
import { mentions } from "./mentions.js";

export interface BfmHdf5Options {
  readonly name?: string;
}

const WHAT = "The Basel Face Model (.h5)";

/**
 * Whether the bytes are an HDF5 file that mentions what statismo's layout holds. Whether it is whole shows when it
 * is read.
 */
export const looksLikeBfmHdf5 = (bytes: Uint8Array): boolean =>
  looksLikeHdf5(bytes) && mentions(bytes, ["representer", "pcaBasis", "pcaVariance"]);

/**
 * Reads the Basel Face Models of 2017 (Gerig et al., "Morphable Face Models - An Open Framework") and 2019, whole
 * head, face or `face12`: HDF5 in statismo's layout, millimetres. In the groups `/shape/model` and
 * `/expression/model` lie `mean` (3V), `pcaBasis` (3V x K, unit columns) and `pcaVariance` (K); the neutral head
 * is the sum of both means. `/shape/representer/cells` holds 3 x T vertices from 0. Colours are not read. Files of
 * statismo's version 0.8 hold basis vectors that are scaled already; they are told apart by their length.
 *
 * The points in `/metadata/landmarks` are far fewer than iBUG's 68 (they have no jaw line), so `landmarks` is null.
 *
 * @throws GanfitError `model`
 */
export async function readBfmHdf5(
  bytes: Uint8Array,
  options: BfmHdf5Options = {},
): Promise<MorphableModel> {
  return withHdf5(bytes, WHAT, (file) => {
    const cells = file.has("shape/representer/cells")
      ? file.read("shape/representer/cells")
      : file.read("representer/cells");
    const shape = readPca(file, "shape/model", "identity");
    const expression = file.has("expression/model/pcaBasis")
      ? readPca(file, "expression/model", "expression")
      : null;
    const { mean } = shape;
    if (expression !== null) {
      if (expression.mean.length !== mean.length) {
        throw new GanfitError(
          "model",
          `${WHAT} has ${mean.length / 3} vertices in its shape and ${expression.mean.length / 3} in its expressions.`,
        );
      }
      for (let i = 0; i < mean.length; i++) mean[i]! += expression.mean[i]!;
    }
    return linearModel({
      name: options.name ?? "bfm",
      licence: "Basel Face Model licence: research and education, no commercial use",
      attribution:
        "Basel Face Model, University of Basel (T. Gerig, A. Morel-Forster, C. Blumer, B. Egger, M. Luethi, S. Schoenborn, T. Vetter, 2017 and 2019)",
      mean,
      triangles: trianglesOf(cells, 0, WHAT),
      identity: shape.basis,
      expression: expression?.basis ?? EMPTY_BASIS,
    });
  });
}

function readPca(
  file: Hdf5Reader,
  group: string,
  kind: string,
): { mean: Float32Array; basis: Basis } {
  const [coordinates = 0, modes = 0] = file.shape(`${group}/pcaBasis`);
  const read = (name: string, count: number): Float32Array =>
    listOf(file.read(`${group}/${name}`), count, 1, `${group}/${name}`, WHAT);
  const standardDeviations = read("pcaVariance", modes).map(Math.sqrt);
  const mean = read("mean", coordinates);
  const ones = new Float32Array(modes).fill(1);
  const displacements = file.columns(`${group}/pcaBasis`, ones);
  for (let k = 0; k < modes; k++) {
    const mode = displacements.subarray(k * coordinates, (k + 1) * coordinates);
    const sigma = standardDeviations[k]!;
    const length = Math.sqrt(mode.reduce((sum, x) => sum + x * x, 0));
    // A vector already scaled is as long as its standard deviation; which is meant is clear unless that is 1.
    if (Math.abs(Math.log(length)) <= Math.abs(Math.log(length / sigma))) {
      for (let i = 0; i < mode.length; i++) mode[i]! *= sigma;
    }
  }
  const names = numbered(kind, modes);
  return { mean, basis: { names, displacements, standardDeviations, prior: "normal" } };
}
