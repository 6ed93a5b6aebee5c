/** A MICC task from its files to its score. */
import { GanfitError } from "@ganfit/core";
import type { Score, ScoreTask } from "../score.js";
import { LANDMARK_START, type MiccSettings } from "./micc-settings.js";
import { readReconstruction, readScan, readTemplate } from "./read-micc.node.js";
import { type ScanScore, scoreDeep3d, scoreGanfit } from "./score-micc.js";

/**
 * The better of the two scans counts, as in barisgecer/GANFit; a scan that is not there is infinitely far.
 *
 * @returns figures `score`, each scan's own such as `frontal1`, and its parts such as `frontal1 scan to
 *   reconstruction`; one error map, of the scan that counts
 * @throws GanfitError `data` where a file is missing, wrong, or does not go with the others
 */
export async function scoreMicc({ files, settings }: ScoreTask<MiccSettings>): Promise<Score> {
  const { protocol, millimetresPerUnit: units, marks } = settings;
  const path = (place: number) => files[place]!;
  const template = await readTemplate(
    path(settings.template),
    path(settings.templateIds),
    units.template,
  );
  const reconstruction = await readReconstruction(
    path(settings.reconstruction),
    template,
    marks && { kind: marks.kind, path: path(marks.file) },
    units.systems,
  );
  const figures: Record<string, number> = {};
  let best: ScanScore | undefined;
  for (const { name, mesh, landmarks } of settings.scans) {
    const unit = protocol === "ganfit" ? units.template : units.scans;
    // The registered mesh is in the template's unit, the scan's landmarks always in the scan's.
    const scan = await readScan(path(mesh), path(landmarks), {
      mesh: unit,
      landmarks: units.scans,
    });
    const found = naming(`${path(settings.reconstruction)} and ${path(mesh)}`, () =>
      protocol === "ganfit"
        ? scoreGanfit(reconstruction, scan, template, settings.radius)
        : scoreDeep3d(reconstruction, scan, template, settings),
    );
    figures[name] = found.score;
    for (const [part, value] of Object.entries(found.parts)) figures[`${name} ${part}`] = value;
    if (!best || found.score < best.score) best = found;
  }
  if (!best) throw new RangeError("scoreMicc: a task needs a scan");
  const started =
    protocol === "ganfit" && reconstruction.positions.length !== template.positions.length
      ? { [LANDMARK_START]: 1 }
      : {};
  return {
    figures: { score: best.score, ...figures, ...started },
    pooled: new Float32Array(0),
    errorMaps: [best.errorMap()],
  };
}

/** What is wrong with numbers, with the files that they come from. */
function naming<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    throw new GanfitError("data", `${what}: ${error.message}`, { cause: error });
  }
}
