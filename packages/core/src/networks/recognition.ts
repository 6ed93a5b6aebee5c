/**
 * Face recognition by any ONNX network: a description says what picture the network wants and which
 * of its values are wanted. The network runs on photographs (`openRecognition`), or becomes a piece of
 * a differentiable graph (`importRecognition`), through which a fit is pulled towards the person in
 * the photograph, as GANFIT's identity and content losses do (Gecer et al. 2019, section 3.3).
 */
import {
  compile,
  type Graph,
  GraphError,
  Graph as GraphOf,
  gather,
  importModel,
  lpNormalization,
  mul,
  type OnnxModel,
  readModel,
  reshape,
  sub,
  type Tensor,
  transpose,
} from "@ganfit/autodiff";
import { z } from "zod";
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { toTensor } from "../image/tensor.js";
import {
  ARCFACE_TEMPLATE,
  alignFace,
  type FivePointTemplate,
  scaledTemplate,
} from "./alignment.js";
import type { NetworkOptions } from "./network.js";

const channels = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])]);
const valueName = z.string().min(1).max(1000);

/** The form of a description in a JSON file; docs/recognition.md explains it with examples. */
export const RECOGNITION_SCHEMA = z.strictObject({
  /** What the network is called in reports. */
  name: z.string().min(1).max(200),
  /** The licence of the weights, in words: it decides what results may be used for. */
  licence: z.string().min(1).max(500),
  /** The picture the network wants. Each value is `(byte - mean) * scale`, bytes 0-255. */
  input: z.strictObject({
    /** Pixels. */
    width: z.int().min(16).max(1024),
    /** Pixels. */
    height: z.int().min(16).max(1024),
    /** Order of the channels. */
    order: z.enum(["rgb", "bgr"]).default("rgb"),
    /** `1 x 3 x height x width` (chw) or `1 x height x width x 3` (hwc). */
    layout: z.enum(["chw", "hwc"]).default("chw"),
    /** One value, or one each for red, green and blue, whatever the order. */
    mean: channels.default(0),
    /** One value, or one each for red, green and blue, whatever the order. */
    scale: channels.default(1),
    /** The input's name in the file; needed only when there are several. */
    name: valueName.optional(),
  }),
  /**
   * Where the face lies: `"arcface"` (scaled to the width of square pictures), or the ten numbers of
   * a `FivePointTemplate`.
   */
  template: z.union([z.literal("arcface"), z.array(z.number()).length(10)]).default("arcface"),
  /** The value that holds the embedding, of any shape. It may be an inner value of the network. */
  embedding: valueName,
  /** Values to take as features for a content loss. */
  layers: z.array(valueName).max(100).default([]),
});

export type RecognitionDescription = z.infer<typeof RECOGNITION_SCHEMA>;

/** What may be left out of a description. */
export type RecognitionInput = z.input<typeof RECOGNITION_SCHEMA>;

/**
 * SFace (Zhong et al. 2021, Apache-2.0), from OpenCV's model zoo: MobileFaceNet-like, 128 numbers,
 * 99.40 % on LFW. The layers are the last ones of each resolution, from 112 down to 7 pixels.
 */
export const SFACE: RecognitionDescription = {
  name: "SFace",
  licence: "Apache-2.0",
  input: { width: 112, height: 112, order: "rgb", layout: "chw", mean: 0, scale: 1 },
  template: "arcface",
  embedding: "fc1",
  layers: ["conv_2_relu", "conv_4_relu", "conv_6_relu", "conv_12_relu", "conv_14_relu"],
};

/** SFace's file in the package. */
export const SFACE_URL = new URL("../../assets/networks/sface.onnx", import.meta.url);

/**
 * Checks a description, for example one read from a JSON file, and fills in what it leaves out.
 *
 * @throws GanfitError `network` naming the first entry that is wrong.
 */
