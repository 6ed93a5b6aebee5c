/** A smooth wrong shape of known size: what a reconstruction's error looks like. */
import { randomNormals, randomUniform, vertexNormals } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";

/** Plane waves that the field is the sum of. */
const WAVES = 3;

/**
 * Shortest and longest wavelength, millimetres: short enough that a similarity of the whole face cannot undo
 * much of it, long enough that the displaced surface runs nearly parallel to the true one, so that the distance
 * between the two is nearly the displacement.
 */
const WAVELENGTHS = [45, 75] as const;

export interface Displaced {
  /** `V x 3`. */
  readonly positions: Float64Array;
  /** `V`, along the normals, millimetres, positive outwards. */
  readonly displacement: Float64Array;
}

/**
 * Moves vertices along their normals by a sum of plane waves of random directions and phases, with a given mean.
 *
 * @param mesh millimetres
 * @param options.mean of the absolute displacement of the vertices in `within`, millimetres
 * @param options.within `V`: whether a vertex counts; at least one
 */
export function displace(
  mesh: Mesh,
  { seed, mean, within }: { seed: number; mean: number; within: (vertex: number) => boolean },
): Displaced {
  const { positions } = mesh;
  const displacement = waves(positions, seed);
  let sum = 0;
  let count = 0;
  displacement.forEach((value, vertex) => {
    if (!within(vertex)) return;
    sum += Math.abs(value);
    count++;
  });
  const factor = (mean * count) / sum;
  const normals = vertexNormals(Float32Array.from(positions), mesh.triangles);
  for (let vertex = 0; vertex < displacement.length; vertex++) displacement[vertex]! *= factor;
  return {
    positions: positions.map((value, i) => value + displacement[Math.floor(i / 3)]! * normals[i]!),
    displacement,
  };
}

function waves(positions: Float64Array, seed: number): Float64Array {
  const next = randomUniform(seed);
  const directions = randomNormals(3 * WAVES, seed);
  const out = new Float64Array(positions.length / 3);
  for (let wave = 0; wave < WAVES; wave++) {
    const direction = directions.subarray(3 * wave, 3 * wave + 3);
    const length = Math.hypot(...direction);
    const [shortest, longest] = WAVELENGTHS;
    const number = (2 * Math.PI) / (shortest + (longest - shortest) * next());
    const phase = 2 * Math.PI * next();
    for (let vertex = 0; vertex < out.length; vertex++) {
      let along = 0;
      for (let k = 0; k < 3; k++) along += direction[k]! * positions[3 * vertex + k]!;
      out[vertex]! += Math.sin((number * along) / length + phase);
    }
  }
  return out;
}
