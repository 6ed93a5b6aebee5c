// The energy of a fit and its gradient as one ONNX graph (Gecer et al. 2019, equation 10). It knows no photo:
// what a photo shows is fed, so that one graph serves all photos of a person, and any others that fit its
// settings. Which triangles cover the pixels comes from outside too, made anew for every iteration.

import {
  add,
  averagePool,
  compile,
  concat,
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
import { composite, toPicture } from "../render/composite-graph.js";
import { resolutionFor, type TextureGenerator } from "../texture/texture-generator.js";
import { textureInGraph } from "../texture/texture-runner.js";
import { contentLoss } from "./energy/content-loss.js";
import { identityLoss } from "./energy/identity-loss.js";
import { landmarkLoss } from "./energy/landmark-loss.js";
import { pixelLoss } from "./energy/pixel-loss.js";
import { coefficientPrior, latentPrior, lightPrior } from "./energy/priors.js";
import { type FitFrame, recognitionResampling } from "./fit-frame.js";
import type { RecognitionModel } from "./fit-models.js";
import { CAMERA_UNITS, type EnergyWeights } from "./fit-options.js";
import type { FitParameters, ParameterName } from "./fit-parameters.js";
import { LANDMARK_WEIGHTS } from "./landmark-fit.js";
import type { LightParameters } from "./light-parameters.js";
import type { SecondView } from "./second-view.js";
import { type SkinPixels, skinPixels } from "./skin-graph.js";
import type { VisibleMesh } from "./visible-mesh.js";

/** The unweighted terms, 0 where a term's weight is 0, and their weighted sum as `energy`. */
export type Losses = Readonly<Record<keyof EnergyWeights | "energy", number>>;

export interface FitGraphSettings {
  readonly model: MorphableModel;
  readonly mesh: VisibleMesh;
  readonly generator: TextureGenerator;
  readonly recognition: RecognitionModel;
  readonly light: LightParameters;
  /** Of the photos' frames, pixels. */
  readonly side: number;
  /** Most pixels of a face in a frame. */
  readonly capacity: number;
  readonly weights: EnergyWeights;
  /** Standard deviation of expression coefficients. */
  readonly expressionDeviation: number;
  /** By what gradients are asked for. */
  readonly moving: readonly ParameterName[];
}

/** A photo as a fit compares with it. */
export interface FitTarget {
  readonly frame: FitFrame;
  /** In the frame's pixels; the parameters' camera is relative to it. */
  readonly camera: Camera;
  /** Pixels of the frame. */
  readonly interocular: number;
  /** `478 x 2`, pixels of the frame. */
  readonly landmarks: Float32Array;
}

export interface FeedsOfStep {
  /** One for each of the frame's pixels: the triangle of the mesh that covers it, -1 where there is none. */
  readonly ids: Int32Array;
  /** `478 x 3` vertices of the mesh and their weights: what stands for the landmarks. */
  readonly corners: Uint32Array;
  readonly barycentric: Float32Array;
  /** Asked for where the second rendering's identity has a weight. */
  readonly second: SecondView | null;
}

export interface StepResult {
  readonly losses: Losses;
  /** By the parameters that move. */
  readonly gradients: Partial<FitParameters>;
  /** `P x 3`: the frame's pixels with the rendering over them, R G B, gamma-coded. */
  readonly painted: Float32Array;
}

/** What is fed of a photo. */
type PhotoFeeds = Readonly<Record<string, Float32Array | Int32Array | BigInt64Array>>;

/** A photo whose own features are known. */
export interface ObservedPhoto {
  readonly target: FitTarget;
  readonly feeds: PhotoFeeds;
}

export interface FitGraph {
  /**
   * Makes a photo ready for steps.
   *
   * @param parameters and `feeds` any that are valid; nothing is rendered
   */
  observe(target: FitTarget, parameters: FitParameters, feeds: FeedsOfStep): Promise<ObservedPhoto>;
  /** Energy and gradient. */
  step(parameters: FitParameters, photo: ObservedPhoto, feeds: FeedsOfStep): Promise<StepResult>;
  dispose(): Promise<void>;
}

/** The second view sees the texture so many times smaller: its pixels are as much larger than texels. */
const SECOND_TEXTURE = 2;

/** Builds and compiles the graph. */
export async function buildFitGraph(
  settings: FitGraphSettings,
  options: NetworkOptions = {},
): Promise<FitGraph> {
  const { model, mesh, generator, recognition, light, side, capacity, weights, moving } = settings;
  const graph = new Graph();
  const parameters = {
    identity: graph.input("identity", "float32", [model.identity.names.length]),
    expression: graph.input("expression", "float32", [model.expression.names.length]),
    latent: graph.input("latent", "float32", [generator.latentSize]),
    camera: graph.input("camera", "float32", [CAMERA_UNITS.length]),
    light: graph.input("light", "float32", [light.neutral.length]),
  };
  const photo = {
    // The last row belongs to no pixel: what fills `pixels` up is written there.
    around: graph.input("around", "float32", [side * side + 1, 3]),
    pixels: graph.input("pixels", "int64", [capacity, 1]),
    centres: graph.input("centres", "float32", [capacity, 2]),
    colours: graph.input("colours", "float32", [capacity, 3]),
    landmarks: graph.input("landmarks", "float32", [LANDMARK_COUNT, 2]),
    perUnit: graph.input("perUnit", "float32", [1]),
    // Position, look-at point, focal length, roll, principal point.
    start: graph.input("start", "float32", [10]),
  };
  const stepped = {
    ids: graph.input("ids", "int32", [capacity]),
    // Zero for the photo's own features: then nothing is painted over it.
    opacity: graph.input("opacity", "float32", [capacity, 1]),
    corners: graph.input("corners", "int32", [3 * LANDMARK_COUNT]),
    barycentric: graph.input("barycentric", "float32", [LANDMARK_COUNT, 3]),
  };
  const constant = (values: ArrayLike<number>, shape: readonly number[]) =>
    graph.constant(
      values instanceof Float32Array ? values : Float32Array.from(values),
      "float32",
      shape,
    );

  const { mean, identity, expression } = mesh.shape;
  const linear = (p: Tensor, { displacements }: Basis) =>
    matmul(reshape(p, [1, -1]), constant(displacements, [p.size, mean.length]));
  const ofIdentity = graph.scope("shape", () => linear(parameters.identity, identity));
  const vertices = graph.scope("shape", () => {
    const offsets = add(ofIdentity, linear(parameters.expression, expression));
    return reshape(add(constant(mean, [1, mean.length]), offsets), [-1, 3]);
  });
  const moved = mul(parameters.camera, constant(CAMERA_UNITS, [CAMERA_UNITS.length]));
  const part = (of: Tensor, from: number, to: number) => slice(of, [from], [to]);
  const principalPoint = part(photo.start, 8, 10);
  const camera = {
    position: add(part(moved, 0, 3), part(photo.start, 0, 3)),
    lookAt: add(part(moved, 3, 6), part(photo.start, 3, 6)),
    focalLength: mul(exp(part(moved, 6, 7)), part(photo.start, 6, 7)),
    roll: add(part(moved, 7, 8), part(photo.start, 7, 8)),
  };

  // What is finer than the frame's pixels would be computed to no effect.
  const texture = graph.scope("texture", () =>
    textureInGraph(
      graph,
      generator,
      reshape(parameters.latent, [1, -1]),
      resolutionFor(generator, side),
    ),
  );
  const { colours, coverage } = graph.scope("render", () => {
    const seen = skinPixels(graph, mesh, vertices, texture, {
      camera,
      principalPoint,
      lighting: light.tensors(graph, parameters.light),
      ids: stepped.ids,
      centres: photo.centres,
    });
    return { ...seen, coverage: mul(seen.coverage, stepped.opacity) };
  });
  const painted = composite(colours, photo.colours, coverage);

  const second = weights.secondIdentity > 0 ? secondView() : undefined;
  const pictures =
    weights.identity > 0 || weights.content > 0 || second
      ? [alignedPicture(), ...(second ? [second.picture] : [])]
      : [];
  const features = graph.scope("recognition", () => {
    if (pictures.length === 0) return undefined;
    const all = concat(pictures, 0);
    const { model: network, description } = recognition;
    const of = importRecognition(graph, network, description, all);
    const first = (of: Tensor) => slice(of, [0], [1], [0]);
    const layers = Object.values(of.layers);
    return {
      embedding: first(of.embedding),
      second: second && slice(of.embedding, [1], [2], [0]),
      layers: weights.content > 0 ? layers.map(first) : [],
    };
  });
  const projected = graph.scope("landmarks", () => {
    const corners = reshape(gather(vertices, stepped.corners), [LANDMARK_COUNT, 3, 3]);
    const weighted = mul(corners, reshape(stepped.barycentric, [LANDMARK_COUNT, 3, 1]));
    const points = reduceSum(weighted, [1], false);
    return projectPoints(cameraFrame(points, camera), camera.focalLength, principalPoint);
  });

  // The photo's own, once they are known.
  const known = features && {
    embedding: graph.input("known-embedding", "float32", features.embedding.shape),
    layers: features.layers.map(({ shape }, j) => graph.input(`known-layer${j}`, "float32", shape)),
  };

  const terms = graph.scope("energy", () => ({
    ...(known && weights.identity > 0
      ? { identity: identityLoss(known.embedding, features.embedding) }
      : {}),
    ...(known && features.second
      ? { secondIdentity: identityLoss(known.embedding, features.second) }
      : {}),
    ...(known && features.layers.length > 0
      ? { content: contentLoss(known.layers, features.layers) }
      : {}),
    pixel: pixelLoss(photo.colours, colours, coverage),
    landmark: landmarkLoss(
      mul(photo.landmarks, photo.perUnit),
      mul(projected, photo.perUnit),
      constant(LANDMARK_WEIGHTS, [LANDMARK_COUNT]),
    ),
    shapePrior: coefficientPrior(parameters.identity, model.identity.prior, 1),
    expressionPrior: coefficientPrior(
      parameters.expression,
      model.expression.prior,
      settings.expressionDeviation,
    ),
    latentPrior: latentPrior(parameters.latent),
    lightPrior: lightPrior(
      parameters.light,
      constant(light.neutral, [light.neutral.length]),
      constant(light.precision, [light.precision.length]),
    ),
  }));
  const weighted = Object.entries<Tensor>(terms).filter(([name]) => weightOf(name) > 0);
  const energy = weighted
    .map(([name, term]) => mul(term, weightOf(name)))
    .reduce((sum, term) => add(sum, term), constant([0], []));
  const slopes = gradients(
    energy,
    moving.map((name) => parameters[name]),
  );

  const program = await compile(graph, {
    inputs: {
      ...parameters,
      ...photo,
      ...stepped,
      ...second?.inputs,
      ...(known && {
        [known.embedding.name]: known.embedding,
        ...Object.fromEntries(known.layers.map((layer) => [layer.name, layer])),
      }),
    },
    outputs: {
      ...Object.fromEntries(weighted.map(([name, term]) => [`loss-${name}`, term])),
      ...Object.fromEntries(moving.map((name, i) => [`d-${name}`, slopes[i]!])),
      energy,
      painted,
      ...(features && {
        embedding: features.embedding,
        ...Object.fromEntries(features.layers.map((layer, j) => [`layer${j}`, layer])),
      }),
    },
    ...options,
  });

  const run = (
    p: FitParameters,
    feeds: PhotoFeeds,
    { ids, corners, barycentric, second: view }: FeedsOfStep,
    opacity: Float32Array,
  ) =>
    program.run({
      ...p,
      ...feeds,
      ids: filled(ids, new Int32Array(capacity).fill(-1)),
      corners: Int32Array.from(corners),
      barycentric,
      opacity: filled(opacity, new Float32Array(capacity)),
      ...second?.feedsOf(view),
    });

  return {
    async observe(target, p, feeds) {
      const bare: Record<string, Float32Array | Int32Array | BigInt64Array> = {
        ...feedsOfTarget(target, side, capacity),
      };
      if (!known) return { target, feeds: bare };
      const blank = { [known.embedding.name]: new Float32Array(known.embedding.size) };
      for (const layer of known.layers) blank[layer.name] = new Float32Array(layer.size);
      const result = await run(p, { ...bare, ...blank }, feeds, new Float32Array(0));
      bare[known.embedding.name] = result.embedding as Float32Array;
      known.layers.forEach((layer, j) => {
        bare[layer.name] = result[`layer${j}`] as Float32Array;
      });
      return { target, feeds: bare };
    },
    async step(p, { target, feeds }, stepFeeds) {
      const result = await run(p, feeds, stepFeeds, target.frame.weights);
      const number = (name: string) => (result[name] as Float32Array | undefined)?.[0] ?? 0;
      return {
        losses: {
          energy: number("energy"),
          ...(Object.fromEntries(
            Object.keys(weights).map((name) => [name, number(`loss-${name}`)]),
          ) as Omit<Losses, "energy">),
        },
        gradients: Object.fromEntries(moving.map((name) => [name, result[`d-${name}`]])),
        painted: (result.painted as Float32Array).subarray(0, 3 * target.frame.pixels.length),
      };
    },
    dispose: () => program.dispose(),
  };

  function weightOf(name: string): number {
    return weights[name as keyof EnergyWeights];
  }

  /** The frame with the painted pixels in it, as the recognition network wants it. */
  function alignedPicture(): Tensor {
    const { width, height } = recognition.description.input;
    const { rows, columns } = recognitionResampling(recognition.description, side);
    const whole = slice(scatterND(photo.around, photo.pixels, painted), [0], [side * side], [0]);
    const planes = reshape(transpose(whole), [3, side, side]);
    const down = matmul(constant(rows, [height, side]), planes);
    return reshape(matmul(down, transpose(constant(columns, [width, side]))), [
      1,
      3,
      height,
      width,
    ]);
  }

  /** The same person, another view (Gecer et al. 2019, section 3.3.1): every pixel of the aligned picture. */
  function secondView() {
    const { width, height } = recognition.description.input;
    const count = width * height;
    const inputs = {
      "second-shape": graph.input("second-shape", "float32", [1, mean.length]),
      "second-camera": graph.input("second-camera", "float32", [10]),
      "second-light": graph.input("second-light", "float32", [9, 3]),
      "second-ids": graph.input("second-ids", "int32", [count]),
      "second-behind": graph.input("second-behind", "float32", [count, 3]),
    };
    const numbers = inputs["second-camera"];
    const pixels: SkinPixels = graph.scope("second", () => {
      const half = [SECOND_TEXTURE, SECOND_TEXTURE];
      return skinPixels(
        graph,
        mesh,
        reshape(add(inputs["second-shape"], ofIdentity), [-1, 3]),
        averagePool(texture, half, { strides: half }),
        {
          camera: {
            position: part(numbers, 0, 3),
            lookAt: part(numbers, 3, 6),
            focalLength: part(numbers, 6, 7),
            roll: part(numbers, 7, 8),
          },
          principalPoint: part(numbers, 8, 10),
          lighting: { kind: "spherical-harmonics", coefficients: inputs["second-light"] },
          ids: inputs["second-ids"],
          centres: constant(
            Float32Array.from({ length: 2 * count }, (_, i) => {
              const pixel = i >> 1;
              return (i % 2 === 0 ? pixel % width : Math.floor(pixel / width)) + 0.5;
            }),
            [count, 2],
          ),
        },
      );
    });
    const whole = composite(pixels.colours, inputs["second-behind"], pixels.coverage);
    return {
      inputs,
      picture: toPicture(whole, height, width),
      feedsOf(view: SecondView | null) {
        if (!view) throw new TypeError("the second rendering's identity needs a second view");
        return {
          "second-shape": view.shape,
          "second-camera": numbersOf(view.camera),
          "second-light": Float32Array.from(view.lighting.coefficients),
          "second-ids": view.ids,
          "second-behind": view.behind,
        };
      },
    };
  }
}

function numbersOf({ position, lookAt, focalLength, roll, principalPoint }: Camera): Float32Array {
  return Float32Array.of(...position, ...lookAt, focalLength, roll, ...principalPoint);
}

function feedsOfTarget(
  { frame, camera, landmarks, interocular }: FitTarget,
  side: number,
  capacity: number,
): PhotoFeeds {
  const count = side * side;
  const around = new Float32Array(3 * (count + 1));
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < count; i++) around[3 * i + c] = frame.photo[c * count + i]!;
  }
  const pixels = new BigInt64Array(capacity).fill(BigInt(count));
  pixels.set(BigInt64Array.from(frame.pixels, BigInt));
  return {
    around,
    pixels,
    centres: filled(frame.centres, new Float32Array(2 * capacity)),
    colours: filled(frame.colours, new Float32Array(3 * capacity)),
    landmarks,
    perUnit: Float32Array.of(1 / interocular),
    start: numbersOf(camera),
  };
}

function filled<T extends Float32Array | Int32Array>(values: T, buffer: T): T {
  buffer.set(values);
  return buffer;
}
