import { basename } from "node:path";
import { GanfitError } from "@ganfit/core";
import { EXIT_CODES } from "../exit-codes.js";

/** What `--json` prints of a photo that could not be fitted. */
export interface Failure {
  readonly photo: { readonly name: string };
  readonly error: { readonly code: GanfitError["code"] | "internal"; readonly message: string };
}

export function failureOf(photo: string, error: unknown): Failure {
  const code = error instanceof GanfitError ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  return { photo: { name: basename(photo) }, error: { code, message } };
}

/** Where all photos failed for one reason that reason's, otherwise that of some failing. */
export function exitCodeOf(failures: readonly Failure[], photos: number): number {
  const codes = new Set(failures.map(({ error }) => EXIT_CODES[error.code]));
  const [code] = codes;
  return failures.length === photos && codes.size === 1 ? code! : EXIT_CODES.some;
}
