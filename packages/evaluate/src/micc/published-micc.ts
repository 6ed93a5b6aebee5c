/** What is published of MICC Florence in GANFIT's protocol. */
import type { Table } from "../report/report.js";
import { MICC_SETTINGS } from "./micc-settings.js";

/** Mean and deviation, mm, in the order of {@link MICC_SETTINGS}. */
const ROWS: readonly (readonly [name: string, ...figures: number[]])[] = [
  ["Tran et al.", 1.93, 0.27, 2.02, 0.25, 1.86, 0.23],
  ["Booth et al.", 1.82, 0.29, 1.85, 0.22, 1.63, 0.16],
  ["Genova et al.", 1.5, 0.13, 1.5, 0.11, 1.48, 0.11],
  ["GANFIT", 0.95, 0.107, 0.94, 0.106, 0.94, 0.106],
];

export const PUBLISHED_MICC: Table = {
  title: "Published, mm",
  published: true,
  columns: [
    { name: "method", better: "neither" },
    ...MICC_SETTINGS.flatMap((setting) => [
      { name: `${setting} mean`, digits: 3 },
      { name: `${setting} sd`, digits: 3, better: "neither" as const },
    ]),
  ],
  rows: ROWS,
  note: "From the table of MICC Florence in Gecer et al. 2019, 'GANFIT: Generative Adversarial Network Fitting for High Fidelity 3D Face Reconstruction'. The program of Genova et al. is not public (microsoft/Deep3DFaceReconstruction, issue 23), so the first three need not be measured exactly as here.",
};
