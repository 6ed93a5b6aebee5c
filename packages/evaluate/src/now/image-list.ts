/** The list of photos that the NoW benchmark scores. */
import { GanfitError } from "@ganfit/core";

export const NOW_CHALLENGES = [
  "multiview_neutral",
  "multiview_expressions",
  "multiview_occlusions",
  "selfie",
] as const;
export type NowChallenge = (typeof NOW_CHALLENGES)[number];

/** A photo; its path in every folder is `subject/challenge/name` and an ending. */
export interface NowPhoto {
  readonly subject: string;
  readonly challenge: NowChallenge;
  /** Of the file, without its ending. */
  readonly name: string;
}

/** As the list has it. */
export interface ListedPhoto extends NowPhoto {
  /** Name of the picture with its ending. */
  readonly file: string;
}

/** `subject/challenge/name`. */
export function photoPath({ subject, challenge, name }: NowPhoto): string {
  return `${subject}/${challenge}/${name}`;
}

const MOST_LINES = 1_000_000;

/**
 * Reads a list such as `imagepathsvalidation.txt`: a path for each line, of which the last three parts say subject,
 * challenge and file.
 *
 * @param file its name, for messages
 * @throws GanfitError `data` at a line that is something else or comes twice
 */
export function parseImageList(text: string, file: string): ListedPhoto[] {
  const lines = text.split("\n");
  if (lines.length > MOST_LINES) {
    throw new GanfitError(
      "data",
      `${file} has more than ${MOST_LINES} lines; it is no list of photos.`,
    );
  }
  const seen = new Set<string>();
  const photos: ListedPhoto[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const photo = parseLine(line.trim());
    if (photo === null) {
      throw new GanfitError(
        "data",
        `${file}, line ${i + 1}: "${line.trim().slice(0, 80)}" is no path of the form subject/challenge/photo.jpg with one of the challenges ${NOW_CHALLENGES.join(", ")}.`,
      );
    }
    const path = photoPath(photo);
    if (seen.has(path)) {
      throw new GanfitError(
        "data",
        `${file}, line ${i + 1}: ${path} is listed a second time; remove one.`,
      );
    }
    seen.add(path);
    photos.push(photo);
  }
  if (photos.length === 0) throw new GanfitError("data", `${file} lists no photo.`);
  return photos;
}

function parseLine(line: string): ListedPhoto | null {
  const [subject = "", folder = "", file = ""] = line.split("/").slice(-3);
  const name = file.replace(/\.[A-Za-z0-9]+$/, "");
  const challenge = NOW_CHALLENGES.find((known) => known === folder);
  if (challenge === undefined || name === file) return null;
  return isPathPart(subject) && isPathPart(name) ? { subject, challenge, name, file } : null;
}

/** Whether a text from a file may stand in a path: one part, not a way out of the folder. */
export function isPathPart(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL ends a path in the file system
  return text !== "" && text !== "." && text !== ".." && !/[/\\\u0000]/.test(text);
}
