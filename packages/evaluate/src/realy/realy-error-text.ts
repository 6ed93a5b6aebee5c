import type { KeptScore } from "../score.js";
import { orderOf } from "./prediction-names.js";
import { REALY_REGIONS } from "./realy-regions.js";

/** Characters of a number in REALY's file. */
const WIDTH = 9;

/**
 * REALY's own `REALY_error.txt`: a line for each subject with its name, an empty field, and the errors of
 * nose, mouth, forehead and cheek in millimetres, parted by tabs.
 *
 * @param scores of one system
 */
export function realyErrorText(scores: readonly Pick<KeptScore, "subject" | "figures">[]): string {
  return [...scores]
    .sort((a, b) => orderOf(a.subject) - orderOf(b.subject))
    .map(({ subject, figures }) => {
      // Cutting a number with an exponent, as REALY does, would give another number.
      const errors = REALY_REGIONS.map((region) => figures[region]!.toFixed(WIDTH).slice(0, WIDTH));
      return `${[subject, "", ...errors].join("\t")}\n`;
    })
    .join("");
}
