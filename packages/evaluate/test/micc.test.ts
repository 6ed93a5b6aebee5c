import { describe, expect, it } from "vitest";
import { needs, shared } from "../../core/test/shared.js";
import { readLandmarks, readVertexIds } from "../src/files/read-landmarks.node.js";
import { findScans } from "../src/micc/micc-files.node.js";

const LANDMARKS = "micc/MICC_landmarks";
const IDS = "micc/landmark_ids.pkl";

describe("the landmarks of MICC Florence", () => {
  it.skipIf(!shared(LANDMARKS))(
    needs(LANDMARKS, "are those of 53 subjects' two scans, but for one"),
    async () => {
      const scans = await findScans(shared(LANDMARKS)!);
      expect(scans).toHaveLength(105);
      expect(new Set(scans.map(({ subject }) => subject)).size).toBe(53);
      const own = scans.filter(({ subject }) => subject === "subject_30");
      expect(own.map(({ scan }) => scan)).toEqual(["frontal1"]);
      for (const { landmarks } of scans) {
        const points = await readLandmarks(landmarks, 68);
        // Millimetres: between the outer corners of the eyes lie some 9 cm.
        const width = Math.hypot(...[0, 1, 2].map((k) => points[108 + k]! - points[135 + k]!));
        expect(width).toBeGreaterThan(70);
        expect(width).toBeLessThan(120);
      }
    },
  );

  it.skipIf(!shared(IDS))(needs(IDS, "are 68 vertices of the authors' template"), async () => {
    const ids = await readVertexIds(shared(IDS)!);
    expect(ids).toHaveLength(68);
    expect(new Set(ids).size).toBe(68);
    expect(ids[30]).toBe(8185);
  });
});
