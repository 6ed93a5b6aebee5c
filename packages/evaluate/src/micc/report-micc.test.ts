import { describe, expect, it } from "vitest";
import type { KeptScore } from "../score.js";
import { LANDMARK_START } from "./micc-settings.js";
import { reportMicc } from "./report-micc.js";

function kept(system: string, subject: string, score: number, more = {}): KeptScore {
  return {
    system,
    subject,
    figures: { score, ...more },
    pooled: new Float32Array(0),
    pictures: [],
  };
}

const scores = [
  kept("ours", "subject_01/PTZ-Indoor", 1),
  kept("ours", "subject_02/PTZ-Indoor", 3),
  kept("ours", "subject_01/Indoor-Cooperative", 5),
  kept("theirs", "subject_01/PTZ-Indoor", 2, { [LANDMARK_START]: 1 }),
];

describe("reportMicc", () => {
  it("has mean, population deviation and count of each setting, beside published figures", () => {
    const { tables, subjects, protocol, title } = reportMicc(scores, [], { protocol: "ganfit" });
    expect(title).toBe("MICC Florence, protocol ganfit");
    expect(tables[0]!.rows).toEqual([
      ["ours", 5, 0, 1, 2, 1, 2, null, null, 0],
      ["theirs", null, null, 0, 2, 0, 1, null, null, 0],
    ]);
    expect(tables[1]!.rows.at(-1)).toEqual(["GANFIT", 0.95, 0.107, 0.94, 0.106, 0.94, 0.106]);
    for (const { columns, rows } of tables) {
      for (const row of rows) expect(row).toHaveLength(columns.length);
    }
    expect(subjects.map(({ figures }) => figures.score)).toEqual([5, 3, 1, 2]);
    expect(protocol.join(" ")).toMatch(/theirs was first laid on the scan by 68 landmarks/);
    expect(
      reportMicc(scores.slice(0, 3), [], { protocol: "ganfit" }).protocol.join(" "),
    ).not.toMatch(/first laid/);
  });

  it("says of Deep3D's protocol what is not the authors'", () => {
    const { tables, protocol } = reportMicc(scores, [], { protocol: "deep3d" });
    expect(tables).toHaveLength(1);
    expect(protocol.join(" ")).toMatch(/the forehead is kept, as the authors' cut of it is not/);
    expect(reportMicc(scores, [], { protocol: "deep3d", forehead: 20 }).protocol.join(" ")).toMatch(
      /more than 20 mm above the brows is cut, a height of our choice/,
    );
  });
});
