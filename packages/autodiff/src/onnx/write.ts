/**
 * Writes a graph as an ONNX model: only what the outputs need, lowered, in order, with names.
 */
import { create } from "@bufbuild/protobuf";
import { bytesOf, dtypeInfo, holds, type TypedArray } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import { type GraphNode, scopeOf } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { lower } from "../lowering/index.js";
import type { LoweringTarget } from "../lowering/target.js";
import { encodeAttribute } from "./attributes.js";
import { modernised } from "./modernise.js";
import {
  type AttributeProto,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.js";
import { ONNX_DOMAIN, OpaqueOperator } from "./opaque.js";
import { type Initializer, serialise } from "./serialise.js";

/** The opset every operator here can be written in, and that onnx 1.12's checker knows. */
export const DEFAULT_OPSET = 17;

/** Bytes from which on a constant lies outside a split model. */
const LARGE_CONSTANT = 1 << 16;

export interface WriteOptions {
  /** Values fed at every run, by the name they get in the file. They may be computed values. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Values to compute, by the name they get in the file. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /**
   * Graph inputs that become constants of the file, with their data: weights that were trained, or stored in
   * a small type whose conversion a graph's constants would have folded away.
   */
  readonly weights?: ReadonlyMap<Tensor, TypedArray>;
  /**
   * Write operators as they stand wherever ONNX has them, not in the forms that ONNX Runtime runs fastest: to look
   * at, or for another runtime. Default false.
   */
  readonly plain?: boolean;
  /** ONNX opset, 17 or later. Raised to what operators imported unread need. Default 17. */
  readonly opset?: number;
  /** Where the file will run; some forms differ for webgpu. Default: anywhere but there. */
  readonly device?: string;
  /** Name of the graph in the file. */
  readonly name?: string;
}

/**
 * Serialises the graph between `inputs` and `outputs` to the bytes of an `.onnx` file.
 *
 * @throws GraphError when an output depends on a graph input that is not among `inputs` or `weights`,
 *   when weights do not fit their input, when an output's name is also an input's of another value,
 *   when the opset is before 17, or when the result exceeds protobuf's 2 GiB.
 */
export function writeModel(options: WriteOptions): Uint8Array {
  return new Writer(options).write().bytes;
}

/** A model whose large constants lie beside it. */
export interface SplitModel {
  readonly bytes: Uint8Array;
  /** Little-endian values by the name that the model has for them; memory of the graph's own constants. */
  readonly external: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/**
 * {@link writeModel}, but constants of 64 KiB and more are not copied into the file. Touching fresh memory is
 * most of what writing large models costs.
 */
export function writeSplitModel(options: WriteOptions): SplitModel {
  return new Writer(options).write(LARGE_CONSTANT);
}

class Writer {
  private readonly names = new Map<Tensor, string>();
  private readonly taken = new Set<string>();
  private readonly replaced = new Map<Tensor, Tensor>();
  private readonly nodes: NodeProto[] = [];
  private readonly initializers = new Map<Tensor, Initializer>();
  private readonly domains = new Map<string, number>();
  private readonly opset: number;
  private readonly order: readonly GraphNode[];
  private readonly used = new Set<Tensor>();

  constructor(private readonly options: WriteOptions) {
    const { opset = DEFAULT_OPSET } = options;
    if (!Number.isInteger(opset) || opset < DEFAULT_OPSET) {
      throw new GraphError("write", undefined, `opset ${opset} is not ${DEFAULT_OPSET} or later`);
    }
    const fed = new Set(Object.values(options.inputs));
    const lowered = new Set<GraphNode>();
    const wanted = Object.values(options.outputs);
    const readers = new Map<Tensor | undefined, number>();
    for (const value of [...wanted, ...ancestors(wanted).flatMap((node) => node.inputs)]) {
      readers.set(value, (readers.get(value) ?? 0) + 1);
    }
    const target: LoweringTarget = {
      device: options.device,
      readers: (value) => readers.get(value) ?? 0,
      isFed: (value) => fed.has(value),
    };
    this.order = ancestors(
      wanted.filter((tensor) => !fed.has(tensor)),
      (node) => {
        const kept = options.plain && !node.definition.virtual;
        const substitutes = kept
          ? undefined
          : node.graph.scope(scopeOf(node), () => lower(node, target));
        if (substitutes) {
          lowered.add(node);
          node.outputs.forEach((output, i) => {
            const substitute = substitutes[i];
            if (substitute) this.replaced.set(output, substitute);
          });
        }
        return (substitutes ?? node.inputs).filter((tensor) => tensor && !fed.has(tensor));
      },
    ).filter((node) => !lowered.has(node));
    this.domains.set(ONNX_DOMAIN, opset);
    for (const { definition } of this.order) {
      if (!(definition instanceof OpaqueOperator)) continue;
      for (const [domain, version] of definition.domains) {
        this.domains.set(domain, Math.max(version, this.domains.get(domain) ?? version));
      }
    }
    this.opset = this.domains.get(ONNX_DOMAIN)!;
  }

  /** @param largest constants of as many bytes or more lie outside the file */
  write(largest = Number.POSITIVE_INFINITY): SplitModel {
    const { inputs, outputs, name = "graph" } = this.options;
    for (const [key, tensor] of Object.entries(inputs)) this.claim(tensor, key);
    const copies: [Tensor, string][] = [];
    for (const [key, tensor] of Object.entries(outputs)) {
      const source = this.resolve(tensor);
      if (this.names.get(source) === key) continue;
      if (this.taken.has(key)) {
        throw new GraphError("write", key, "this name is given to an input and to another output");
      }
      const computed = source.producer && !Object.values(inputs).includes(source);
      if (computed && !this.names.has(source)) this.claim(source, key);
      else {
        this.taken.add(key);
        copies.push([source, key]);
      }
    }
    for (const node of this.order)
      for (const input of node.inputs) if (input) this.used.add(this.resolve(input));
    for (const tensor of Object.values(outputs)) this.used.add(this.resolve(tensor));
    for (const node of this.order) this.nodes.push(...this.encodeNode(node));
    for (const [source, key] of copies) {
      const node = { opType: "Identity", name: `copy/${key}`, input: [this.nameOf(source)] };
      this.nodes.push(create(NodeProtoSchema, { ...node, output: [key] }));
    }
    const present = Object.entries(inputs).filter(([, tensor]) => this.used.has(tensor));
    // Names of values may look like paths that lead elsewhere; locations are made up.
    const initializers = [...this.initializers.values()].map((initializer, i) =>
      initializer.bytes.length < largest
        ? initializer
        : { ...initializer, location: `constant${i}` },
    );
    const bytes = serialise({
      irVersion: this.opset > 18 ? 10n : 8n,
      producerName: "@ganfit/autodiff",
      opsetImport: [...this.domains].map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      graph: {
        name,
        node: this.nodes,
        input: present.map(([key, tensor]) => valueInfo(key, tensor)),
        output: Object.entries(outputs).map(([key, tensor]) => valueInfo(key, tensor)),
      },
      initializers,
    });
    const external = initializers.flatMap(({ location, bytes: data }) =>
      location === undefined ? [] : [{ path: location, data }],
    );
    return { bytes, external };
  }

  /** What stands for `tensor` after lowering. */
  private resolve(tensor: Tensor): Tensor {
    const substitute = this.replaced.get(tensor);
    return substitute ? this.resolve(substitute) : tensor;
  }

  private claim(tensor: Tensor, name: string): void {
    this.names.set(tensor, name);
    this.taken.add(name);
  }

  /** The name of a value in the file; meets constants and stray inputs on the way. */
  private nameOf(value: Tensor): string {
    const tensor = this.resolve(value);
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const data = tensor.data ?? this.options.weights?.get(tensor);
    if (!tensor.producer && !data) {
      throw new GraphError(
        "write",
        tensor.name,
        "the outputs depend on this graph input, which is not among the inputs given",
      );
    }
    let name = tensor.name;
    for (let n = 1; this.taken.has(name); n++) name = `${tensor.name}_${n}`;
    this.claim(tensor, name);
    if (data) this.initializers.set(tensor, encodeTensor(tensor, data, name));
    return name;
  }

  private encodeNode(node: GraphNode): NodeProto[] {
    const { definition } = node;
    const output = this.outputNames(node);
    if (definition instanceof OpaqueOperator) return this.encodeOpaque(node, definition, output);
    if (definition.virtual) node.fail("has no ONNX form for these inputs");
    const input = node.inputs.map((tensor) => (tensor ? this.nameOf(tensor) : ""));
    const attributes = { ...node.attributes };
    // Reductions over no axes were simplified away; opset 17 lacks the flag on all but one of them.
    delete attributes.noop_with_empty_axes;
    const { parameters = [], type: opType } = definition;
    for (const { attribute, input: at, dtype, scalar, sinceOpset = 0 } of parameters) {
      const value = attributes[attribute];
      if (sinceOpset > DEFAULT_OPSET || value === undefined) continue;
      delete attributes[attribute];
      const list = typeof value === "number" ? [value] : (value as readonly number[]);
      const type = dtype === "like" ? node.input(0).dtype : dtype;
      const tensor = node.graph.constant(list, type, scalar ? [] : [list.length], attribute);
      while (input.length < at) input.push("");
      input[at] = this.nameOf(tensor);
    }
    const attribute: AttributeProto[] = [];
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) attribute.push(encodeAttribute(name, value));
    }
    const { name } = node;
    const written = create(NodeProtoSchema, { opType, name, input, output, attribute });
    return this.atOpset(written, node, DEFAULT_OPSET);
  }

  private encodeOpaque(node: GraphNode, source: OpaqueOperator, output: string[]): NodeProto[] {
    const inputs = node.inputs.map((input) => (input ? this.nameOf(input) : ""));
    const from = source.domains.get(ONNX_DOMAIN) ?? this.opset;
    return this.atOpset(source.encode(node.name, inputs, output), node, from);
  }

  /** A node in the form of opset `from` brought to the file's. */
  private atOpset(written: NodeProto, node: GraphNode, from: number): NodeProto[] {
    if (from === this.opset) return [written];
    const [first] = node.inputs;
    return modernised(written, {
      from,
      to: this.opset,
      constant: (values, dtype, shape, name) =>
        this.nameOf(node.graph.constant(values, dtype, shape, name)),
      dtype: first?.typed ? first.dtype : "float32",
    });
  }

  /** Optional outputs nobody reads are left out, so that ONNX Runtime need not compute them. */
  private outputNames(node: GraphNode): string[] {
    const { outputs, definition } = node;
    const last = outputs.findLastIndex((output) => this.used.has(output));
    const written = definition.optionalOutputs ? outputs.slice(0, last + 1) : outputs;
    return written.map((output) => this.nameOf(output));
  }
}

function encodeTensor(tensor: Tensor, data: TypedArray, name: string): Initializer {
  if (!holds(tensor.dtype, data) || data.length !== tensor.size) {
    throw new GraphError("write", name, `${data.length} elements do not fit its type`, [
      tensor.shape,
    ]);
  }
  const { code } = dtypeInfo(tensor.dtype);
  return { name, dataType: code, dims: tensor.shape, bytes: bytesOf(data) };
}

/** Types of values that an operator imported unread produced may be unknown; ONNX allows that. */
function valueInfo(name: string, tensor: Tensor): ValueInfoProto {
  if (!tensor.typed) return create(ValueInfoProtoSchema, { name });
  const dim = tensor.shape.map((size) => ({
    value: { case: "dimValue" as const, value: BigInt(size) },
  }));
  const value = { elemType: dtypeInfo(tensor.dtype).code, shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: "tensorType" as const, value } },
  });
}
