/** What decides a MICC score, and the names of the data set. */

/** `ganfit`: as barisgecer/GANFit measures; `deep3d`: as Deng et al. 2019 do. */
export const MICC_PROTOCOLS = ["ganfit", "deep3d"] as const;
export type MiccProtocol = (typeof MICC_PROTOCOLS)[number];

/** The videos of a subject, in the order of the published tables. */
export const MICC_SETTINGS = ["Indoor-Cooperative", "PTZ-Indoor", "PTZ-Outdoor"] as const;
export type MiccSetting = (typeof MICC_SETTINGS)[number];

/** The scans of a subject that are compared with. */
export const MICC_SCANS = ["frontal1", "frontal2"] as const;
export type MiccScan = (typeof MICC_SCANS)[number];

/** Folder of a scan below the data's, the landmarks' and the registered meshes'. */
export function scanFolder(subject: string, scan: MiccScan): string {
  return `${subject}/Model/${scan}/obj`;
}

/**
 * Millimetres around the nose tip that GANFIT's authors compare; subject 28 they cut closer.
 *
 * @param subject such as `subject_28`
 */
export function ganfitRadius(subject: string): number {
  return subject === "subject_28" ? 60 : 95;
}

/** Millimetres to a unit of the files. The authors' template has 100. */
export interface MiccUnits {
  /** The template's and so the registered scans'. */
  readonly template: number;
  /** The reconstructions'. */
  readonly systems: number;
  /** The raw scans'. */
  readonly scans: number;
}

/** Settings of a score; places are indices in the task's files. */
export interface MiccSettings {
  readonly protocol: MiccProtocol;
  readonly setting: MiccSetting;
  /** Millimetres around the nose tip. */
  readonly radius: number;
  /** Only of `deep3d`: millimetres above the brows from which on the scan is cut; null keeps the forehead. */
  readonly forehead: number | null;
  readonly millimetresPerUnit: MiccUnits;
  readonly reconstruction: number;
  readonly template: number;
  readonly templateIds: number;
  /** Where the landmarks of a reconstruction with another topology are. */
  readonly marks: { readonly kind: "landmarks" | "ids"; readonly file: number } | null;
  /** One or two. */
  readonly scans: readonly {
    readonly name: MiccScan;
    /** The registered mesh, or for `deep3d` the raw scan. */
    readonly mesh: number;
    readonly landmarks: number;
  }[];
}

/** Figure that is 1 where the first correspondences came from landmarks, since topologies differ; else absent. */
export const LANDMARK_START = "started from landmarks (1: yes)";
