/**
 * How fast the geometry under the metrics is, on one core:
 *
 *     npx tsx packages/evaluate/bench/geometry-kernels.ts [--runs N] [--vertices 2000,5000,15000,50000]
 *
 * JSON lines. `closest-points`: a mesh's vertices, a few millimetres off, to the surface of another of
 * the same size, with and without the distances known within 0.1 mm, and by core's `SurfaceIndex` in
 * single precision. `nearest-vertices`: the same, to its vertices. `deformation`: one non-rigid step with
 * a target for each vertex. Milliseconds of CPU
 * time, the least of the runs.
 */
import { parseArgs } from "node:util";
import { SurfaceIndex } from "@ganfit/core";
import { AffineDeformation } from "../src/geometry/affine-deformation.js";
import { ClosestPointSearch } from "../src/geometry/closest-points.js";
import { edgesOf } from "../src/geometry/mesh-edges.js";
import { NearestVertexSearch } from "../src/geometry/nearest-vertices.js";
import { bumpySurface } from "../test/bumpy-surface.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    vertices: { type: "string", default: "2000,5000,15000,50000" },
  },
});
const runs = Number(values.runs);

/** CPU milliseconds of the fastest run, and what the last one gave. */
function timed<T>(work: () => T): [number, T] {
  let least = Infinity;
  let result!: T;
  for (let run = 0; run < runs; run++) {
    const start = process.cpuUsage();
    result = work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return [Math.round(10 * least) / 10, result];
}

function print(line: object): void {
  console.log(JSON.stringify(line));
}

for (const size of values.vertices.split(",").map(Number)) {
  const mesh = bumpySurface(size);
  const vertices = mesh.positions.length / 3;
  const near = mesh.positions.map((x, i) => x + 3 * Math.sin(0.37 * i));

  const [build, search] = timed(() => new ClosestPointSearch(mesh));
  const [cold, { distances }] = timed(() => search.find(near));
  const within = distances.map((distance) => distance + 0.1);
  const [warm] = timed(() => search.find(near, within));
  const index = new SurfaceIndex(mesh.positions, mesh.triangles);
  const [single] = timed(() => {
    for (let i = 0; i < near.length; i += 3) index.closest(near[i]!, near[i + 1]!, near[i + 2]!);
  });
  const perSecond = Math.round((1000 * vertices) / warm);
  print({ benchmark: "closest-points", vertices, build, cold, warm, single, perSecond });

  const [plant, tree] = timed(() => new NearestVertexSearch(mesh.positions));
  const [find] = timed(() => tree.find(near));
  print({ benchmark: "nearest-vertices", vertices, build: plant, find });

  const edges = edgesOf(mesh.triangles);
  const [order, deformation] = timed(() => new AffineDeformation(vertices, edges, mesh.positions));
  const rows = [{ vertices: null, targets: near, weights: new Float64Array(vertices).fill(1) }];
  const [solve] = timed(() =>
    deformation.solve({
      stiffness: 50,
      balance: [1, 1, 1, 1],
      positions: mesh.positions,
      rows,
    }),
  );
  const megabytes = Math.round(deformation.bytes / 1e6);
  print({ benchmark: "deformation", vertices, order, solve, megabytes });
}
