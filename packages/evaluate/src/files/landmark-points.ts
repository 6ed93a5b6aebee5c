import { GanfitError } from "@ganfit/core";

/**
 * Points out of rows that a file holds.
 *
 * @param name of the file, for messages
 * @returns `n x 3`
 * @throws GanfitError `data`, naming the point (from 1), unless each row is of three finite numbers
 */
export function pointsOf(rows: unknown, name: string): Float64Array {
  if (!Array.isArray(rows)) throw new GanfitError("data", `${name} has no list of points.`);
  const points = new Float64Array(3 * rows.length);
  for (const [i, row] of rows.entries()) {
    const bad = (what: string): never => {
      throw new GanfitError("data", `Point ${i + 1} of ${name} ${what}.`);
    };
    if (!Array.isArray(row)) return bad("is no list of numbers");
    if (row.length !== 3) return bad(`has ${row.length} coordinates where 3 are needed`);
    if (row.includes(null)) {
      return bad("has coordinates that are null, as menpo writes a landmark that was not seen");
    }
    for (const [k, value] of row.entries()) {
      if (typeof value !== "number" || !Number.isFinite(value)) {
        return bad("has a coordinate that is no finite number");
      }
      points[3 * i + k] = value;
    }
  }
  return points;
}
