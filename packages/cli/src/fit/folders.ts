import { basename, extname, join } from "node:path";

/**
 * Where the results of each photo go: into the folder itself where there is one photo, otherwise into
 * folders below that have the photos' names without their endings, numbered where two would be the same (also
 * for file systems that do not tell small letters from capitals).
 */
export function foldersOf(photos: readonly string[], out: string): string[] {
  if (photos.length === 1) return [out];
  const taken = new Set<string>();
  return photos.map((photo) => {
    const name = basename(photo, extname(photo)) || "photo";
    let folder = name;
    for (let i = 2; taken.has(folder.toLowerCase()); i++) folder = `${name}-${i}`;
    taken.add(folder.toLowerCase());
    return join(out, folder);
  });
}

/** The name of a file that there is one of for each photo: the first has it as it is, others get `-2`, `-3`, ... */
export function numbered(file: string, index: number): string {
  const ending = extname(file);
  return index === 0 ? file : `${basename(file, ending)}-${index + 1}${ending}`;
}
