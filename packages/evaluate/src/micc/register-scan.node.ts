/** Registration of one scan, from files to a file. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { cannotWrite, GanfitError, writeWhole } from "@ganfit/core";
import { objText } from "../files/obj.js";
import type { Problem } from "../score.js";
import { readScan, readTemplate } from "./read-micc.node.js";
import { registerMicc } from "./register-scan.js";

/** Paths; plain data, so that worker threads can be handed it. */
export interface Registration {
  /** Such as `subject_01/frontal1`. */
  readonly name: string;
  readonly scan: string;
  /** 68, in the scan's unit. */
  readonly landmarks: string;
  readonly template: string;
  readonly templateIds: string;
  /** The OBJ that is written. */
  readonly out: string;
}

/** Whose problem a scan is that cannot be registered. */
export const SCANS = "scans";

/** Digits after the point; the authors' unit is 100 mm. */
const DIGITS = 9;

/**
 * Registers a scan and writes the mesh under a temporary name, which it then gives its own: a file that is there is
 * whole.
 *
 * @returns null, or what is wrong with the scan
 * @throws GanfitError `output`
 */
export async function registerScan(registration: Registration): Promise<Problem | null> {
  const { name, scan, landmarks, template, templateIds, out } = registration;
  try {
    const { ids, ...shape } = await readTemplate(template, templateIds);
    const marked = await readScan(scan, landmarks, { mesh: 1, landmarks: 1 });
    const mesh = registerMicc(marked, marked.landmarks, shape, ids);
    await mkdir(dirname(out), { recursive: true }).catch((error: unknown) => {
      throw cannotWrite(out, error);
    });
    await writeWhole(out, new TextEncoder().encode(objText(mesh, DIGITS)));
    return null;
  } catch (error) {
    if (!(error instanceof GanfitError) || error.code === "output") throw error;
    return { system: SCANS, subject: name, problem: `${scan}: ${error.message}` };
  }
}