export function parseRecognition(description: unknown): RecognitionDescription {
  const result = RECOGNITION_SCHEMA.safeParse(description);
  const wrong = (where: string, what: string) =>
    new GanfitError(
      "network",
      `The recognition network's description is wrong at ${where}: ${what}.`,
    );
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw wrong(path.length > 0 ? path.join(".") : "its top level", message);
  }
  const { data } = result;
  const { width, height, scale } = data.input;
  if (data.template === "arcface" && width !== height) {
    throw wrong("template", "a picture that is not square needs the five points of its template");
  }
  if ([scale].flat().some((value) => value === 0)) throw wrong("input.scale", "it must not be 0");
  return data;
}

/** The five points of the description's template, in pixels of its picture. */
export function templateOf({ template, input }: RecognitionDescription): FivePointTemplate {
  return template === "arcface" ? scaledTemplate(ARCFACE_TEMPLATE, input.width / 112) : template;
}

/** The face as the network gets it, but still as a picture. */
export function alignForRecognition(
  image: Image,
  landmarks: ArrayLike<number>,
  description: RecognitionDescription,
): Image {
  const { width, height } = description.input;
  return alignFace(image, landmarks, width, height, templateOf(description));
}

export interface RecognitionGraph {
  /** `n x d`, each row of length 1: the cosine of two faces is the dot product of their rows. */
  readonly embedding: Tensor;
  /** The description's layers by name, in the network's own shapes. */
  readonly layers: Readonly<Record<string, Tensor>>;
}

/**
 * The network inside a graph, differentiable from the picture to everything it gives. Applied twice,
 * its weights are shared.
 *
 * @param model read with `readModel`
 * @param aligned `n x 3 x height x width`, red green blue, gamma-coded sRGB in [0, 1]: the face laid
 *   over the template of the description (`alignForRecognition`, or a renderer's picture).
 * @throws GanfitError `network` when the file does not fit the description, `usage` when `aligned`
 *   has another shape.
 */
export function importRecognition(
  graph: Graph,
  model: OnnxModel,
  description: RecognitionDescription,
  aligned: Tensor,
): RecognitionGraph {
  const { width, height, order, layout } = description.input;
  const [n = 0] = aligned.shape;
  if (String(aligned.shape) !== String([n, 3, height, width]) || aligned.dtype !== "float32") {
    throw new GanfitError(
      "usage",
      `${description.name} wants aligned pictures float32 [n,3,${height},${width}], not ${aligned.dtype} [${aligned.shape}].`,
    );
  }
  return explained(description, () => {
    const perChannel = (value: number | readonly number[], factor: number) => {
      const values = (typeof value === "number" ? [value, value, value] : value).map(
        (v) => v * factor,
      );
      return graph.constant(Float32Array.from(values), "float32", [1, 3, 1, 1]);
    };
    const { mean, scale } = description.input;
    let x = mul(sub(aligned, perChannel(mean, 1 / 255)), perChannel(scale, 255));
    if (order === "bgr") x = gather(x, graph.constant(BigInt64Array.of(2n, 1n, 0n), "int64"), 1);
    if (layout === "hwc") x = transpose(x, [0, 2, 3, 1]);
    const names = [description.embedding, ...description.layers];
    const missing = names.find((name) => !model.values.has(name));
    if (missing !== undefined) throw new Mismatch(`has no value "${missing}"`);
    const values = importModel(
      model,
      graph,
      { [inputName(model, description)]: x },
      { outputs: names, reshape: true, scope: "recognition" },
    );
    const embedding = values[description.embedding]!;
    if (!embedding.typed || embedding.dtype !== "float32" || embedding.size % n !== 0) {
      throw new Mismatch(`gives no float32 embedding per face for "${description.embedding}"`);
    }
    return {
      embedding: lpNormalization(reshape(embedding, [n, embedding.size / n])),
      layers: Object.fromEntries(description.layers.map((name) => [name, values[name]!])),
    };
  });
}

