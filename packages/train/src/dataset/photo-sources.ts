/** Where photographs are from: whose they are, on what terms, and who is in them. */
import { GanfitError } from "@ganfit/core";
import { z } from "zod";

const FACTOR = z.number().positive().max(4);

const SOURCES = z.array(
  z.strictObject({
    /** The folder that the photos lie in, by its own name. */
    folder: z.string().min(1),
    /** SPDX identifier, or a sentence naming the terms. */
    licence: z.string().min(1),
    attribution: z.string(),
    /** Factors for R, G and B that take a cast out, on gamma-coded values. */
    whiteBalance: z.tuple([FACTOR, FACTOR, FACTOR]).optional(),
    /** Applied to folder and file (`folder/name.jpg`); the first group is the person. */
    person: z.string().optional(),
  }),
);

export interface PhotoSource {
  readonly folder: string;
  readonly licence: string;
  readonly attribution: string;
  readonly whiteBalance: readonly [r: number, g: number, b: number];
  /** Undefined where every photo shows another person. */
  readonly person: RegExp | undefined;
}

/** Of photos about which nothing is said. */
const UNKNOWN = { licence: "unknown", attribution: "", whiteBalance: [1, 1, 1] } as const;

/**
 * @param text JSON: a list as docs/dataset.md describes it
 * @param name what error messages call it
 * @throws GanfitError `usage` saying what is wrong with it
 */
export function parseSources(text: string, name: string): PhotoSource[] {
  const wrong = (problem: string) =>
    new GanfitError("usage", `${name} does not list the sources of photos: ${problem}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON (${(error as Error).message})`);
  }
  const result = SOURCES.safeParse(value);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw wrong(`${path.join(".") || "the whole"}: ${message}`);
  }
  return result.data.map(({ person, whiteBalance = UNKNOWN.whiteBalance, ...source }, i) => {
    try {
      return { ...source, whiteBalance, person: person ? new RegExp(person) : undefined };
    } catch (error) {
      throw wrong(`${i}.person: ${(error as Error).message}`);
    }
  });
}

export interface PhotoProvenance extends Omit<PhotoSource, "folder" | "person"> {
  readonly person: string;
}

/** @param photo folder and file, `folder/name.jpg` */
export function provenanceOf(photo: string, sources: readonly PhotoSource[]): PhotoProvenance {
  const source = sources.find(({ folder }) => photo.startsWith(`${folder}/`));
  const { licence, attribution, whiteBalance } = source ?? UNKNOWN;
  const person = source?.person?.exec(photo)?.[1] ?? withoutExtension(photo);
  return { licence, attribution, whiteBalance, person };
}

export function withoutExtension(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}
