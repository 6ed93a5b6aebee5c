// The common texture layout of all head models: where on a texture each place of a head lies.
//
// The file `assets/uv-frame.json` is made by `tools/uv/build.ts` from the default head. It holds points
// of that head with their places in the texture: MediaPipe's 468 landmarks of the face, iBUG's 68, other
// points spread over the skin, and the seam at the back. A model gets its texture coordinates by finding
// the same points on it (register-frame.ts) and laying its skin flat with those points in their places
// (uv-unwrap.ts).

import { z } from "zod";
import { GanfitError } from "../../errors.js";

/** Name of the layout; models whose `uv.frame` is this share textures. */
export const UV_FRAME = "ganfit-uv-1";

/** Parts of the texture's side that stay free at its borders: 8 texels of 512. */
export const UV_MARGIN = 1 / 64;

/** MediaPipe's landmarks without the irises come first among the points. */
export const FRAME_LANDMARKS = 468;

export interface UvFrame {
  readonly name: string;
  /** Places on the skin, landmarks first. */
  readonly points: FramePoints;
  /** iBUG's 68 points. */
  readonly ibug68: {
    /** `68 x 3`, millimetres. */
    readonly positions: Float32Array;
    /** `68 x 2`. */
    readonly uv: Float32Array;
  };
  /** `S x 3`, millimetres: the line of the seam, from its end on top of the head down to the neck. */
  readonly seam: Float32Array;
}

export interface FramePoints {
  /** `N x 3` positions on the default head, millimetres. */
  readonly positions: Float32Array;
  /** `N x 3` unit normals there. */
  readonly normals: Float32Array;
  /** `N x 2`, u right and v down, in [0, 1]. */
  readonly uv: Float32Array;
  /** `N`: length in the texture of a millimetre on the head there (square root of the areas' ratio). */
  readonly scale: Float32Array;
}

const LIMIT = 20_000;
const numbers = (low: number, high: number) =>
  z.array(z.number().min(low).max(high)).max(3 * LIMIT);
const schema = z.object({
  name: z.string().max(100),
  positions: numbers(-1000, 1000),
  normals: numbers(-1.01, 1.01),
  uv: numbers(0, 1),
  scale: numbers(1e-6, 1),
  ibug68: z.object({
    positions: numbers(-1000, 1000).length(204),
    uv: numbers(0, 1).length(136),
  }),
  seam: numbers(-1000, 1000),
});

/**
 * @param text content of `uv-frame.json`
 * @throws GanfitError `model` where it is not such a file
 */
export function parseUvFrame(text: string): UvFrame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GanfitError("model", "The texture layout is not JSON: install ganfit again.", {
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  const count = parsed.success ? parsed.data.scale.length : 0;
  if (
    !parsed.success ||
    count < FRAME_LANDMARKS ||
    parsed.data.positions.length !== 3 * count ||
    parsed.data.normals.length !== 3 * count ||
    parsed.data.uv.length !== 2 * count ||
    parsed.data.seam.length % 3 !== 0
  ) {
    throw new GanfitError(
      "model",
      "The texture layout lacks a field or has lists of the wrong length: install ganfit again.",
    );
  }
  const { name, positions, normals, uv, scale, ibug68, seam } = parsed.data;
  return {
    name,
    points: {
      positions: Float32Array.from(positions),
      normals: Float32Array.from(normals),
      uv: Float32Array.from(uv),
      scale: Float32Array.from(scale),
    },
    ibug68: {
      positions: Float32Array.from(ibug68.positions),
      uv: Float32Array.from(ibug68.uv),
    },
    seam: Float32Array.from(seam),
  };
}

/** The text of `uv-frame.json`, rounded to a hundredth of a millimetre and of a texel. */
export function formatUvFrame({ name, points, ibug68, seam }: UvFrame): string {
  const list = (values: Float32Array, digits: number) =>
    Array.from(values, (value) => Number(value.toFixed(digits)));
  return `${JSON.stringify({
    name,
    positions: list(points.positions, 2),
    normals: list(points.normals, 2),
    uv: list(points.uv, 5),
    scale: list(points.scale, 6),
    ibug68: { positions: list(ibug68.positions, 2), uv: list(ibug68.uv, 5) },
    seam: list(seam, 2),
  })}\n`;
}
