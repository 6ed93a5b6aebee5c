/** The photos of each benchmark's subjects, as its folders hold them. */
import { extname, join } from "node:path";
import { GanfitError } from "@ganfit/core";
import { endingOf } from "../files/ending.js";
import { isFolder, namesIn } from "../files/folders.node.js";
import { isPhotoName } from "../files/photo-names.js";
import { MICC_SETTINGS } from "../micc/micc-settings.js";
import { photoPath } from "../now/image-list.js";
import { readImageList } from "../now/plan-now.node.js";
import { orderOf } from "../realy/prediction-names.js";

/** All photos that one head is fitted to. */
export interface PhotoSet {
  /** As reconstructions are named: `subject_01/PTZ-Indoor`, `17`, `17_2`, `subject/selfie/IMG_0001`. */
  readonly subject: string;
  readonly photos: readonly string[];
  /** A video instead, whose frames are the photos. */
  readonly video?: string;
}

const VIDEOS = [".avi", ".mp4", ".mov", ".mkv", ".mpg", ".mpeg", ".webm", ".mjpeg", ".mjpg"];

/**
 * MICC: `subject_NN/<setting>/` with frames, or with one video, or `subject_NN/<setting>.<video>`.
 *
 * @throws GanfitError `data` where the folder cannot be read or holds nothing of the kind
 */
export async function miccPhotos(folder: string): Promise<PhotoSet[]> {
  const sets: PhotoSet[] = [];
  for (const name of await namesIn(folder, "the photos of MICC Florence")) {
    const subjectFolder = join(folder, name);
    if (!/^subject_\d+$/.test(name) || !(await isFolder(subjectFolder))) continue;
    const beside = await namesIn(subjectFolder, "photos of a subject");
    for (const setting of MICC_SETTINGS) {
      const subject = `${name}/${setting}`;
      const place = join(subjectFolder, setting);
      const inside = (await isFolder(place)) ? await namesIn(place, "frames") : [];
      const photos = inside.filter(isPhotoName).map((file) => join(place, file));
      const [video] = [
        ...inside.filter(isVideoName).map((file) => join(place, file)),
        ...beside
          .filter((file) => isVideoName(file) && file.startsWith(`${setting}.`))
          .map((file) => join(subjectFolder, file)),
      ];
      if (photos.length > 0) sets.push({ subject, photos });
      else if (video !== undefined) sets.push({ subject, photos: [], video });
    }
  }
  return found(sets, folder, "subject_NN/<setting> with frames or a video");
}

/**
 * REALY: `<id>.jpg`, or `<id>_<view>.jpg` for several views, or PNG.
 *
 * @throws GanfitError `data`
 */
export async function realyPhotos(folder: string): Promise<PhotoSet[]> {
  const names = (await namesIn(folder, "the photos of REALY")).filter(
    (name) => isPhotoName(name) && /^\d+(_\d+)?\./.test(name),
  );
  const sets = names
    .map((name) => ({
      subject: name.slice(0, -extname(name).length),
      photos: [join(folder, name)],
    }))
    .sort((a, b) => orderOf(a.subject) - orderOf(b.subject));
  return found(sets, folder, "pictures named <id>.jpg or <id>_<view>.jpg");
}

/**
 * NoW: every photo of its list, `subject/challenge/file.jpg`.
 *
 * @param folder of the subjects, in NoW's download `iphone_pictures`
 * @param list path of `imagepathsvalidation.txt` or `imagepathstest.txt`
 * @throws GanfitError `data` where the list cannot be read or a line of it is wrong
 */
export async function nowPhotos(folder: string, list: string): Promise<PhotoSet[]> {
  return (await readImageList(list)).map((photo) => ({
    subject: photoPath(photo),
    photos: [join(folder, photo.subject, photo.challenge, photo.file)],
  }));
}

function found(sets: PhotoSet[], folder: string, what: string): PhotoSet[] {
  if (sets.length > 0) return sets;
  throw new GanfitError("data", `${folder} holds no ${what}.`);
}

function isVideoName(name: string): boolean {
  return VIDEOS.includes(endingOf(name));
}
