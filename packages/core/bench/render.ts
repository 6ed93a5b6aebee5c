/**
 * How long the renderer takes on the default head:
 *
 *     npx tsx packages/core/bench/render.ts [--runs N] [--threads N]
 *
 * JSON lines. `rasterize`: the triangles of every pixel at two sizes, one core. `render`: from vertices
 * to the mean squared difference with a photo, through normals, texture and light, 256 x 256 pixels on
 * ONNX Runtime, forward alone and with the gradient to vertices, camera, light and texture; all pixels, or
 * only those that the head covers. Milliseconds, median and least.
 */
import { parseArgs } from "node:util";
import {
  compile,
  Graph,
  gradients,
  mul,
  reduceMean,
  sub,
  type Tensor,
  type TypedArray,
} from "@ganfit/autodiff";
import { loadModel } from "../src/models/store/store.node.js";
import { type Camera, project } from "../src/render/camera.js";
import { cameraFrame } from "../src/render/camera-graph.js";
import { composite } from "../src/render/composite-graph.js";
import { interpolate, locatePixels } from "../src/render/interpolate.js";
import { STUDIO } from "../src/render/lighting.js";
import { smoothNormals, unitRows } from "../src/render/normals-graph.js";
import { createRaster, rasterize } from "../src/render/rasterize.js";
import { shade } from "../src/render/shade.js";
import { sampleTexture } from "../src/render/texture.js";

const TEXTURE = 512;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "30" },
    threads: { type: "string", default: "2" },
  },
});
const runs = Number(values.runs);
const threads = Number(values.threads);

const model = await loadModel("default");
const skin = model.parts.filter(({ kind }) => kind === "skin");
const pick = (all: Uint32Array) =>
  Uint32Array.from(
    skin.flatMap(({ start, count }) => [...all.subarray(3 * start, 3 * (start + count))]),
  );
const triangles = pick(model.triangles);
const uv = model.uv!;
const uvTriangles = pick(uv.triangles);
const { mean } = model;

/** A passport picture. */
function cameraOfSize(size: number): Camera {
  return {
    position: [150, 50, 700],
    lookAt: [0, 0, 0],
    focalLength: 2.3 * size,
    roll: 0.05,
    principalPoint: [size / 2, size / 2],
  };
}

async function milliseconds(run: () => unknown): Promise<{ median: number; least: number }> {
  const times: number[] = [];
  for (let i = -3; i < runs; i++) {
    const start = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const rounded = (value: number) => Math.round(value * 100) / 100;
  return { median: rounded(times[times.length >> 1]!), least: rounded(times[0]!) };
}

function coveredBy(size: number) {
  const positions = project(mean, cameraOfSize(size));
  const input = { positions, triangles, width: size, height: size, cullBack: true };
  const raster = createRaster(size, size);
  return { raster, draw: () => rasterize(input, raster) };
}

for (const size of [256, 1024]) {
  const { raster, draw } = coveredBy(size);
  const time = await milliseconds(draw);
  const covered = raster.triangle.filter((id) => id >= 0).length;
  console.log(
    JSON.stringify({ rasterize: size, triangles: triangles.length / 3, covered, ...time }),
  );
}

const SIZE = 256;
const { raster, draw } = coveredBy(SIZE);
draw();
const everywhere = [...raster.triangle.keys()];
const onHead = everywhere.filter((p) => raster.triangle[p]! >= 0);
for (const pixels of [everywhere, onHead]) {
  const count = pixels.length;
  const graph = new Graph();
  const feeds: Record<string, TypedArray> = {};
  const inputs: Record<string, Tensor> = {};
  const input = (name: string, data: ArrayLike<number>, shape: readonly number[]) => {
    feeds[name] = Float32Array.from(data);
    inputs[name] = graph.input(name, "float32", shape);
    return inputs[name];
  };
  feeds.ids = Int32Array.from(pixels, (p) => raster.triangle[p]!);
  const ids = graph.input("ids", "int32", [count]);
  inputs.ids = ids;
  const centres = pixels.flatMap((p) => [(p % SIZE) + 0.5, Math.floor(p / SIZE) + 0.5]);
  const positions = input("positions", centres, [count, 2]);
  const grey = Array.from({ length: 3 * count }, (_, i) => 0.3 + 0.1 * (i % 3));
  const photo = input("photo", grey, [count, 3]);
  const { position, lookAt, focalLength, roll, principalPoint } = cameraOfSize(SIZE);
  const camera = {
    position: input("position", position, [3]),
    lookAt: input("lookAt", lookAt, [3]),
    focalLength: input("focalLength", [focalLength], [1]),
    roll: input("roll", [roll], [1]),
  };
  const vertices = input("vertices", mean, [mean.length / 3, 3]);
  const coefficients = input("coefficients", STUDIO.coefficients, [9, 3]);
  const texels = Float32Array.from(
    { length: 3 * TEXTURE ** 2 },
    (_, i) => ((i * 7919) % 256) / 255,
  );
  const texture = input("texture", texels, [1, 3, TEXTURE, TEXTURE]);

  const scene = {
    inCamera: cameraFrame(vertices, camera),
    triangles,
    focalLength: camera.focalLength,
    principalPoint,
  };
  const located = locatePixels({ ids, positions }, scene);
  const coordinates = graph.constant(uv.coordinates, "float32", [uv.coordinates.length / 2, 2]);
  const albedo = sampleTexture(texture, interpolate(coordinates, uvTriangles, located));
  const normals = unitRows(interpolate(smoothNormals(vertices, triangles), triangles, located));
  const colours = shade({ albedo, normals }, { kind: "spherical-harmonics", coefficients });
  const difference = sub(composite(colours, photo, located.coverage), photo);
  const loss = reduceMean(mul(difference, difference));

  const wanted = { vertices, ...camera, coefficients, texture };
  const slopes = gradients(loss, Object.values(wanted));
  const named = Object.fromEntries(Object.keys(wanted).map((name, i) => [`d_${name}`, slopes[i]!]));
  for (const [what, outputs] of [
    ["forward", { loss }],
    ["gradient", { loss, ...named }],
  ] as const) {
    const program = await compile(graph, { inputs, outputs, threads });
    const time = await milliseconds(() => program.run(feeds));
    console.log(JSON.stringify({ render: what, pixels: count, threads, ...time }));
    await program.dispose();
  }
}
