/** A folder like the NoW benchmark's, of known heads. */
import { encodeJpeg } from "@ganfit/core";
import { npyBytes, ppText } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { movePoints } from "../geometry/similarity3.js";
import { NOW_CHALLENGES, type NowChallenge, type NowPhoto, photoPath } from "../now/image-list.js";
import { NOW_LANDMARKS, nowLandmarks } from "../now/now-landmarks.js";
import { seedFor } from "../seeds.js";
import { type Cast, type Subject, sitterOf, withCast } from "./cast.node.js";
import { TRUTH_FILE } from "./is-stand-in.node.js";
import { pointsOn } from "./known-heads.js";
import { makeScan } from "./make-scan.js";
import { type PhotoStyle, photograph } from "./photograph.js";
import { makeFolder, type WriteFile } from "./standin-folder.node.js";
import type { StandInOptions } from "./standin-options.js";
import { writeReconstructions } from "./system-files.node.js";
import { STAND_IN_SYSTEMS } from "./systems.js";
import { reconstructionTruth, scanTruth, truthText } from "./truth.js";

/** Of the scans unless asked for otherwise, millimetres. */
const NOISE = 0.1;
const MOTION = { degrees: 20, shift: 60 };
const STRANDS = 120;

const NEUTRAL: PhotoStyle = {
  yaw: [-60, 60],
  pitch: [-15, 15],
  roll: [-8, 8],
  distance: [600, 1500],
  scale: [1.5, 1.9],
  expressions: 0,
  contrast: [0.1, 0.4],
};
const STYLES: Readonly<Record<NowChallenge, PhotoStyle>> = {
  multiview_neutral: NEUTRAL,
  multiview_expressions: { ...NEUTRAL, expressions: 3 },
  multiview_occlusions: { ...NEUTRAL, yaw: [-35, 35], hidden: true },
  selfie: { ...NEUTRAL, yaw: [-20, 20], distance: [350, 550], expressions: 1 },
};

/**
 * Makes a stand-in for the NoW benchmark: `scans`, `scans_lmks_onlypp`, `imagepathsvalidation.txt`,
 * `final_release_version/iphone_pictures`, `systems` whose errors are known, `truth.json`.
 *
 * @param folder absent or empty
 * @throws GanfitError `usage` where an option makes no sense, `output` where the folder holds something or cannot be
 *   written; the signal's reason. Then nothing is left behind.
 */
export async function makeNowStandIn(folder: string, options: StandInOptions): Promise<void> {
  const { noise = NOISE, signal } = options;
  const subjects: unknown[] = [];
  const list: string[] = [];
  await makeFolder(
    folder,
    async (write) => {
      await withCast(options, async (cast) => async (subject) => {
        const { head, number, seed } = subject;
        const name = `subject_${String(number).padStart(3, "0")}`;
        const photos = photosOf(name);
        const own = seedFor(seed, "scan");
        const scan = makeScan(cast.surface, head, {
          seed: own,
          noise,
          motion: MOTION,
          strands: STRANDS,
        });
        await write(`scans/${name}/scan.obj`, objText(scan.mesh));
        await write(
          `scans_lmks_onlypp/${name}/scan_picked_points.pp`,
          ppText(
            nowLandmarks(scan.landmarks),
            NOW_LANDMARKS.map((landmark) => landmark.name),
          ),
        );
        await writePhotos(write, cast, subject, photos);
        list.push(...photos.map((photo) => `${photoPath(photo)}.jpg\n`));
        subjects.push({
          name,
          identity: Array.from(head.identity),
          scan: scanTruth(scan),
          reconstructions: await writeSystems(write, cast, subject, photos),
        });
      });
      await write("imagepathsvalidation.txt", list.join(""));
      await write(TRUTH_FILE, truthText("now", options, noise, subjects));
    },
    signal,
  );
}

/** One of each challenge, numbered as a telephone does. */
function photosOf(subject: string): NowPhoto[] {
  return NOW_CHALLENGES.map((challenge, i) => {
    return { subject, challenge, name: `IMG_${String(i + 1).padStart(4, "0")}` };
  });
}

async function writePhotos(
  write: WriteFile,
  cast: Cast,
  subject: Subject,
  photos: readonly NowPhoto[],
): Promise<void> {
  if (!cast.skins) return;
  const sitter = await sitterOf(cast, cast.skins, subject);
  for (const photo of photos) {
    const image = photograph(sitter, STYLES[photo.challenge], seedFor(subject.seed, photo.name));
    const path = `final_release_version/iphone_pictures/${photoPath(photo)}.jpg`;
    await write(path, await encodeJpeg(image));
  }
}

async function writeSystems(
  write: WriteFile,
  cast: Cast,
  subject: Subject,
  photos: readonly NowPhoto[],
) {
  const { skin } = cast;
  const truths: Record<string, unknown> = {};
  for (const photo of photos) {
    const path = photoPath(photo);
    const seed = seedFor(subject.seed, "reconstruction", photo.name);
    const heads = { head: subject.head, mean: cast.mean };
    const made = await writeReconstructions(write, heads, path, { seed });
    for (const system of STAND_IN_SYSTEMS) {
      const mesh = { positions: made.positions[system], triangles: skin.triangles };
      // Those of `moved` are moved, so that rounding of float32 weights does not set them apart.
      const landmarks =
        system === "moved"
          ? movePoints(subject.head.landmarks, made.motion)
          : pointsOn(mesh, skin.landmarks);
      await write(`systems/${system}/${path}.npy`, npyBytes(nowLandmarks(landmarks)));
    }
    truths[path] = reconstructionTruth(subject.head, made);
  }
  return truths;
}
