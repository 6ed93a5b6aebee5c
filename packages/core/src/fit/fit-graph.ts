// The energy of a fit and its gradient as one ONNX graph (Gecer et al. 2019, equation 10). Only the ids of
// the triangles that cover the pixels come from outside, made anew for every iteration.

import {
  add,
  compile,
  exp,
  Graph,
  gather,
  gradients,
  matmul,
  mul,
  reduceSum,
  reshape,
  scatterND,
  slice,
  type Tensor,
  transpose,
} from "@ganfit/autodiff";
import type { Basis, MorphableModel } from "../models/morphable-model.js";
import { LANDMARK_COUNT } from "../networks/landmarks.js";
import type { NetworkOptions } from "../networks/network.js";
import { importRecognition } from "../networks/recognition.js";
import type { Camera } from "../render/camera.js";
import { cameraFrame, projectPoints } from "../render/camera-graph.js";
import { composite } from "../render/composite-graph.js";
import { interpolate, locatePixels } from "../render/interpolate.js";
import { smoothNormals, unitRows } from "../render/normals-graph.js";
import { shade } from "../render/shade.js";
import { sampleTexture } from "../render/texture.js";
import { resolutionFor, type TextureGenerator } from "../texture/texture-generator.js";
import { textureInGraph } from "../texture/texture-runner.js";
import { identityLoss } from "./energy/identity-loss.js";
import { landmarkLoss } from "./energy/landmark-loss.js";
import { pixelLoss } from "./energy/pixel-loss.js";
import { coefficientPrior, latentPrior, lightPrior } from "./energy/priors.js";
import { type FitFrame, recognitionResampling } from "./fit-frame.js";
import type { RecognitionModel } from "./fit-models.js";
import { CAMERA_UNITS, type EnergyWeights } from "./fit-options.js";
import { LANDMARK_WEIGHTS } from "./landmark-fit.js";
import type { LightParameters } from "./light-parameters.js";
import type { VisibleMesh } from "./visible-mesh.js";

/** What moves in a fit, by name, as flat arrays. */
export interface FitParameters {
  readonly identity: Float32Array;
  readonly expression: Float32Array;
  readonly latent: Float32Array;
  /** 8 numbers in `CAMERA_UNITS`, relative to the camera that the graph was made for. */
  readonly camera: Float32Array;
  readonly light: Float32Array;
}

/** The unweighted terms, and their weighted sum as `energy`. */
export type Losses = Readonly<Record<keyof EnergyWeights | "energy", number>>;

export interface FitGraphInput {
  readonly model: MorphableModel;
  readonly mesh: VisibleMesh;
  readonly generator: TextureGenerator;
  readonly recognition: RecognitionModel;
  readonly light: LightParameters;
  readonly frame: FitFrame;
  /** In the frame's pixels; the parameters' camera is relative to it. */
  readonly camera: Camera;
  readonly weights: EnergyWeights;
  /** Pixels of the frame. */
  readonly interocular: number;
  /** `478 x 2`, pixels of the frame. */
  readonly landmarks: Float32Array;
  /** Standard deviation of expression coefficients. */
  readonly expressionDeviation: number;
}

export interface FeedsOfStep {
  /** `P`: triangles of the mesh that cover the frame's pixels, -1 where there is none. */
  readonly ids: Int32Array;
  /** `478 x 3` vertices of the mesh and their weights: what stands for the landmarks. */
  readonly corners: Uint32Array;
  readonly barycentric: Float32Array;
}

export interface StepResult {
  readonly losses: Losses;
  readonly gradients: FitParameters;
  /** `P x 3`: the frame's pixels with the rendering over them, R G B, gamma-coded. */
  readonly painted: Float32Array;
}

export interface FitGraph {
  /** Energy and gradient. */
  step(parameters: FitParameters, feeds: FeedsOfStep): Promise<StepResult>;
  dispose(): Promise<void>;
}

const NAMES = ["identity", "expression", "latent", "camera", "light"] as const;

