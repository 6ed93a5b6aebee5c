/** Which photos of a folder show whom. */

/** One person's photos. */
export interface Person {
  readonly name: string;
  /** At least one, in order. */
  readonly photos: readonly PersonPhotoFile[];
}

export interface PersonPhotoFile {
  /** Unique among all, with slashes. */
  readonly name: string;
  readonly path: string;
}

/**
 * Photos that lie in a folder of their own, two or more, are one person's; all others are people of whom there is one.
 *
 * @param files in any order; names relative to the folder that is measured, with slashes
 * @returns in order of their names
 */
export function peopleOf(files: readonly PersonPhotoFile[]): Person[] {
  const folders = new Map<string, PersonPhotoFile[]>();
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const slash = file.name.lastIndexOf("/");
    // Those that lie in no folder of their own have nothing in common.
    const person = slash < 0 ? `/${file.name}` : file.name.slice(0, slash);
    const known = folders.get(person);
    if (known) known.push(file);
    else folders.set(person, [file]);
  }
  return [...folders].map(([folder, photos]) => ({
    name: photos.length > 1 ? folder : photos[0]!.name,
    photos,
  }));
}
