/** Which pixels are drawn, where they may lie, and what becomes of them. */
import { compile, Graph, gradients, mul, reduceSum, type Tensor } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { applySimilarity, invertSimilarity, type Similarity } from "../../src/image/similarity.js";
import {
  type Camera,
  cameraInPicture,
  project,
  toCameraFrame,
  toScreen,
} from "../../src/render/camera.js";
import { cameraFrame, projectPoints } from "../../src/render/camera-graph.js";
import { composite, toPicture, toPixels } from "../../src/render/composite-graph.js";
import { interpolate, locatePixels } from "../../src/render/interpolate.js";
import { vertexNormals } from "../../src/render/normals.js";
import { smoothNormals } from "../../src/render/normals-graph.js";
import { rasterize } from "../../src/render/rasterize.js";
import { sampleTexture } from "../../src/render/texture.js";
import { feedsOf, graphRenderer, pixelsOf } from "./graph-renderer.js";
import { cameraAround, HARMONICS, headScene, PHONG, randomScene } from "./scenes.js";

/** Values of a graph made of float32 inputs. */
async function valuesOf(
  given: Readonly<Record<string, readonly [data: ArrayLike<number>, ...shape: number[]]>>,
  build: (inputs: Record<string, Tensor>, graph: Graph) => Record<string, Tensor>,
): Promise<Record<string, number[]>> {
  const graph = new Graph();
  const inputs: Record<string, Tensor> = {};
  const feeds: Record<string, Float32Array> = {};
  for (const [name, [data, ...shape]] of Object.entries(given)) {
    inputs[name] = graph.input(name, "float32", shape);
    feeds[name] = Float32Array.from(data);
  }
  const program = await compile(graph, { inputs, outputs: build(inputs, graph), threads: 1 });
  const results = await program.run(feeds);
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, data]) => [name, Array.from(data, Number)]),
  );
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

function cameraInputs({ position, lookAt, focalLength, roll }: Camera) {
  return {
    position: [position, 3],
    lookAt: [lookAt, 3],
    focalLength: [[focalLength], 1],
    roll: [[roll], 1],
  } as const;
}

type CameraNames = "position" | "lookAt" | "focalLength" | "roll";

describe("the camera as a graph", () => {
  it("gives the numbers of camera.ts", async () => {
    for (const yaw of [0, 50, -120, 180]) {
      const camera = cameraAround(300, yaw, 600);
      const { vertices } = randomScene(2, camera, HARMONICS);
      const { frame, pixels } = await valuesOf(
        { ...cameraInputs(camera), vertices: [vertices, vertices.length / 3, 3] },
        (inputs) => {
          const frame = cameraFrame(inputs.vertices!, inputs as Record<CameraNames, Tensor>);
          const pixels = projectPoints(frame, inputs.focalLength!, camera.principalPoint);
          return { frame, pixels };
        },
      );
      const expected = toCameraFrame(vertices, camera);
      expect(largestDifference(frame!, expected)).toBeLessThan(2e-3);
      const screen = toScreen(expected, camera).filter((_, i) => i % 3 < 2);
      expect(largestDifference(pixels!, screen)).toBeLessThan(2e-3);
    }
  });

  it("projects what is behind it to finite pixels with finite gradients", async () => {
    const { pixels, slope } = await valuesOf(
      { points: [[1, 2, -5, 3, 4, 0, 5, 6, 2], 3, 3], focal: [[10], 1] },
      ({ points, focal }) => {
        const pixels = projectPoints(points!, focal!, [100, 50]);
        return { pixels, slope: gradients(reduceSum(pixels), [points!])[0]! };
      },
    );
    expect(pixels).toEqual([110, 70, 130, 90, 125, 80]);
    expect(slope!.every(Number.isFinite)).toBe(true);
  });
});

