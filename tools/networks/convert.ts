/**
 * Turns a TFLite network into a graph of ordinary, differentiable ONNX operators: channels first,
 * float32. Rank-4 values are images and are transposed; values of any other rank keep TFLite's
 * order, and so do the network's outputs.
 */
import {
  add,
  concat,
  conv,
  type Graph,
  maxPool,
  pad,
  prelu,
  relu,
  reshape,
  sigmoid,
  type Tensor,
  transpose,
} from "@ganfit/autodiff";
import type { Fields, TfliteModel, TfliteNode, TfliteTensor } from "./tflite.js";

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * @param image the network's one input, `1 x C x H x W`.
 * @returns the outputs by TFLite's names, each in the shape and order it has there.
 * @throws Error naming the operator or tensor that cannot be converted.
 */
export function convert(model: TfliteModel, graph: Graph, image: Tensor): Record<string, Tensor> {
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0)
    throw new Error("takes more or less than one input");
  const conversion = new Conversion(model, graph);
  conversion.values.set(input, image);
  for (const node of model.nodes) conversion.convert(node);
  return Object.fromEntries(
    model.outputs.map((index) => [model.tensors[index]!.name, conversion.asInTflite(index)]),
  );
}

class Conversion {
  /** Computed values, channels first. */
  readonly values = new Map<number, Tensor>();
  /** Weights that TFLite would widen to float32 before use. */
  private readonly widened = new Map<number, TfliteTensor>();

  constructor(
    private readonly model: TfliteModel,
    private readonly graph: Graph,
  ) {}

  convert(node: TfliteNode): void {
    const [output] = node.outputs;
    if (node.type === "DEQUANTIZE") {
      this.widened.set(output!, this.model.tensors[node.inputs[0]!]!);
      return;
    }
    const value = this.converted(node);
    const { name, shape } = this.model.tensors[output!]!;
    const expected = shape.length === 4 ? TO_CHANNELS_FIRST.map((axis) => shape[axis]!) : shape;
    if (String(value.shape) !== String(expected)) {
      throw new Error(`${node.type} gives "${name}" the shape [${value.shape}], not [${expected}]`);
    }
    this.values.set(output!, value);
  }

  private converted(node: TfliteNode): Tensor {
    const { type, inputs, options } = node;
    const value = (i: number) => this.valueOf(inputs[i]!);
    switch (type) {
      case "ADD":
        return activated(add(value(0), value(1)), options.int8(0));
      case "CONCATENATION": {
        const parts = inputs.map((index) => this.valueOf(index));
        const axis = options.int32(0);
        const axes = parts[0]!.rank === 4 ? [0, 2, 3, 1] : parts[0]!.shape.map((_, i) => i);
        return activated(concat(parts, axes.at(axis)!), options.int8(1));
      }
      case "CONV_2D":
        return this.convolution(node, { activation: 3, dilation: [5, 4] }, false);
      case "DEPTHWISE_CONV_2D":
        return this.convolution(node, { activation: 4, dilation: [6, 5] }, true);
      case "LOGISTIC":
        return sigmoid(value(0));
      case "MAX_POOL_2D": {
        const kernel = [options.int32(4), options.int32(3)];
        const strides = [options.int32(2), options.int32(1)];
        const pads = padsOf(options, value(0), kernel, strides, [1, 1]);
        return activated(maxPool(value(0), kernel, { strides, pads }), options.int8(5));
      }
      case "PAD": {
        const pads = this.integers(inputs[1]!);
        const axes = value(0).rank === 4 ? TO_CHANNELS_FIRST : value(0).shape.map((_, i) => i);
        const side = (end: number) => axes.map((axis) => pads[2 * axis + end]!);
        return pad(value(0), [...side(0), ...side(1)]);
      }
      case "PRELU": {
        const { data, shape } = this.weights(inputs[1]!);
        const channels = shape.at(-1)!;
        if (channels !== data.length) throw new Error("PRELU has a slope for every pixel");
        return prelu(value(0), this.graph.constant(data, "float32", [channels, 1, 1]));
      }
      case "RELU":
        return relu(value(0));
      case "RESHAPE":
        return reshape(this.asInTflite(inputs[0]!), this.model.tensors[node.outputs[0]!]!.shape);
      case "DEQUANTIZE":
        throw new Error("DEQUANTIZE of a computed value");
    }
  }

  private convolution(
    { inputs, options }: TfliteNode,
    fields: { activation: number; dilation: readonly [number, number] },
    depthwise: boolean,
  ): Tensor {
    const x = this.valueOf(inputs[0]!);
    // Weights are out x height x width x in, those of a depthwise convolution 1 x height x width x out.
    const { data, shape } = this.weights(inputs[1]!);
    const weights = transpose(
      this.graph.constant(data, "float32", shape),
      depthwise ? [3, 0, 1, 2] : TO_CHANNELS_FIRST,
    );
    const kernel = shape.slice(1, 3);
    const strides = [options.int32(2), options.int32(1)];
    const dilations = fields.dilation.map((field) => options.int32(field, 1));
    const attributes = {
      strides,
      dilations,
      pads: padsOf(options, x, kernel, strides, dilations),
      group: depthwise ? x.shape[1]! : 1,
    };
    const bias = this.graph.constant(this.weights(inputs[2]!).data, "float32");
    return activated(conv(x, weights, bias, attributes), options.int8(fields.activation));
  }

  /** A computed value in TFLite's order. */
  asInTflite(index: number): Tensor {
    const value = this.valueOf(index);
    return value.rank === 4 ? transpose(value, TO_CHANNELS_LAST) : value;
  }

  private valueOf(index: number): Tensor {
    const value = this.values.get(index);
    if (!value) throw new Error(`tensor ${index} is used before it is computed`);
    return value;
  }

  private weights(index: number): { data: Float32Array; shape: readonly number[] } {
    const { name, type, shape, data } = this.widened.get(index) ?? this.model.tensors[index]!;
    if (!data) throw new Error(`"${name}" is no constant`);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const length = shape.reduce((product, size) => product * size, 1);
    if (type === "float32") {
      return { data: Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true)), shape };
    }
    if (type === "float16") {
      const values = Float32Array.from({ length }, (_, i) => float16(view.getUint16(2 * i, true)));
      return { data: values, shape };
    }
    throw new Error(`"${name}" has elements of type ${type}`);
  }

  private integers(index: number): number[] {
    const { name, type, data } = this.model.tensors[index]!;
    if (!data || type !== "int32") throw new Error(`"${name}" is no constant of type int32`);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Array.from({ length: data.byteLength / 4 }, (_, i) => view.getInt32(4 * i, true));
  }
}

/** `ActivationFunctionType` of the schema. */
function activated(x: Tensor, activation: number): Tensor {
  if (activation === 0) return x;
  if (activation === 1) return relu(x);
  throw new Error(`fused activation ${activation} is not known here`);
}

/** TensorFlow's SAME puts the odd pixel of padding behind, not in front. */
function padsOf(
  options: Fields,
  x: Tensor,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const valid = options.int8(0) === 1;
  const totals = [0, 1].map((i) => {
    const size = x.shape[2 + i]!;
    const extent = (kernel[i]! - 1) * dilations[i]! + 1;
    const covered = (Math.ceil(size / strides[i]!) - 1) * strides[i]! + extent;
    return valid ? 0 : Math.max(0, covered - size);
  });
  const before = totals.map((total) => Math.floor(total / 2));
  return [...before, ...totals.map((total, i) => total - before[i]!)];
}

/** The number with these IEEE 754 binary16 bits. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
