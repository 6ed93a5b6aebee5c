import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import type { Mesh } from "../src/geometry/mesh.js";
import { pickPoints } from "../src/geometry/points.js";
import { movePoints, type Similarity3 } from "../src/geometry/similarity3.js";
import { deep3dDistance } from "../src/micc/deep3d-distance.js";
import type { LandmarkedMesh } from "../src/micc/landmarked-mesh.js";
import { alignLikeMenpo } from "../src/micc/menpo-similarity.js";
import { registerMicc } from "../src/micc/register-scan.js";
import { scoreGanfit } from "../src/micc/score-micc.js";
import { bumpy, landmarked, landmarkIds, moved, sheet } from "./micc-faces.js";

const python = pythonWith("numpy, scipy.spatial");
if (!python) console.log("SciPy is absent: install python3-scipy to compare MICC with it");

/** Runs micc_reference.py on cases. */
function reference(cases: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const folder = mkdtempSync(join(tmpdir(), "micc-"));
  try {
    const file = join(folder, "cases.json");
    writeFileSync(file, JSON.stringify({ cases }));
    const script = fileURLToPath(new URL("micc_reference.py", import.meta.url));
    const { status, stdout, stderr } = spawnSync(python!, [script, file], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { results: Record<string, unknown>[] }).results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A face of its own for each seed: some wide bumps, and noise as scans have it. */
function someone(seed: number, cells: number, noise = 0): Mesh {
  const next = randomUniform(seed);
  const bumps = Array.from({ length: 12 }, () => ({
    x: 160 * (next() - 0.5),
    y: 160 * (next() - 0.5),
    height: 8 * (next() - 0.5),
    width: 15 + 20 * next(),
  }));
  const mesh = sheet(cells, (x, y) =>
    bumps.reduce(
      (sum, b) => sum + b.height * Math.exp(-((x - b.x) ** 2 + (y - b.y) ** 2) / b.width ** 2),
      bumpy(x, y),
    ),
  );
  const grain = randomNormals(mesh.positions.length, seed + 1000);
  return { ...mesh, positions: mesh.positions.map((value, i) => value + noise * grain[i]!) };
}

/** A turn of some degrees about an axis of its own, another scale and place. */
function somewhere(seed: number): Similarity3 {
  const cloud = randomNormals(60, seed);
  const { rotation } = alignLikeMenpo(cloud, randomNormals(60, seed + 1));
  return { scale: 0.7 + randomUniform(seed)(), rotation, translation: [30, -80, 12] };
}

const plain = ({ positions, triangles }: Mesh) => ({
  positions: [...positions],
  triangles: [...triangles],
});
const rows = (points: Float64Array) =>
  Array.from({ length: points.length / 3 }, (_, i) => [...points.subarray(3 * i, 3 * i + 3)]);

const CELLS = 44;
const template = landmarked(sheet(CELLS));
const ids = landmarkIds(template);

describe.skipIf(!python)("MICC against numpy and scipy", () => {
  it("has menpo's similarity", () => {
    const pairs = [1, 2, 3, 4].map((seed) => {
      const from = randomNormals(30, seed);
      const noise = randomNormals(30, seed + 50);
      return { from, to: movePoints(from, somewhere(seed)).map((v, i) => v + noise[i]! / 2) };
    });
    // The last one mirrored.
    pairs[3]!.to.forEach((_, i, to) => {
      if (i % 3 === 0) to[i] = -to[i]!;
    });
    const found = reference(
      pairs.map(({ from, to }) => ({ kind: "similarity", from: rows(from), to: rows(to) })),
    );
    pairs.forEach(({ from, to }, i) => {
      const { scale, rotation: r, translation } = alignLikeMenpo(from, to);
      const own = [0, 1, 2].flatMap((k) => [
        ...r.slice(3 * k, 3 * k + 3).map((value) => scale * value),
        translation[k]!,
      ]);
      const matrix = found[i]!.matrix as number[];
      own.forEach((value, k) => {
        expect(value).toBeCloseTo(matrix[k]!, 9);
      });
    });
  });

  it("has GANFIT's distance, both ways, by topology and by landmarks", () => {
    const cases = [1, 2, 3, 4].map((seed) => {
      const registered: LandmarkedMesh = landmarked(someone(seed, CELLS, 0.4), ids);
      // The scan's landmarks are elsewhere, and clicked by hand.
      const clicks = randomNormals(204, seed + 7).map(
        (value, i) => registered.landmarks[i]! + value,
      );
      const scan = { ...registered, landmarks: movePoints(clicks, somewhere(seed)) };
      const topology = seed % 2 === 1;
      const made = someone(seed + 100, topology ? CELLS : 46, 0.2);
      const reconstruction = moved(landmarked(made), somewhere(seed + 30));
      return { scan, reconstruction, topology, radius: seed === 3 ? 60 : 95 };
    });
    const found = reference(
      cases.map(({ scan, reconstruction, topology, radius }) => ({
        kind: "ganfit",
        scan: plain(scan),
        scanMarks: rows(scan.landmarks),
        templateMarks: rows(template.landmarks),
        reconstruction: plain(reconstruction),
        marks: rows(reconstruction.landmarks),
        topology,
        radius,
      })),
    );
    cases.forEach(({ scan, reconstruction, radius }, i) => {
      const { score, parts } = scoreGanfit(reconstruction, scan, template, radius);
      const { forth, back, score: theirs } = found[i] as Record<string, number>;
      expect(theirs).toBeGreaterThan(0.5);
      expect(Math.abs(score - theirs!)).toBeLessThan(1e-3);
      expect(Math.abs(parts["scan to reconstruction"]! - forth!)).toBeLessThan(1e-3);
      expect(Math.abs(parts["reconstruction to scan"]! - back!)).toBeLessThan(1e-3);
    });
  });

  it("has Deep3D's root mean square, with and without the forehead", () => {
    const cases = [5, 6].map((seed) => ({
      scan: moved(landmarked(someone(seed, CELLS, 0.4)), { ...somewhere(seed), scale: 1 }),
      reconstruction: moved(landmarked(someone(seed + 100, 46)), somewhere(seed + 30)),
      forehead: seed === 5 ? null : 5,
    }));
    const found = reference(
      cases.map(({ scan, reconstruction, forehead }) => ({
        kind: "deep3d",
        scan: plain(scan),
        scanMarks: rows(scan.landmarks),
        reconstruction: plain(reconstruction),
        marks: rows(reconstruction.landmarks),
        radius: 95,
        forehead,
      })),
    );
    cases.forEach(({ scan, reconstruction, forehead }, i) => {
      const { rootMeanSquare } = deep3dDistance(scan, reconstruction, { forehead });
      const { low, high } = found[i] as { low: number; high: number };
      expect(low).toBeGreaterThan(0.5);
      // Where the closest point lies on an edge, either triangle's normal is right.
      expect(high - low).toBeLessThan(1e-3);
      expect(rootMeanSquare).toBeGreaterThan(low - 1e-6);
      expect(rootMeanSquare).toBeLessThan(high + 1e-6);
    });
  });

  it("registers as menpo3d's steps by scipy's sparse solver do", () => {
    const small = sheet(24);
    const own = landmarkIds(small);
    const marks = pickPoints(someone(9, 24).positions, own);
    const scan = moved({ ...someone(9, CELLS), landmarks: marks }, somewhere(9));
    const [found] = reference([
      {
        kind: "register",
        scan: plain(scan),
        scanMarks: rows(scan.landmarks),
        template: plain(small),
        ids: [...own],
      },
    ]);
    const { positions } = registerMicc(scan, scan.landmarks, small, own);
    const theirs = found!.positions as number[];
    const most = Math.max(...positions.map((value, i) => Math.abs(value - theirs[i]!)));
    expect(most).toBeLessThan(1e-6);
  });
});
