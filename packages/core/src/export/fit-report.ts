// fit.json: what a fit found, with which photo, options and files. Everything in it but `timings` is the
// same on a second run with the same seed on the same machine.

import { GanfitError } from "../errors.js";
import type { FitHashes } from "../fit/fit-hashes.js";
import type { FitModels } from "../fit/fit-models.js";
import { FIT_DEFAULTS, FIT_QUALITIES } from "../fit/fit-options.js";
import type { FitResult, FitRunOptions } from "../fit/fit-result.js";
import { extrinsicsOf, intrinsicsOf } from "../render/camera.js";
import type { Lighting } from "../render/lighting.js";
import { FIT_REPORT_SCHEMA, FIT_SCHEMA, type FitReport } from "./fit-report-schema.js";
import { decimals, degrees, float32, rowsOf, significant } from "./report-numbers.js";

export interface FitReportContext {
  readonly photo: {
    /** Without its folder. */
    readonly name: string;
    /** Pixels, as fitted. */
    readonly width: number;
    /** Pixels, as fitted. */
    readonly height: number;
    /** Pixels as fitted per pixel of the file; below 1 where it was too large. */
    readonly scale: number;
    /** Of its file. */
    readonly sha256: string;
  };
  /** What `fit` was called with. */
  readonly options: FitRunOptions;
  /** Where the focal length in `options` came from. */
  readonly focalLengthFrom: "option" | "exif" | "prior";
  /** The texture that was written beside the report. */
  readonly texture: {
    /** Whether it is the photo's own skin (`photoTexture`) or the generator's. */
    readonly source: "photo" | "generated";
    /** Whether what the photo shows was carried into it on top (`detailTexture`), and a normal map was made. */
    readonly detail?: boolean;
    /** Texels along each side. */
    readonly size: number;
    /** Name of its file. */
    readonly file: string;
    /** Of its file. */
    readonly sha256: string;
  };
  /** The normal map that was written beside the report, if one was. */
  readonly normals?: {
    /** Name of its file. */
    readonly file: string;
    /** Of its file. */
    readonly sha256: string;
  };
  /** Where one head was fitted to several photos: what became of each. */
  readonly person?: FitReport["person"];
  readonly models: Pick<FitModels, "generator" | "recognition">;
  readonly hashes: FitHashes;
  readonly versions: {
    readonly ganfit: string;
    /** `node 20.1.0`, or the browser's own words. */
    readonly runtime: string;
    readonly onnxruntime: string;
  };
}

/** Longer texts are no reports: 100,000 steps of losses have a quarter of it. */
const LONGEST = 1 << 25;

/** Puts a report together: a plain object to be printed as JSON. */
export function fitReport(result: FitResult, context: FitReportContext): FitReport {
  const { head, face, camera } = result;
  const { photo, models, hashes, versions, texture, normals, person } = context;
  const { generator, recognition } = models;
  const { description } = recognition;
  const { model } = head;
  return {
    schema: FIT_SCHEMA,
    versions: { ...versions },
    photo: { ...photo, scale: significant(photo.scale, 10) },
    options: {
      ...optionsOf(context),
      texture: texture.source,
      textureSize: texture.size,
      detail: texture.detail ?? false,
    },
    model: { name: model.name, licence: model.licence, sha256: hashes.model },
    generator: {
      name: generator.name,
      licence: generator.licence,
      latentSize: generator.latentSize,
      resolution: generator.resolution,
      sha256: hashes.generator,
    },
    texture: { file: texture.file, sha256: texture.sha256 },
    ...(normals && { normals: { file: normals.file, sha256: normals.sha256 } }),
    recognition: {
      name: description.name,
      licence: description.licence,
      sha256: hashes.recognition,
    },
    faceNetworks: hashes.faceNetworks.map((network) => ({ ...network })),
    face: {
      box: {
        x: decimals(face.box.x, 2),
        y: decimals(face.box.y, 2),
        width: decimals(face.box.width, 2),
        height: decimals(face.box.height, 2),
      },
      confidence: decimals(face.confidence, 4),
      rollDegrees: degrees(face.roll),
      yawDegrees: degrees(face.yaw),
      pitchDegrees: degrees(face.pitch),
      cutByBorder: face.cutByBorder,
    },
    camera: cameraOfReport(camera),
    lighting: lightingOfReport(result.lighting),
    parameters: {
      identity: Array.from(head.identity, float32),
      expression: Object.fromEntries(
        model.expression.names.map((name, k) => [name, float32(head.expression[k]!)]),
      ),
      latent: Array.from(result.latent, float32),
      irisColour: [...head.irisColour],
      exposure: head.exposure,
    },
    landmarkError: {
      stage1: significant(result.landmarkError.stage1, 6),
      final: significant(result.landmarkError.final, 6),
    },
    landmarks: {
      detected: rowsOf(face.landmarks, 3, 3) as [number, number, number][],
      fitted: rowsOf(result.landmarks, 2, 3) as [number, number][],
    },
    losses: lossesOfReport(result.losses),
    timings: mapped(result.timings, Math.round),
    ...(person && { person }),
  };
}

