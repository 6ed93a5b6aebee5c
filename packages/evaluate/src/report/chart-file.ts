import { GanfitError } from "@ganfit/core";
import type { Chart } from "./report.js";

/**
 * Name of a chart's file, beside the report.
 *
 * @throws GanfitError `usage` where the chart's name is not small letters, digits and hyphens
 */
export function chartFile({ name }: Pick<Chart, "name">, ending: "svg" | "png"): string {
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) {
    throw new GanfitError(
      "usage",
      `A chart cannot be named ${JSON.stringify(name)}: small letters, digits and hyphens make its file's name.`,
    );
  }
  return `chart-${name}.${ending}`;
}