/** A compiled recognition network. */
export interface Recognition {
  readonly description: RecognitionDescription;
  /**
   * @param image a photograph
   * @param landmarks `478 x 3` or `478 x 2`, of the face in it
   * @returns the embedding, of length 1
   * @throws GanfitError `network` when the network fails or gives no direction at all
   */
  embed(image: Image, landmarks: ArrayLike<number>): Promise<Float32Array>;
  /** As `embed`, but the description's layers by name, row-major in the network's shapes. */
  layers(image: Image, landmarks: ArrayLike<number>): Promise<Record<string, Float32Array>>;
  /** Releases the memory. The network cannot run afterwards. */
  dispose(): Promise<void>;
}

/**
 * Compiles a recognition network for pictures one at a time.
 *
 * @param model the `.onnx` file, or what `readModel` made of it
 * @throws GanfitError `network` when the file is no ONNX model or does not fit the description, or
 *   when it cannot be compiled for the device.
 */
export async function openRecognition(
  model: Uint8Array | OnnxModel,
  description: RecognitionDescription,
  options: NetworkOptions = {},
): Promise<Recognition> {
  const { width, height } = description.input;
  return explainedAsync(description, async () => {
    const graph = new GraphOf();
    const aligned = graph.input("aligned", "float32", [1, 3, height, width]);
    const read = model instanceof Uint8Array ? readModel(model) : model;
    const { embedding, layers } = importRecognition(graph, read, description, aligned);
    const embedder = await compile(graph, {
      inputs: { aligned },
      outputs: { embedding },
      ...options,
    });
    const names = Object.keys(layers);
    const features =
      names.length > 0
        ? await compile(graph, { inputs: { aligned }, outputs: layers, ...options })
        : undefined;
    const prepared = (image: Image, landmarks: ArrayLike<number>) => ({
      aligned: toTensor(alignForRecognition(image, landmarks, description), { scale: 1 / 255 }),
    });
    return {
      description,
      embed: (image, landmarks) =>
        explainedAsync(description, async () => {
          const result = await embedder.run(prepared(image, landmarks));
          const vector = result.embedding as Float32Array;
          const length = Math.hypot(...vector);
          if (!(Math.abs(length - 1) < 1e-3)) {
            throw new Mismatch(`gave an embedding of length ${length} for a picture`);
          }
          return vector;
        }),
      layers: (image, landmarks) =>
        explainedAsync(description, async () => {
          const result = await features?.run(prepared(image, landmarks));
          return (result ?? {}) as Record<string, Float32Array>;
        }),
      dispose: async () => {
        await embedder.dispose();
        await features?.dispose();
      },
    };
  });
}

/** The cosine of the angle between two embeddings of length 1: 1 for the same picture. */
export function similarityOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function inputName(model: OnnxModel, { input }: RecognitionDescription): string {
  const names = model.inputs.map(({ name }) => name);
  const name = input.name ?? names[0];
  if (names.length !== 1 && input.name === undefined) {
    throw new Mismatch(`has ${names.length} inputs (${names.join(", ")}); name one of them`);
  }
  if (name === undefined || !names.includes(name)) throw new Mismatch(`has no input "${name}"`);
  return name;
}

/** A file that is an ONNX model, but not the described one. */
class Mismatch extends Error {}

function translated({ name }: RecognitionDescription, error: unknown): unknown {
  if (error instanceof Mismatch) {
    const sentence = `The network ${name} does not fit its description: it ${error.message}.`;
    return new GanfitError("network", sentence);
  }
  if (!(error instanceof GraphError)) return error;
  const sentence = `The recognition network ${name} failed: ${error.message}.`;
  return new GanfitError("network", sentence, { cause: error });
}

function explained<T>(description: RecognitionDescription, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw translated(description, error);
  }
}

async function explainedAsync<T>(
  description: RecognitionDescription,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw translated(description, error);
  }
}
