import { readFile, stat } from "node:fs/promises";
import { GanfitError } from "../errors.js";
import { parseFitReport } from "./fit-report.js";
import type { FitReport } from "./fit-report-schema.js";

/** Bytes; larger files are no reports. */
const LARGEST = 1 << 26;

/**
 * Reads a fit.json.
 *
 * @throws GanfitError `report` where there is none, or it is wrong
 */
export async function readFitReport(path: string): Promise<FitReport> {
  const wrong = (problem: string, cause?: unknown) =>
    new GanfitError("report", `${path}: ${problem}`, { cause });
  let text: string;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new Error("it is not a file");
    if (stats.size > LARGEST) throw new Error(`it has ${stats.size} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw wrong(
      code === "ENOENT" ? "There is no such file." : `It cannot be read: ${message}.`,
      error,
    );
  }
  try {
    return parseFitReport(text);
  } catch (error) {
    throw error instanceof GanfitError ? wrong(error.message, error) : error;
  }
}
