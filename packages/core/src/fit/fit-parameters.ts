/** What moves in a fit, by name, as flat arrays. */
export interface FitParameters {
  /** One coefficient per identity mode. */
  readonly identity: Float32Array;
  /** One coefficient per expression mode. */
  readonly expression: Float32Array;
  /** What the generator makes the texture of. */
  readonly latent: Float32Array;
  /** 8 numbers in `CAMERA_UNITS`, relative to the camera that the landmarks gave. */
  readonly camera: Float32Array;
  /** As `LightParameters` has them. */
  readonly light: Float32Array;
}

export type ParameterName = keyof FitParameters;

export const PARAMETER_NAMES = ["identity", "expression", "latent", "camera", "light"] as const;

/** What belongs to the person and not to the photo. */
export const PERSONAL = ["identity", "latent"] as const satisfies readonly ParameterName[];

export function isPersonal(name: ParameterName): boolean {
  return (PERSONAL as readonly ParameterName[]).includes(name);
}

/** Of arrays of one length, element by element. */
export function meanOf(arrays: readonly Float32Array[]): Float32Array {
  return Float32Array.from(
    arrays[0]!,
    (_, k) => arrays.reduce((sum, values) => sum + values[k]!, 0) / arrays.length,
  );
}
