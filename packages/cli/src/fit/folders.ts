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
