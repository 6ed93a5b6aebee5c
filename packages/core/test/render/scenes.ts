/** Scenes of the renderer's tests. */
import { loadModel } from "../../src/models/store/store.node.js";
import type { Camera } from "../../src/render/camera.js";
import type {
  Lighting,
  PhongLighting,
  SphericalHarmonicsLighting,
} from "../../src/render/lighting.js";
import type { Scene } from "./ray-caster.js";

/** Uniform numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const HARMONICS: SphericalHarmonicsLighting = {
  kind: "spherical-harmonics",
  coefficients: Array.from({ length: 27 }, (_, i) =>
    i < 3 ? 0.8 - 0.1 * i : 0.15 * Math.sin(7 * i + 1),
  ),
};

export const PHONG: PhongLighting = {
  kind: "phong",
  position: [300, 250, 500],
  colour: [0.7, 0.6, 0.5],
  ambient: [0.3, 0.35, 0.4],
  specular: 0.2,
  shininess: 12,
};

/** A camera around the head's frame: `yaw` in degrees to its left, `distance` in millimetres. */
export function cameraAround(size: number, yaw: number, distance: number): Camera {
  const angle = (yaw * Math.PI) / 180;
  return {
    position: [distance * Math.sin(angle), 40, distance * Math.cos(angle)],
    lookAt: [3, -5, 8],
    focalLength: (size * distance) / 300,
    roll: 0.1,
    principalPoint: [0.5 * size + 1.3, 0.5 * size - 0.7],
  };
}

function randomTexture(random: () => number, size: number): Scene["texture"] {
  return {
    size,
    planes: Float64Array.from({ length: 3 * size * size }, () => Math.fround(random())),
  };
}

/** A lumpy ball of 100 mm with a seam in its texture, and triangles that float around it. */
export function randomScene(seed: number, camera: Camera, lighting: Lighting): Scene {
  const random = randomNumbers(seed);
  const [rows, columns] = [9, 14];
  const vertices: number[] = [];
  const uv: number[] = [];
  const triangles: number[] = [];
  const uvTriangles: number[] = [];
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [polar, azimuth] = [
        (Math.PI * (row + 0.5)) / (rows + 1),
        (2 * Math.PI * column) / columns,
      ];
      const radius = 90 + 20 * random();
      vertices.push(
        radius * Math.sin(polar) * Math.sin(azimuth),
        radius * Math.cos(polar),
        radius * Math.sin(polar) * Math.cos(azimuth),
      );
    }
    for (let column = 0; column <= columns; column++) uv.push(column / columns, row / rows);
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const corner = (down: number, right: number, width: number) =>
        (row + down) * width + ((column + right) % width);
      for (const [width, list] of [
        [columns, triangles],
        [columns + 1, uvTriangles],
      ] as const) {
        const [a, b] = [corner(0, 0, width), corner(1, 0, width)];
        const [c, d] = [corner(1, 1, width), corner(0, 1, width)];
        list.push(a, b, c, a, c, d);
      }
    }
  }
  for (let i = 0; i < 12; i++) {
    const [first, firstUv] = [vertices.length / 3, uv.length / 2];
    const centre = [0, 1, 2].map(() => 280 * random() - 140);
    for (let k = 0; k < 3; k++) {
      vertices.push(...centre.map((value) => value + 80 * random() - 40));
      uv.push(1.2 * random() - 0.1, 1.2 * random() - 0.1);
    }
    triangles.push(first, first + 1, first + 2);
    uvTriangles.push(firstUv, firstUv + 1, firstUv + 2);
  }
  return {
    vertices: Float64Array.from(vertices, Math.fround),
    triangles: Uint32Array.from(triangles),
    uv: Float64Array.from(uv, Math.fround),
    uvTriangles: Uint32Array.from(uvTriangles),
    texture: randomTexture(random, 16),
    camera,
    lighting,
  };
}

/** The skin of the default head with a random texture. */
export async function headScene(camera: Camera, lighting: Lighting): Promise<Scene> {
  const model = await loadModel("default");
  const skin = model.parts.find(({ kind }) => kind === "skin")!;
  const range = [3 * skin.start, 3 * (skin.start + skin.count)] as const;
  return {
    vertices: Float64Array.from(model.mean),
    triangles: model.triangles.slice(...range),
    uv: Float64Array.from(model.uv!.coordinates),
    uvTriangles: model.uv!.triangles.slice(...range),
    texture: randomTexture(randomNumbers(11), 128),
    camera,
    lighting,
  };
}