/** Builds and compiles the graph for one photo. */
export async function buildFitGraph(
  input: FitGraphInput,
  options: NetworkOptions = {},
): Promise<FitGraph> {
  const { model, mesh, generator, recognition, light, frame, weights } = input;
  const graph = new Graph();
  const count = frame.pixels.length;
  const parameters = {
    identity: graph.input("identity", "float32", [model.identity.names.length]),
    expression: graph.input("expression", "float32", [model.expression.names.length]),
    latent: graph.input("latent", "float32", [generator.latentSize]),
    camera: graph.input("camera", "float32", [CAMERA_UNITS.length]),
    light: graph.input("light", "float32", [light.neutral.length]),
  };
  const feeds = {
    ids: graph.input("ids", "int32", [count]),
    // Zero for the photo's own identity features: then nothing is painted over it.
    opacity: graph.input("opacity", "float32", [count, 1]),
    corners: graph.input("corners", "int32", [3 * LANDMARK_COUNT]),
    barycentric: graph.input("barycentric", "float32", [LANDMARK_COUNT, 3]),
  };
  const constant = (values: ArrayLike<number>, shape: readonly number[]) =>
    graph.constant(
      values instanceof Float32Array ? values : Float32Array.from(values),
      "float32",
      shape,
    );

  const vertices = graph.scope("shape", () => {
    const { mean, identity, expression } = mesh.shape;
    const linear = (p: Tensor, { displacements }: Basis) =>
      matmul(reshape(p, [1, -1]), constant(displacements, [p.size, mean.length]));
    const offsets = add(
      linear(parameters.identity, identity),
      linear(parameters.expression, expression),
    );
    return reshape(add(constant(mean, [1, mean.length]), offsets), [-1, 3]);
  });
  const { position, lookAt, focalLength, roll, principalPoint } = input.camera;
  const moved = mul(parameters.camera, constant(CAMERA_UNITS, [CAMERA_UNITS.length]));
  const camera = {
    position: add(slice(moved, [0], [3]), constant(position, [3])),
    lookAt: add(slice(moved, [3], [6]), constant(lookAt, [3])),
    focalLength: mul(exp(slice(moved, [6], [7])), focalLength),
    roll: add(slice(moved, [7], [8]), roll),
  };

  const inCamera = graph.scope("camera", () => cameraFrame(vertices, camera));
  // What is finer than the frame's pixels would be computed to no effect.
  const texture = graph.scope("texture", () =>
    textureInGraph(
      graph,
      generator,
      reshape(parameters.latent, [1, -1]),
      resolutionFor(generator, frame.side),
    ),
  );
  const { colours, coverage } = graph.scope("render", () => {
    const located = locatePixels(
      { ids: feeds.ids, positions: constant(frame.centres, [count, 2]) },
      { inCamera, triangles: mesh.triangles, focalLength: camera.focalLength, principalPoint },
    );
    const uv = constant(mesh.uv, [mesh.uv.length / 2, 2]);
    const albedo = sampleTexture(texture, interpolate(uv, mesh.uvTriangles, located));
    const normals = unitRows(
      interpolate(smoothNormals(vertices, mesh.triangles), mesh.triangles, located),
    );
    const positions =
      light.kind === "phong" ? { positions: interpolate(vertices, mesh.triangles, located) } : {};
    const lighting = light.tensors(graph, parameters.light);
    return {
      colours: shade({ albedo, normals, ...positions }, lighting),
      coverage: mul(located.coverage, feeds.opacity),
    };
  });

  const photo = constant(frame.colours, [count, 3]);
  const painted = composite(colours, photo, coverage);
  const embedding = graph.scope("recognition", () => {
    const aligned = alignedPicture(graph, frame, recognition, painted);
    return importRecognition(graph, recognition.model, recognition.description, aligned).embedding;
  });
  const projected = graph.scope("landmarks", () => {
    const corners = reshape(gather(vertices, feeds.corners), [LANDMARK_COUNT, 3, 3]);
    const weighted = mul(corners, reshape(feeds.barycentric, [LANDMARK_COUNT, 3, 1]));
    const points = reduceSum(weighted, [1], false);
    return projectPoints(cameraFrame(points, camera), camera.focalLength, principalPoint);
  });

  // The photo's own, once they are known.
  const features = graph.input("features", "float32", embedding.shape);

  const terms = graph.scope("energy", () => {
    const perUnit = 1 / input.interocular;
    return {
      identity: identityLoss(features, embedding),
      pixel: pixelLoss(photo, colours, coverage),
      landmark: landmarkLoss(
        mul(constant(input.landmarks, [LANDMARK_COUNT, 2]), perUnit),
        mul(projected, perUnit),
        constant(LANDMARK_WEIGHTS, [LANDMARK_COUNT]),
      ),
      shapePrior: coefficientPrior(parameters.identity, model.identity.prior, 1),
      expressionPrior: coefficientPrior(
        parameters.expression,
        model.expression.prior,
        input.expressionDeviation,
      ),
      latentPrior: latentPrior(parameters.latent),
      lightPrior: lightPrior(
        parameters.light,
        constant(light.neutral, [light.neutral.length]),
        constant(light.precision, [light.precision.length]),
      ),
    };
  });
  const names = Object.keys(terms) as (keyof typeof terms)[];
  const energy = names
    .map((name) => mul(terms[name], weights[name]))
    .reduce((sum, term) => add(sum, term));
  const slopes = gradients(
    energy,
    NAMES.map((name) => parameters[name]),
  );

  const stepped = await compile(graph, {
    inputs: { ...parameters, ...feeds, features },
    outputs: {
      ...Object.fromEntries(names.map((name) => [`loss-${name}`, terms[name]])),
      ...Object.fromEntries(NAMES.map((name, i) => [`d-${name}`, slopes[i]!])),
      energy,
      painted,
      embedding,
    },
    ...options,
  });
  let known: Float32Array | undefined;
  const run = (p: FitParameters, f: FeedsOfStep, opacity: Float32Array, photo: Float32Array) =>
    stepped.run({
      ...p,
      ids: f.ids,
      corners: Int32Array.from(f.corners),
      barycentric: f.barycentric,
      opacity,
      features: photo,
    });
  return {
    async step(p, f) {
      if (!known) {
        const bare = await run(p, f, new Float32Array(count), new Float32Array(features.size));
        known = bare.embedding as Float32Array;
      }
      const result = await run(p, f, frame.weights, known);
      const number = (name: string) => (result[name] as Float32Array)[0]!;
      return {
        losses: {
          energy: number("energy"),
          ...(Object.fromEntries(names.map((name) => [name, number(`loss-${name}`)])) as Omit<
            Losses,
            "energy"
          >),
        },
        gradients: Object.fromEntries(
          NAMES.map((name) => [name, result[`d-${name}`]]),
        ) as unknown as FitParameters,
        painted: result.painted as Float32Array,
      };
    },
    async dispose() {
      await stepped.dispose();
    },
  };
}

/** The frame with the painted pixels in it, as the recognition network wants it. */
function alignedPicture(
  graph: Graph,
  { side, photo, pixels }: FitFrame,
  { description }: RecognitionModel,
  painted: Tensor,
): Tensor {
  const { width, height } = description.input;
  const { rows, columns } = recognitionResampling(description, side);
  const around = transpose(graph.constant(photo, "float32", [3, side * side]));
  const indices = BigInt64Array.from(pixels, BigInt);
  const whole = scatterND(around, graph.constant(indices, "int64", [pixels.length, 1]), painted);
  const planes = reshape(transpose(whole), [3, side, side]);
  const down = matmul(graph.constant(rows, "float32", [height, side]), planes);
  const across = graph.constant(columns, "float32", [width, side]);
  return reshape(matmul(down, transpose(across)), [1, 3, height, width]);
}