describe("normals as a graph", () => {
  it("are those of normals.ts on the default head", async () => {
    const { vertices, triangles } = await headScene(cameraAround(64, 0, 500), HARMONICS);
    const { normals } = await valuesOf(
      { vertices: [vertices, vertices.length / 3, 3] },
      (inputs) => ({
        normals: smoothNormals(inputs.vertices!, triangles),
      }),
    );
    const expected = vertexNormals(Float32Array.from(vertices), triangles);
    const used = new Set(triangles);
    const compared = normals!.map((value, i) =>
      used.has(Math.floor(i / 3)) ? value : expected[i]!,
    );
    expect(largestDifference(compared, expected)).toBeLessThan(1e-3);
  });
});

describe("pixels", () => {
  it("are not drawn for triangles that face away, lie behind, aside or have no area", () => {
    const camera: Camera = {
      position: [0, 0, 100],
      lookAt: [0, 0, 0],
      focalLength: 16,
      roll: 0,
      principalPoint: [8, 8],
    };
    const draw = (...corners: number[]) =>
      rasterize({
        positions: project(corners, camera),
        triangles: Uint32Array.of(0, 1, 2),
        width: 16,
        height: 16,
        cullBack: true,
      }).triangle.filter((id) => id >= 0).length;
    const [a, b, c] = [
      [-30, -30, 0],
      [30, -30, 0],
      [0, 30, 0],
    ] as const;
    expect(draw(...a, ...b, ...c)).toBeGreaterThan(30);
    expect(draw(...a, ...c, ...b)).toBe(0);
    expect(draw(...a, ...b, 0, 30, 100)).toBe(0);
    expect(draw(-30, -30, 200, 30, -30, 200, 0, 30, 200)).toBe(0);
    expect(draw(0, 30, 200, 30, -30, 200, -30, -30, 200)).toBe(0);
    expect(draw(470, -30, 0, 530, -30, 0, 500, 30, 0)).toBe(0);
    expect(draw(...a, ...b, 0, -30, 0)).toBe(0);
    expect(draw(...a, ...a, ...a)).toBe(0);
  });

  it.each([
    ["harmonics", HARMONICS],
    ["Phong", PHONG],
  ] as const)(
    "without a triangle, or with one of no area, do no harm under %s",
    async (_, lighting) => {
      const base = randomScene(3, cameraAround(32, 0, 400), lighting);
      const triangles = Uint32Array.from(base.triangles);
      triangles[1] = triangles[0]!; // the first and the last, which -1 reads
      triangles[triangles.length - 1] = triangles[triangles.length - 2]!;
      const scene = { ...base, triangles };
      const { graph, inputs, parameters, colours, coverage } = graphRenderer(scene, 4);
      const names = Object.keys(parameters);
      const loss = reduceSum(mul(colours, coverage));
      const slopes = gradients(loss, Object.values(parameters));
      const outputs = {
        colours,
        coverage,
        ...Object.fromEntries(names.map((name, i) => [`d_${name}`, slopes[i]!])),
      };
      const program = await compile(graph, { inputs, outputs, threads: 1 });
      const result = await program.run({
        ...feedsOf(scene),
        ids: Int32Array.of(-1, 0, triangles.length / 3 - 1, -1),
        positions: Float32Array.of(0.5, 0.5, 16.5, 16.5, 1e4, -1e4, 3, 3),
      });
      await program.dispose();
      expect(Array.from(result.coverage!, Number)).toEqual([0, 0, 0, 0]);
      for (const [name, data] of Object.entries(result)) {
        expect(Array.from(data, Number).every(Number.isFinite), name).toBe(true);
        if (name.startsWith("d_"))
          expect(Array.from(data, Number).some((x) => x !== 0)).toBe(false);
      }
    },
  );

  it("of a turned crop are those of the crop's own camera", async () => {
    const camera = cameraAround(64, 15, 500);
    const toCrop: Similarity = { scale: 0.6, rotation: 0.4, tx: 5, ty: -8 };
    const size = 32;
    const cropScene = randomScene(5, cameraInPicture(camera, toCrop), PHONG);
    const { graph, inputs, colours } = graphRenderer(cropScene, size * size);
    const program = await compile(graph, { inputs, outputs: { colours }, threads: 1 });
    const pixels = pixelsOf(cropScene, size);
    expect(pixels.ids.filter((id) => id >= 0).length).toBeGreaterThan(200);
    const own = await program.run({ ...feedsOf(cropScene), ...pixels });
    const back = invertSimilarity(toCrop);
    const positions = pixels.positions.slice() as Float32Array;
    for (let i = 0; i < positions.length; i += 2) {
      const point = applySimilarity(back, [positions[i]!, positions[i + 1]!]);
      positions.set(point, i);
    }
    const scene = { ...cropScene, camera };
    const result = await program.run({ ...feedsOf(scene), ids: pixels.ids, positions });
    await program.dispose();
    const covered = (data: ArrayLike<unknown>) =>
      Array.from(data, Number).filter((_, i) => pixels.ids[Math.floor(i / 3)]! >= 0);
    expect(largestDifference(covered(own.colours!), covered(result.colours!))).toBeLessThan(2e-3);
  });

  it("carry attributes with seams of their own, linear in space", async () => {
    const camera: Camera = {
      position: [0, 0, 10],
      lookAt: [0, 0, 0],
      focalLength: 100,
      roll: 0,
      principalPoint: [0, 0],
    };
    // The edge from (0, 0, 0) to (2, 0, 5): its middle is seen at 100 * 1 / 7.5.
    const { values } = await valuesOf(
      {
        ...cameraInputs(camera),
        vertices: [[0, 0, 0, 2, 0, 5, 0, 2, 0], 3, 3],
        attributes: [[9, 9, 1, 10, 5, 30, 0, 0], 4, 2],
        positions: [[100 / 7.5, 0], 1, 2],
      },
      (inputs, graph) => {
        const located = locatePixels(
          { ids: graph.constant([0], "int32"), positions: inputs.positions! },
          {
            inCamera: cameraFrame(inputs.vertices!, inputs as Record<CameraNames, Tensor>),
            triangles: Uint32Array.of(0, 1, 2),
            focalLength: inputs.focalLength!,
            principalPoint: camera.principalPoint,
          },
        );
        return { values: interpolate(inputs.attributes!, Uint32Array.of(1, 2, 3), located) };
      },
    );
    expect(values![0]).toBeCloseTo(3, 4);
    expect(values![1]).toBeCloseTo(20, 4);
  });
});

