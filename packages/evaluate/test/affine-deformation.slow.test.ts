import { spawnSync } from "node:child_process";
import { randomNormals } from "@ganfit/core";
import { expect, it } from "vitest";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { AffineDeformation, deform } from "../src/geometry/affine-deformation.js";
import { edgesOf } from "../src/geometry/mesh-edges.js";
import { bumpySurface } from "./bumpy-surface.js";

const python = pythonWith("scipy.sparse.linalg");
if (!python) console.log("SciPy is absent: install python3-scipy to compare deformations with it");

/** The stacked matrix of Amberg, Romdhani, Vetter 2007, equation 12, and SuperLU on its normal equations. */
const REFERENCE = `
import json, sys
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve
case = json.load(sys.stdin)
points = np.array(case["positions"]).reshape(-1, 3)
edges = np.array(case["edges"]).reshape(-1, 2)
count = len(points)
rows = np.repeat(np.arange(len(edges)), 2)
incidence = sparse.coo_matrix((np.tile([-1.0, 1.0], len(edges)), (rows, edges.ravel())), (len(edges), count))
blocks = [sparse.kron(case["stiffness"] * incidence, sparse.diags(case["balance"]))]
targets = [np.zeros((4 * len(edges), 3))]
for given in case["rows"]:
    vertices, weights = np.array(given["vertices"]), np.array(given["weights"])
    columns = 4 * vertices[:, None] + np.arange(4)
    numbers = np.hstack([points[vertices], np.ones((len(vertices), 1))]) * weights[:, None]
    where = np.repeat(np.arange(len(vertices)), 4)
    blocks.append(sparse.coo_matrix((numbers.ravel(), (where, columns.ravel())), (len(vertices), 4 * count)))
    targets.append(np.array(given["targets"]).reshape(-1, 3) * weights[:, None])
A = sparse.vstack(blocks).tocsc()
X = spsolve((A.T @ A).tocsc(), A.T @ np.vstack(targets))
json.dump(np.asarray(X).ravel().tolist(), sys.stdout)
`;

it.skipIf(!python)(
  "a deformation of 2,000 vertices is what scipy.sparse.linalg.spsolve finds",
  () => {
    const { positions, triangles } = bumpySurface(2000);
    const count = positions.length / 3;
    const edges = edgesOf(triangles);
    const noise = randomNormals(positions.length, 1);
    const vertices = Uint32Array.from({ length: 40 }, (_, i) => 50 * i);
    const rows = [
      {
        vertices: Uint32Array.from({ length: count }, (_, v) => v),
        targets: positions.map((x, i) => 1.05 * x + 3 * noise[i]!),
        weights: new Float64Array(count).map((_, v) => (v % 6 === 0 ? 0 : 1)),
      },
      {
        vertices,
        targets: Float64Array.from(
          [...vertices].flatMap((v) => [...positions.subarray(3 * v, 3 * v + 3)]),
        ),
        weights: new Float64Array(40).fill(5),
      },
    ];
    const step = { stiffness: 50, balance: [2, 2, 3, 2] as const, positions, rows };
    const found = new AffineDeformation(count, edges, positions).solve(step);
    const input = JSON.stringify({ ...step, edges, rows }, (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value,
    );
    const { status, stdout, stderr } = spawnSync(python!, ["-c", REFERENCE], {
      input,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    expect(status, stderr).toBe(0);
    const expected = Float64Array.from(JSON.parse(stdout) as number[]);
    expect(found).toHaveLength(expected.length);
    const furthest = (a: Float64Array, b: Float64Array) =>
      a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
    expect(furthest(found, expected)).toBeLessThan(1e-6);
    expect(furthest(deform(positions, found), deform(positions, expected))).toBeLessThan(1e-6);
    // The targets do move it.
    expect(furthest(deform(positions, found), positions)).toBeGreaterThan(1);
  },
);
