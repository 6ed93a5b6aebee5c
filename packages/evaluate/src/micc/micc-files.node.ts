/** What lies where in folders laid out as MICC Florence. */
import { join } from "node:path";
import { GanfitError } from "@ganfit/core";
import { namesIfAny } from "../files/folders.node.js";
import { MICC_SCANS, type MiccScan, scanFolder } from "./micc-settings.js";

/** A scan's landmarks; they decide which scans there are. */
export interface MiccScanFile {
  /** Such as `subject_01`. */
  readonly subject: string;
  readonly scan: MiccScan;
  readonly landmarks: string;
  /** File name of the landmarks without `.ljson`; meshes of the scan have the same. */
  readonly stem: string;
  /** A sentence where the scan has several landmark files, of which this is the first; else null. */
  readonly problem: string | null;
}

/**
 * @returns the scans that have landmarks, by subject and name
 * @throws GanfitError `data` where the folder is absent or holds no subject
 */
export async function findScans(folderOfAll: string): Promise<MiccScanFile[]> {
  const subjects = (await namesIfAny(folderOfAll)) ?? [];
  const scans: MiccScanFile[] = [];
  for (const subject of subjects.filter((name) => /^subject_\d\d$/.test(name))) {
    for (const scan of MICC_SCANS) {
      const folder = join(folderOfAll, scanFolder(subject, scan));
      const names = ((await namesIfAny(folder)) ?? []).filter(
        // Hidden ones are what file systems and archivers leave behind.
        (name) => name.endsWith(".ljson") && !name.startsWith("."),
      );
      const [name] = names;
      if (name === undefined) continue;
      const problem =
        names.length > 1
          ? `${folder} holds ${names.length} landmark files, but a scan has one: remove the others.`
          : null;
      const landmarks = join(folder, name);
      scans.push({ subject, scan, landmarks, stem: name.slice(0, -6), problem });
    }
  }
  if (scans.length === 0) {
    throw new GanfitError(
      "data",
      `${folderOfAll} holds no landmarks such as subject_01/Model/frontal1/obj/*.ljson: name the folder MICC_landmarks.`,
    );
  }
  return scans;
}