describe("a texture", () => {
  it("is read between its texels' centres, and goes on beyond its border", async () => {
    const { colours } = await valuesOf(
      {
        texture: [[0, 1, 2, 3, 4, 5], 1, 1, 2, 3],
        uv: [[0.5 / 3, 0.25, 1.5 / 3, 0.75, 1 / 3, 0.5, -4, 0.25, 7, 9], 5, 2],
      },
      ({ texture, uv }) => ({ colours: sampleTexture(texture!, uv!) }),
    );
    [0, 4, 2, 0, 5].forEach((value, i) => {
      expect(colours![i]).toBeCloseTo(value, 5);
    });
  });
});

describe("a composite", () => {
  it("mixes by the mask, and is a picture by rows", async () => {
    const { picture, again } = await valuesOf(
      {
        render: [[1, 2, 3, 4, 5, 6], 3, 2],
        photo: [[0, 0, 10, 10, 20, 20], 3, 2],
        mask: [[1, 0, 0.5], 3, 1],
      },
      ({ render, photo, mask }) => {
        const mixed = composite(render!, photo!, mask!);
        const picture = toPicture(mixed, 1, 3);
        return { picture, again: toPixels(picture) };
      },
    );
    expect(picture).toEqual([1, 10, 12.5, 2, 10, 13]);
    expect(again).toEqual([1, 2, 10, 10, 12.5, 13]);
  });
});
