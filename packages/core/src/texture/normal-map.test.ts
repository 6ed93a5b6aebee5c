import { describe, expect, it } from "vitest";
import { plainHead, plainModel } from "../../test/plain-model.js";
import type { Image } from "../image/image.js";
import { renderHead } from "../portrait/render-head.js";
import { vertexNormals } from "../render/normals.js";
import type { FaceRegions } from "./face-regions.js";
import { normalMap, normalsOfHeight } from "./normal-map.js";

const SIZE = 128;
const WIDE = 60;
const TALL = 40;

/** A piece of skin of 60 x 40 mm, sheared and leaning, that fills the texture. */
const SHEAR = 0.25;
const LEAN = 0.5;
const place = (u: number, v: number) => {
  const [x, y] = [WIDE * (u - 0.5) + SHEAR * TALL * (v - 0.5), -TALL * (v - 0.5)];
  return [x, y, LEAN * x] as const;
};
/** `raised` millimetres along the normal of the flat one. */
function sheet(cells: number, raised: (u: number, v: number) => number) {
  const mean: number[] = [];
  const coordinates: number[] = [];
  const triangles: number[] = [];
  const out = Math.hypot(1, LEAN);
  for (let r = 0; r <= cells; r++) {
    for (let c = 0; c <= cells; c++) {
      const [u, v] = [c / cells, r / cells];
      const [x, y, z] = place(u, v);
      const h = raised(u, v);
      mean.push(x - (h * LEAN) / out, y, z + h / out);
      coordinates.push(u, v);
      if (r === cells || c === cells) continue;
      const a = r * (cells + 1) + c;
      const [b, d, e] = [a + 1, a + cells + 1, a + cells + 2];
      triangles.push(a, d, e, a, e, b);
    }
  }
  return plainModel({ mean, triangles, coordinates });
}

