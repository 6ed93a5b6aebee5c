/** The ending of a file's name with its point, in small letters; empty where there is none. */
export function endingOf(name: string): string {
  return /[^/\\](\.[^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}
