import { GanfitError } from "@ganfit/core";

/** Where in a file a reader is, for messages. */
export interface Place {
  /** Of the file. */
  readonly name: string;
  /** What `where` counts, such as `line` (from 1) or `byte` (from 0). */
  readonly unit: string;
  readonly where: number;
}

/**
 * @param problem the end of the sentence "At line 7, NAME ..."
 * @throws GanfitError `data`, always
 */
export function failAt({ name, unit, where }: Place, problem: string): never {
  throw new GanfitError("data", `At ${unit} ${where}, ${name} ${problem}.`);
}
