/** Names of what a benchmark keeps in its report's folder. */

/** Folder of results that are kept, so that an interrupted run goes on where it was. */
export const WORK = "work";

/** Folder of pictures. */
export const PICTURES = "pictures";