/**
 * Reads a report that may come from anywhere.
 *
 * @throws GanfitError `report` naming the first entry that is wrong
 */
export function parseFitReport(text: string): FitReport {
  const wrong = (problem: string, cause?: unknown) =>
    new GanfitError("report", `This is no fit.json of ganfit: ${problem}.`, { cause });
  if (text.length > LONGEST) throw wrong(`it is ${text.length} characters long`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON (${(error as Error).message.replace(/\s+/g, " ")})`, error);
  }
  const { schema } = (json ?? {}) as { schema?: unknown };
  if (typeof schema === "string" && schema !== FIT_SCHEMA && /^ganfit-fit-\d{1,9}$/.test(schema)) {
    throw new GanfitError(
      "report",
      `This fit.json has the form ${schema}, and only ${FIT_SCHEMA} is known: use the version of ganfit that made it.`,
    );
  }
  const result = FIT_REPORT_SCHEMA.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const where = path.map(String).join(".").slice(0, 200);
  throw wrong(`at ${where || "its top level"}: ${message}`);
}

function optionsOf({ options, focalLengthFrom }: FitReportContext) {
  const { focalLength = null, threads = null, face = null } = options;
  const { quality = FIT_DEFAULTS.quality } = options;
  return {
    quality,
    steps: options.steps ?? FIT_QUALITIES[quality].steps,
    side: options.side ?? FIT_QUALITIES[quality].side,
    seed: options.seed ?? FIT_DEFAULTS.seed,
    lighting: options.lighting ?? FIT_DEFAULTS.lighting,
    device: options.device ?? "default",
    threads,
    face,
    focalLength: {
      from: focalLengthFrom,
      pixels: focalLength === null ? null : significant(focalLength, 10),
    },
    weights: { ...FIT_DEFAULTS.weights, ...options.weights },
    learningRates: { ...FIT_DEFAULTS.learningRates, ...options.learningRates },
  };
}

function cameraOfReport(exact: FitResult["camera"]): FitReport["camera"] {
  const ten = (value: number) => significant(value, 10);
  const three = ([x, y, z]: readonly number[]) =>
    [ten(x!), ten(y!), ten(z!)] as [number, number, number];
  const [cx, cy] = exact.principalPoint;
  const camera = {
    position: three(exact.position),
    lookAt: three(exact.lookAt),
    focalLength: ten(exact.focalLength),
    roll: ten(exact.roll),
    principalPoint: [ten(cx), ten(cy)] as [number, number],
  };
  const { rotation, translation } = extrinsicsOf(camera);
  const k = intrinsicsOf(camera);
  return {
    ...camera,
    intrinsics: [three(k.slice(0, 3)), three(k.slice(3, 6)), three(k.slice(6))],
    extrinsics: translation.map((shift, row) =>
      [...rotation.slice(3 * row, 3 * row + 3), shift].map(ten),
    ),
  };
}

function lightingOfReport(lighting: Lighting): FitReport["lighting"] {
  if (lighting.kind === "spherical-harmonics") {
    return { kind: lighting.kind, coefficients: lighting.coefficients.map(float32) };
  }
  const three = (values: readonly number[]) => values.map(float32) as [number, number, number];
  return {
    kind: lighting.kind,
    position: three(lighting.position),
    colour: three(lighting.colour),
    ambient: three(lighting.ambient),
    specular: float32(lighting.specular),
    shininess: float32(lighting.shininess),
  };
}

function lossesOfReport(losses: FitResult["losses"]): FitReport["losses"] {
  const of = (name: keyof FitReport["losses"]) => losses.map((step) => significant(step[name], 6));
  return {
    energy: of("energy"),
    identity: of("identity"),
    secondIdentity: of("secondIdentity"),
    content: of("content"),
    pixel: of("pixel"),
    landmark: of("landmark"),
    shapePrior: of("shapePrior"),
    expressionPrior: of("expressionPrior"),
    latentPrior: of("latentPrior"),
    lightPrior: of("lightPrior"),
  };
}

function mapped<K extends string>(
  values: Readonly<Record<K, number>>,
  change: (value: number) => number,
): Record<K, number> {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, change(value)]),
  ) as Record<K, number>;
}
