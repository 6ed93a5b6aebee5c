import type { Table } from "../report/report.js";

/** Frontal photographs, mean errors in millimetres: nose, mouth, forehead, cheek, all. */
const FRONTAL: readonly (readonly [string, number, number, number, number, number])[] = [
  ["GANFIT", 1.928, 1.812, 2.402, 1.329, 1.868],
  ["Deep3D", 1.719, 1.368, 2.015, 1.528, 1.657],
  ["3DDFA-V2", 1.903, 1.597, 2.447, 1.757, 1.926],
  ["DECA", 1.694, 2.516, 2.394, 1.479, 2.01],
  ["HRN", 1.722, 1.357, 1.995, 1.072, 1.537],
  ["3DDFA-V3", 1.586, 1.238, 1.81, 1.111, 1.436],
];

/** What others have published for REALY's frontal photographs. */
export const PUBLISHED_FRONTAL: Table = {
  title: "Published, frontal view: mean error, mm",
  published: true,
  columns: [
    { name: "system", better: "neither" },
    ...["nose", "mouth", "forehead", "cheek", "all"].map((name) => ({ name, digits: 3 })),
  ],
  rows: FRONTAL,
  note:
    "Taken from the REALY benchmark's public results (Chai et al., ECCV 2022, and its leaderboard) and from " +
    "the systems' papers; not computed here. DECA's total is as published; the mean of its four is 2.021.",
};
