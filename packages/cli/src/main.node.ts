/** The `ganfit` command: parsing, progress and exit codes; the work is done by @ganfit/core. */
import { GanfitError } from "@ganfit/core";
import { CommanderError } from "commander";
import { EXIT_CODES, Exit } from "./exit-codes.js";
import { sentenceOf } from "./print.node.js";
import { createProgram } from "./program.node.js";

/**
 * Runs the command.
 *
 * @param args the arguments after `ganfit`
 * @returns the exit code; see {@link EXIT_CODES}
 */
export async function main(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new GanfitError("cancelled", "interrupted"));
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    await createProgram(interrupted.signal).parseAsync(args, { from: "user" });
    return EXIT_CODES.ok;
  } catch (error) {
    return report(error);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function report(error: unknown): number {
  if (error instanceof Exit) return error.exitCode;
  if (error instanceof CommanderError) {
    // Commander has printed its sentence, or the help that was asked for.
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
  process.stderr.write(`ganfit: ${sentenceOf(error)}\n`);
  return error instanceof GanfitError ? EXIT_CODES[error.code] : EXIT_CODES.internal;
}
