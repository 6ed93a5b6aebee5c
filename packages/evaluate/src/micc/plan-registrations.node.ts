/** Which scans of MICC Florence are still to be registered. */
import { join } from "node:path";
import { isFile, needFolder } from "../files/folders.node.js";
import type { Problem } from "../score.js";
import { findScans } from "./micc-files.node.js";
import { scanFolder } from "./micc-settings.js";
import { readTemplate } from "./read-micc.node.js";
import { type Registration, SCANS } from "./register-scan.node.js";

export interface RegistrationOptions {
  /** Folder with `subject_NN/Model/frontalK/obj/<stem>.obj`. */
  readonly data: string;
  /** Folder with `subject_NN/Model/frontalK/obj/<stem>.ljson`; scans without landmarks are left out. */
  readonly landmarks: string;
  /** Folder that the registered meshes go to, in the same layout; need not exist. */
  readonly registered: string;
  readonly template: string;
  /** The template's vertices that are the 68 landmarks. */
  readonly templateIds: string;
}

/**
 * Those whose registered mesh is already there are left out; delete it to have it made again.
 *
 * @throws GanfitError `data` where a folder is absent or the template wrong
 */
export async function planRegistrations(
  options: RegistrationOptions,
): Promise<{ registrations: Registration[]; problems: Problem[] }> {
  const { data, registered, template, templateIds } = options;
  await needFolder(data, "the scans");
  await readTemplate(template, templateIds);
  const registrations: Registration[] = [];
  const problems: Problem[] = [];
  for (const { subject, scan, landmarks, stem, problem } of await findScans(options.landmarks)) {
    const place = join(scanFolder(subject, scan), `${stem}.obj`);
    const out = join(registered, place);
    if (await isFile(out)) continue;
    const name = `${subject}/${scan}`;
    const file = join(data, place);
    if (problem !== null) {
      problems.push({ system: SCANS, subject: name, problem });
    } else if (await isFile(file)) {
      registrations.push({ name, scan: file, landmarks, template, templateIds, out });
    } else {
      problems.push({
        system: SCANS,
        subject: name,
        problem: `${file} is missing, but its landmarks are there.`,
      });
    }
  }
  return { registrations, problems };
}
