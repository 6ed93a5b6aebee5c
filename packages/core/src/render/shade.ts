// Light on the surface, pixel by pixel, as a graph: lighting-evaluate.ts, where the formulas are, with
// gradients to surface and light.

import {
  add,
  concat,
  exp,
  fill,
  greater,
  log,
  matmul,
  maximum,
  mul,
  type Operand,
  reshape,
  sub,
  type Tensor,
  transpose,
  where,
} from "@ganfit/autodiff";
import { GAMMA, IRRADIANCE_FLOOR } from "./lighting.js";
import { dotColumns, row, unitColumns } from "./planes.js";

export interface SphericalHarmonicsTensors {
  readonly kind: "spherical-harmonics";
  /** [9, 3], R G B for each function of `harmonicBasis`. */
  readonly coefficients: Tensor;
}

export interface PhongTensors {
  readonly kind: "phong";
  /** [3], the head's frame, millimetres. */
  readonly position: Tensor;
  /** [3], linear. */
  readonly colour: Tensor;
  /** [3], linear. */
  readonly ambient: Tensor;
  /** Without it the surface is matt. */
  readonly highlight?: {
    /** One element, gamma-coded. */
    readonly strength: Operand;
    /** One element, at least 1. */
    readonly shininess: Operand;
    /** [3]: the camera's position, the head's frame, millimetres. */
    readonly viewer: Tensor;
  };
}

/** A light of a graph; the models are those of `Lighting`. */
export type LightingTensors = SphericalHarmonicsTensors | PhongTensors;

/** What is seen at each pixel. */
export interface SurfacePixels {
  /** [P, 3], gamma-coded R G B, 0 to 1. */
  readonly albedo: Tensor;
  /** [P, 3], unit, the head's frame. */
  readonly normals: Tensor;
  /** [P, 3], the head's frame, millimetres. Only Phong's light needs it. */
  readonly positions?: Tensor;
}

/** Cosines below this have no highlight: the logarithm's slope has no bound at 0. */
const COSINE_FLOOR = 1e-6;

/**
 * The pixels' colours: gamma-coded R G B, not clipped.
 *
 * @returns [P, 3]
 * @throws TypeError where Phong's light is given no positions
 */
export function shade(surface: SurfacePixels, lighting: LightingTensors): Tensor {
  const normals = transpose(surface.normals);
  if (lighting.kind === "spherical-harmonics") {
    return transpose(litAlbedo(surface, harmonicIrradiance(normals, lighting.coefficients)));
  }
  if (!surface.positions) throw new TypeError("shade: Phong's light needs the pixels' positions");
  const positions = transpose(surface.positions);
  const toLight = unitColumns(sub(reshape(lighting.position, [3, 1]), positions));
  const facing = dotColumns(normals, toLight);
  const diffuse = mul(reshape(lighting.colour, [3, 1]), maximum(facing, 0));
  const matt = litAlbedo(surface, add(reshape(lighting.ambient, [3, 1]), diffuse));
  if (!lighting.highlight) return transpose(matt);

  const { strength, shininess, viewer } = lighting.highlight;
  const toViewer = unitColumns(sub(reshape(viewer, [3, 1]), positions));
  const across = mul(mul(facing, 2), dotColumns(normals, toViewer));
  const mirrored = sub(across, dotColumns(toLight, toViewer));
  const highlight = mul(power(mirrored, shininess, COSINE_FLOOR), strength);
  return transpose(add(matt, where(greater(facing, 0), highlight, 0)));
}

/** albedo max(E, floor)^(1 / gamma): [3, P]. */
function litAlbedo({ albedo }: SurfacePixels, irradiance: Tensor): Tensor {
  return mul(transpose(albedo), power(irradiance, 1 / GAMMA, IRRADIANCE_FLOOR));
}

/** max(x, floor)^exponent, by Exp and Log, which ONNX Runtime vectorises as it does not Pow. */
function power(x: Tensor, exponent: Operand, floor: number): Tensor {
  return exp(mul(log(maximum(x, floor)), exponent));
}

/** The irradiance of `coefficients` [9, 3] on `normals` [3, P]: [3, P]. */
function harmonicIrradiance(normals: Tensor, coefficients: Tensor): Tensor {
  const [x, y, z] = [row(normals, 0), row(normals, 1), row(normals, 2)];
  const basis = concat(
    [
      fill(x, 1),
      normals,
      mul(x, y),
      mul(y, z),
      sub(mul(mul(z, z), 3), 1),
      mul(x, z),
      sub(mul(x, x), mul(y, y)),
    ],
    0,
  );
  return matmul(transpose(coefficients), basis);
}
