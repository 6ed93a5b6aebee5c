/** Models of a few triangles without modes, for tests against closed forms. */
import type { MorphableModel, Part } from "../src/models/morphable-model.js";
import type { TexturedHead } from "../src/models/textured-head.js";

export interface PlainModel {
  readonly mean: readonly number[];
  readonly triangles: readonly number[];
  /** One of skin where not given. */
  readonly parts?: readonly Part[];
  /** For each vertex. */
  readonly coordinates?: readonly number[];
}

export function plainModel({ mean, triangles, parts, coordinates }: PlainModel): MorphableModel {
  const none = {
    names: [],
    displacements: new Float32Array(0),
    standardDeviations: new Float32Array(0),
  };
  const indices = Uint32Array.from(triangles);
  return {
    name: "plain",
    licence: "CC0-1.0",
    attribution: "made for tests",
    mean: Float32Array.from(mean),
    triangles: indices,
    parts: parts ?? [{ name: "skin", kind: "skin", start: 0, count: triangles.length / 3 }],
    identity: { ...none, prior: "normal" },
    expression: { ...none, prior: "unit-interval" },
    landmarks: null,
    symmetry: null,
    uv: coordinates
      ? { frame: "test", coordinates: Float32Array.from(coordinates), triangles: indices.slice() }
      : null,
  };
}

/** Without coefficients; the skin's texture is given or grey. */
export function plainHead(model: MorphableModel, skin = grey()): TexturedHead {
  return {
    model,
    identity: new Float32Array(model.identity.names.length),
    expression: new Float32Array(model.expression.names.length),
    skin,
    irisColour: [80, 110, 140],
    exposure: 1,
  };
}

function grey() {
  return { width: 2, height: 2, data: new Uint8Array(12).fill(128) };
}

/** Rings of a ball around `centre`, poles on the z axis, counter-clockwise from outside. */
export function ball(radius: number, centre = [0, 0, 0], rings = 48, firstVertex = 0): PlainModel {
  const mean: number[] = [];
  const triangles: number[] = [];
  const around = 2 * rings;
  for (let r = 0; r <= rings; r++) {
    const tilt = (Math.PI * r) / rings;
    for (let k = 0; k < around; k++) {
      const angle = (2 * Math.PI * k) / around;
      mean.push(
        centre[0]! + radius * Math.sin(tilt) * Math.cos(angle),
        centre[1]! + radius * Math.sin(tilt) * Math.sin(angle),
        centre[2]! + radius * Math.cos(tilt),
      );
    }
  }
  for (let r = 0; r < rings; r++) {
    for (let k = 0; k < around; k++) {
      const [a, b] = [r * around + k, r * around + ((k + 1) % around)].map((i) => i + firstVertex);
      const [c, d] = [a! + around, b! + around];
      triangles.push(a!, c, d, a!, d, b!);
    }
  }
  return { mean, triangles };
}