/** Waves across both directions, no two alike, that end before the border. */
const height = (u: number, v: number) => {
  const fade = Math.sin(Math.PI * u) ** 2 * Math.sin(Math.PI * v) ** 2;
  return fade * (0.9 * Math.sin(14 * u + 5 * v) + 0.5 * Math.sin(19 * v - 4 * u + 1));
};
const heights = Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
  height(((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE),
);

const flat = sheet(1, () => 0);
const camera = {
  position: [0, 0, 500] as const,
  lookAt: [0, 0, 0] as const,
  focalLength: 1000,
  roll: 0,
  principalPoint: [80, 60] as const,
};

describe("normalsOfHeight", () => {
  const map = normalsOfHeight(flat, flat.mean, { size: SIZE, height: heights });

  it("has the normals of the raised surface, to the left, right, up and down", () => {
    const fine = sheet(256, height);
    const normals = vertexNormals(fine.mean, fine.triangles);
    const out = Math.hypot(1, LEAN);
    const n = [-LEAN / out, 0, 1 / out];
    const t = [1 / out, 0, LEAN / out];
    let worst = 0;
    let steepest = 0;
    for (let row = 8; row < 120; row += 3) {
      for (let column = 8; column < 120; column += 3) {
        // Texel centres lie on the odd vertices of the fine sheet.
        const at = 3 * ((2 * row + 1) * 257 + 2 * column + 1);
        const along = (axis: number[]) =>
          axis.reduce((sum, value, k) => sum + value * normals[at + k]!, 0);
        const [x, y, z] = [along(t), normals[at + 1]!, along(n)];
        const slope = Math.hypot(x, y) / z;
        const soft = 1 / Math.sqrt(1 + (slope / 0.5) ** 2);
        const length = Math.hypot((x / z) * soft, (y / z) * soft, 1);
        const to = 3 * (row * SIZE + column);
        const found = [0, 1, 2].map((k) => (map.data[to + k]! - 128) / 127);
        const expected = [((x / z) * soft) / length, ((y / z) * soft) / length, 1 / length];
        found.forEach((value, k) => {
          worst = Math.max(worst, Math.abs(value - expected[k]!));
        });
        steepest = Math.max(steepest, slope);
      }
    }
    expect(steepest).toBeGreaterThan(0.2);
    expect(worst).toBeLessThan(0.015);
  });

  it("gives the picture that the raised surface gives, lit from the side and from above", () => {
    for (const position of [
      [-400, 60, 260],
      [60, 400, 260],
    ] as const) {
      const view = {
        camera,
        width: 160,
        height: 120,
        background: [0, 0, 0] as const,
        lighting: {
          kind: "phong",
          position,
          colour: [0.8, 0.8, 0.8],
          ambient: [0.1, 0.1, 0.1],
          specular: 0,
          shininess: 1,
        } as const,
      };
      const raised = renderHead(plainHead(sheet(200, height)), view).image;
      const mapped = renderHead({ ...plainHead(flat), normals: map }, view).image;
      const smooth = renderHead(plainHead(flat), view).image;
      const mirrored = renderHead({ ...plainHead(flat), normals: turned(map) }, view).image;
      const error = difference(mapped, raised);
      expect(difference(smooth, raised)).toBeGreaterThan(4 * error);
      expect(difference(mirrored, raised)).toBeGreaterThan(8 * error);
      expect(error).toBeLessThan(3);
    }
  });

  it("is exactly flat without height, and draws as no map does", () => {
    const none = normalsOfHeight(flat, flat.mean, {
      size: SIZE,
      height: new Float32Array(SIZE * SIZE),
    });
    expect(none.data.every((byte, i) => byte === [128, 128, 255][i % 3])).toBe(true);
    const lighting = {
      kind: "phong",
      position: [-400, 60, 260],
      colour: [1, 1, 1],
      ambient: [0, 0, 0],
      specular: 0,
      shininess: 1,
    } as const;
    const view = { camera, width: 160, height: 120, lighting };
    expect(renderHead({ ...plainHead(flat), normals: none }, view)).toEqual(
      renderHead(plainHead(flat), view),
    );
  });

  it("halves its slopes on a surface of twice the size", () => {
    const low = heights.map((value) => value / 3);
    const large = normalsOfHeight(flat, flat.mean.map((value) => 2 * value) as Float32Array, {
      size: SIZE,
      height: low,
    });
    const small = normalsOfHeight(flat, flat.mean, { size: SIZE, height: low });
    const sum = (image: Image) =>
      image.data.reduce((total, byte, i) => total + (i % 3 < 2 ? Math.abs(byte - 128) : 0), 0);
    expect(sum(large) / sum(small)).toBeGreaterThan(0.4);
    expect(sum(large) / sum(small)).toBeLessThan(0.6);
  });
});

describe("normalMap", () => {
  it("is flat for even skin, and leans away from the dark of a wrinkle", () => {
    const regions = {
      size: SIZE,
      skin: new Float32Array(SIZE * SIZE).fill(1),
    } as FaceRegions;
    const skin = (wrinkle: number): Image => ({
      width: SIZE,
      height: SIZE,
      data: Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
        const row = Math.floor(i / (3 * SIZE));
        const tone = [200, 150, 125][i % 3]!;
        return Math.round(tone * (1 - wrinkle * Math.exp(-(((row - 64) / 4) ** 2))));
      }),
    });
    const input = { model: flat, vertices: flat.mean, regions };
    const even = normalMap({ ...input, skin: skin(0) });
    expect(even.data.every((byte, i) => byte === [128, 128, 255][i % 3])).toBe(true);
    const { data } = normalMap({ ...input, skin: skin(0.15) });
    const green = (row: number) => data[3 * (row * SIZE + 64) + 1]!;
    // Above the groove its wall looks down.
    expect(green(61)).toBeLessThan(115);
    expect(green(67)).toBeGreaterThan(141);
    expect(Math.abs(green(64) - 128)).toBeLessThan(4);
  });
});

/** Red and green the other way round. */
function turned({ data, ...size }: Image): Image {
  return {
    ...size,
    data: data.map((byte, i) => (i % 3 < 2 ? Math.min(255, 256 - byte) : byte)) as Uint8Array,
  };
}

/** Root mean square over the middle of the pictures. */
function difference(a: Image, b: Image): number {
  let sum = 0;
  let count = 0;
  for (let y = 30; y < 90; y++) {
    for (let x = 40; x < 120; x++) {
      const i = 3 * (y * a.width + x);
      sum += (a.data[i]! - b.data[i]!) ** 2;
      count++;
    }
  }
  return Math.sqrt(sum / count);
}
