/** The graph's pictures against the ray caster's. */
import { compile } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import type { Camera } from "../../src/render/camera.js";
import { feedsOf, graphRenderer, pixelsOf } from "./graph-renderer.js";
import { colourAt, intersect, normalsOf, rayCaster, rayThrough, type Scene } from "./ray-caster.js";
import { cameraAround, HARMONICS, headScene, PHONG, randomScene } from "./scenes.js";

interface Agreement {
  readonly covered: number;
  /** Pixels for which rasteriser and rays name different triangles. */
  readonly others: number;
  /** The furthest that any of those lies from an edge, in barycentric coordinates. */
  readonly doubt: number;
  /** The largest difference of colour elsewhere. */
  readonly difference: number;
}

async function agreement(scene: Scene, size: number): Promise<Agreement> {
  const { graph, inputs, colours, coverage } = graphRenderer(scene, size * size);
  const program = await compile(graph, { inputs, outputs: { colours, coverage }, threads: 1 });
  const pixels = pixelsOf(scene, size);
  const result = await program.run({ ...feedsOf(scene), ...pixels });
  await program.dispose();
  const normals = normalsOf(scene);
  const cast = rayCaster(scene);
  let [covered, others, doubt, difference] = [0, 0, 0, 0];
  pixels.ids.forEach((id, p) => {
    const [x, y] = [(p % size) + 0.5, Math.floor(p / size) + 0.5];
    const hit = cast(x, y);
    expect(result.coverage![p]).toBe(id >= 0 ? 1 : 0);
    if (id >= 0) covered++;
    if (id !== (hit?.triangle ?? -1)) {
      others++;
      const ray = rayThrough(scene.camera, x, y);
      const margins = [id, hit?.triangle ?? -1]
        .filter((triangle) => triangle >= 0)
        .map((triangle) => intersect(scene, Number(triangle), ray))
        .map(({ u, v }) => Math.min(Math.abs(u), Math.abs(v), Math.abs(1 - u - v)));
      doubt = Math.max(doubt, Math.min(...margins));
    } else if (hit) {
      const colour = colourAt(scene, normals, hit.triangle, x, y);
      for (let c = 0; c < 3; c++) {
        const error = Math.abs(Number(result.colours![3 * p + c]) - colour[c]!);
        difference = Math.max(difference, error);
      }
    }
  });
  return { covered, others, doubt, difference };
}

function check({ covered, others, doubt, difference }: Agreement, least: number): void {
  expect(covered).toBeGreaterThan(least);
  expect(difference).toBeLessThan(1 / 255);
  expect(others).toBeLessThanOrEqual(covered / 500);
  expect(doubt).toBeLessThan(1e-3);
}

describe("a rendered picture", () => {
  it.each([
    ["harmonics", HARMONICS],
    ["Phong", PHONG],
  ] as const)("agrees with cast rays on a random mesh under %s", async (_, lighting) => {
    const cameras: Camera[] = [
      cameraAround(48, 0, 500),
      cameraAround(48, 75, 210),
      cameraAround(48, -160, 2000),
    ];
    for (const [seed, camera] of cameras.entries()) {
      check(await agreement(randomScene(seed + 1, camera, lighting), 48), 500);
    }
  });

  it("agrees with cast rays where triangles reach behind the camera", async () => {
    const camera: Camera = { ...cameraAround(48, 20, 112), focalLength: 30 };
    check(await agreement(randomScene(4, camera, PHONG), 48), 500);
  });

  it.each([
    ["from the front under harmonics", 0, 900, HARMONICS],
    ["in half profile, near, under Phong", 40, 250, PHONG],
    ["in profile, from far, under Phong", -88, 4000, PHONG],
    ["from behind under harmonics", 170, 700, HARMONICS],
  ] as const)(
    "agrees with cast rays on the default head %s",
    async (_, yaw, distance, lighting) => {
      const scene = await headScene(cameraAround(64, yaw, distance), lighting);
      check(await agreement(scene, 64), 1000);
    },
  );
});
