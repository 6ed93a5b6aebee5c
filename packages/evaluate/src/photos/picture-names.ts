/** File names of pictures, from names that people and files have. */

/** Of a name as long as this the rest is cut off. */
const LONGEST = 80;

/**
 * Gives each name a file name of letters, digits, `-`, `_` and `.`, numbered where two would be the same (also for file
 * systems that do not tell small letters from capitals).
 */
export class PictureNames {
  private readonly taken = new Set<string>();

  /** @param name any text */
  fileFor(name: string): string {
    const harmless = name.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._]+/, "");
    const plain = harmless.slice(0, LONGEST) || "picture";
    let file = `${plain}.jpg`;
    for (let i = 2; this.taken.has(file.toLowerCase()); i++) file = `${plain}-${i}.jpg`;
    this.taken.add(file.toLowerCase());
    return file;
  }
}
