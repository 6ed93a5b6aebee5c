/**
 * Applies a model read from an `.onnx` file inside a graph: its inputs are bound to tensors of the
 * graph, its weights become constants (shared between applications), and any of its values can be
 * taken out.
 */
import { dtypeFromCode, dtypeInfo, exactInFloat64, toFloat64 } from "../graph/dtype.js";
import { GraphError, UnsupportedError } from "../graph/errors.js";
import type { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import type {
  Attributes,
  AttributeValue,
  OperatorDefinition,
  TensorType,
} from "../graph/operator.js";
import { formatShape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { maximum, minimum } from "../operators/arithmetic.js";
import { expand, fill } from "../operators/broadcasting.js";
import { Conv, type ConvAttributes, conv } from "../operators/convolution.js";
import { operatorNamed } from "../operators/registry.js";
import { decodeAttributes } from "./attributes.js";
import type { AttributeProto, NodeProto } from "./onnx_pb.js";
import { domainOf, ONNX_DOMAIN, OpaqueOperator } from "./opaque.js";
import type { OnnxModel, ValueDeclaration } from "./read.js";
import { capturedNames, namesRead, subgraphsOf } from "./subgraph.js";
import { decodeTensor } from "./tensor-proto.js";

export interface ImportOptions {
  /** Values to return, inner ones included. Default: the model's outputs. */
  readonly outputs?: readonly string[];
  /** Prefix of the names that the model's nodes get. */
  readonly scope?: string;
  /**
   * Bind inputs whose shape is not the declared one, for example a batch to a model exported for
   * one image. Types the file declares for inner values are then ignored. Default false.
   */
  readonly reshape?: boolean;
  /** Types of values that unsupported operators produce and the file does not declare. */
  readonly types?: Readonly<Record<string, TensorType>>;
}

/**
 * @param bindings A tensor of the graph for every input of the model, by name; also for any weight
 *   that shall be a variable instead of a constant.
 * @returns The requested values by name.
 * @throws GraphError when an input is unbound or of another type, a requested value does not exist,
 *   or a node is malformed. Operators this library does not know are kept: they run, and only
 *   differentiating through them fails.
 */
export function importModel(
  model: OnnxModel,
  graph: Graph,
  bindings: Readonly<Record<string, Tensor>>,
  options: ImportOptions = {},
): Record<string, Tensor> {
  const build = () => new Importer(model, graph, bindings, options).run();
  return options.scope === undefined ? build() : graph.scope(options.scope, build);
}

/** Why a node is kept as it was read. */
class Kept {
  constructor(readonly reason: string) {}
}

type Tensors = readonly (Tensor | undefined)[];

class Importer {
  private readonly values = new Map<string, Tensor>();
  private readonly uses = new Map<string, number>();
  private readonly requested: readonly string[];
  private readonly trustDeclared: boolean;

  constructor(
    private readonly model: OnnxModel,
    private readonly graph: Graph,
    private readonly bindings: Readonly<Record<string, Tensor>>,
    private readonly options: ImportOptions,
  ) {
    this.requested = options.outputs ?? model.outputs.map(({ name }) => name);
    this.trustDeclared = this.bind();
  }

  run(): Record<string, Tensor> {
    for (const name of this.requested) {
      if (!this.model.values.has(name)) {
        throw new GraphError("importModel", name, "the model has no value of this name");
      }
    }
    for (const node of this.neededNodes()) this.importNode(node);
    return Object.fromEntries(this.requested.map((name) => [name, this.value(name)]));
  }

  /** Binds inputs; whether all have exactly the declared static shapes. */
  private bind(): boolean {
    const declared = new Map(this.model.inputs.map((input) => [input.name, input]));
    let exact = true;
    for (const [name, tensor] of Object.entries(this.bindings)) {
      if (tensor.graph !== this.graph) {
        throw new GraphError("importModel", name, "is bound to a tensor of another graph");
      }
      const type = declared.get(name) ?? this.weightDeclaration(name);
      if (!type) {
        const names = [...declared.keys()].join(", ");
        throw new GraphError("importModel", name, `the model has no such input; it has ${names}`);
      }
      this.checkBinding(type, tensor);
      exact &&= type.shape?.every((dim, i) => dim === tensor.shape[i]) ?? false;
      this.values.set(name, tensor);
    }
    return exact;
  }

  private weightDeclaration(name: string): ValueDeclaration | undefined {
    const tensor = this.model.initializers.get(name);
    return (
      tensor && { name, dtype: dtypeFromCode(tensor.dataType), shape: tensor.dims.map(Number) }
    );
  }

  private checkBinding({ name, dtype, shape }: ValueDeclaration, tensor: Tensor): void {
    if (dtype && tensor.dtype !== dtype) {
      throw new GraphError("importModel", name, `is ${dtype}, not ${tensor.dtype}`);
    }
    if (!shape || this.options.reshape) return;
    const fits =
      shape.length === tensor.rank &&
      shape.every((dim, i) => typeof dim === "string" || dim === tensor.shape[i]);
    if (!fits) {
      throw new GraphError(
        "importModel",
        name,
        `is declared as [${shape.join(",")}] but bound to ${formatShape(tensor.shape)}; pass { reshape: true } to try it all the same`,
      );
    }
  }

  /** Nodes the requested values depend on; counts uses on the way. */
  private neededNodes(): NodeProto[] {
    const needed = new Set<string>(this.requested);
    const kept: NodeProto[] = [];
    for (const node of [...this.model.nodes].reverse()) {
      if (!node.output.some((name) => needed.has(name) && !this.values.has(name))) continue;
      kept.push(node);
      for (const name of namesRead(node)) {
        needed.add(name);
        this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
      }
    }
    return kept.reverse();
  }

  /** Whether some node reads the value, or the caller asked for it. */
  private isNeeded(name: string): boolean {
    return name !== "" && (this.uses.has(name) || this.requested.includes(name));
  }

  private value(name: string): Tensor {
    const known = this.values.get(name);
    if (known) return known;
    const initializer = this.model.initializers.get(name);
    if (!initializer) throw new GraphError("importModel", name, "this input is not bound");
    const { dtype, shape, data } = decodeTensor(initializer, this.model.external);
    const tensor = this.graph.constant(data, dtype, shape, name);
    this.values.set(name, tensor);
    return tensor;
  }

  private importNode(node: NodeProto): void {
    const inputs = node.input.map((name) => (name === "" ? undefined : this.value(name)));
    const made = this.special(node, inputs) ?? this.known(node, inputs);
    const outputs = made instanceof Kept ? this.opaque(node, inputs, made.reason) : made;
    node.output.forEach((name, i) => {
      const output = outputs[i];
      if (name !== "" && output && !this.values.has(name)) this.values.set(name, output);
    });
  }

  /** Nodes that are not applications of an operator, or are better imported as another one. */
  private special(node: NodeProto, inputs: Tensors): Tensors | Kept | undefined {
    if (domainOf(node) !== ONNX_DOMAIN) return undefined;
    const [x, ...rest] = inputs;
    switch (node.opType) {
      case "Constant":
        return this.constant(node);
      case "Dropout":
        return this.dropout(node, inputs);
      case "Clip": {
        const [low, high] = rest;
        if (!x?.typed || (!low && !high) || [low, high].every((bound) => !bound || bound.data)) {
          return undefined;
        }
        const above = low ? maximum(x, low) : x;
        return [high ? minimum(above, high) : above];
      }
      case "BatchNormalization":
        return this.foldedBatchNormalization(node, inputs);
      default:
        return undefined;
    }
  }

  /** At inference the identity. A model exported for training says so by the third input. */
  private dropout(node: NodeProto, [x, , training]: Tensors): Tensors | Kept {
    if (training && !training.data) return new Kept("training_mode is not constant");
    if (training?.data?.[0]) return new Kept("training mode is not supported");
    if (!x) return new Kept("it has no input");
    if (!node.output[1] || !this.isNeeded(node.output[1])) return [x];
    if (!x.typed) return new Kept("the shape of its input is unknown");
    // ONNX defines the mask since opset 12; before, ONNX Runtime gives zeros.
    if (this.model.opset < 10) return [x, fill(x, 0)];
    const kept = this.graph.constant(this.model.opset >= 12, "bool");
    return [x, expand(kept, x.shape)];
  }

  private constant(node: NodeProto): Tensors | undefined {
    const [attribute] = node.attribute;
    if (!attribute) return undefined;
    const [name] = node.output;
    if (attribute.t) {
      const { dtype, shape, data } = decodeTensor(attribute.t, this.model.external);
      return [this.graph.constant(data, dtype, shape, name)];
    }
    const { graph } = this;
    switch (attribute.name) {
      case "value_int":
        return [graph.constant(BigInt64Array.of(attribute.i), "int64", [], name)];
      case "value_ints":
        return [graph.constant(BigInt64Array.from(attribute.ints), "int64", undefined, name)];
      case "value_float":
        return [graph.constant(Float32Array.of(attribute.f), "float32", [], name)];
      case "value_floats":
        return [graph.constant(Float32Array.from(attribute.floats), "float32", undefined, name)];
      default:
        return undefined;
    }
  }

  /**
   * A batch normalisation with constant statistics right after a convolution with constant weights
   * becomes part of it, provided nobody else reads the convolution: w s / sqrt(var + eps), and the
   * rest into the bias. The gradient then has one operation less for every such layer, too.
   */
  private foldedBatchNormalization(
    node: NodeProto,
    inputs: readonly (Tensor | undefined)[],
  ): Tensor[] | undefined {
    const [x, ...statistics] = inputs;
    const source = node.input[0]!;
    const made = x && producedBy(x, Conv as OperatorDefinition<ConvAttributes>);
    if (!made || node.output.slice(1).some((name) => this.isNeeded(name))) return undefined;
    const shared =
      this.uses.get(source) !== 1 ||
      this.requested.includes(source) ||
      Object.hasOwn(this.bindings, source);
    const attributes = this.attributes(node);
    if (shared || !attributes || attributes.training_mode || attributes.spatial === 0) {
      return undefined;
    }
    const [, w, b] = made.inputs;
    const constants = [w, ...statistics];
    if (statistics.length !== 4 || !constants.every((t) => t?.data && t.dtype === "float32")) {
      return undefined;
    }
    if (b && !b.data) return undefined;
    const [scale, shift, mean, variance] = statistics.map((t) => toFloat64("float32", t!.data!));
    const channels = w!.shape[0]!;
    if ([scale, shift, mean, variance].some((values) => values!.length !== channels))
      return undefined;
    const { epsilon = 1e-5 } = attributes;
    const gain = scale!.map((s, c) => s / Math.sqrt(variance![c]! + (epsilon as number)));
    const taps = sizeOf(w!.shape.slice(1));
    const weights = Float32Array.from(
      w!.data as Float32Array,
      (v, i) => v * gain[Math.floor(i / taps)]!,
    );
    const bias = Float32Array.from(gain, (s, c) => {
      const before = b ? Number(b.data![c]) : 0;
      return shift![c]! + (before - mean![c]!) * s;
    });
    return [
      conv(
        made.input(0),
        this.graph.constant(weights, "float32", w!.shape, `${w!.name}/folded`),
        this.graph.constant(bias, "float32", [channels], `${w!.name}/folded_bias`),
        made.attributes,
      ),
    ];
  }

  /** Applies a supported operator; if its type, form or inputs are not, says why it is kept. */
  private known(node: NodeProto, inputs: Tensors): Tensors | Kept {
    const type = node.opType === "Scatter" ? "ScatterElements" : node.opType;
    const definition = domainOf(node) === ONNX_DOMAIN ? operatorNamed(type) : undefined;
    if (!definition) return new Kept("the operator is not supported here");
    const untyped = inputs.find((tensor) => tensor && !tensor.typed);
    if (untyped) return new Kept(`the shape of its input "${untyped.name}" is unknown`);
    const attributes = this.attributes(node);
    if (!attributes) return new Kept("it has an attribute that is not known here");
    try {
      const tensors = this.takeParameters(node, definition, [...inputs], attributes);
      if (tensors instanceof Kept) return tensors;
      const missing = definition.required?.find((name) => attributes[name] === undefined);
      if (missing) throw new GraphError(node.opType, nodeName(node), `${missing} is missing`);
      const outputs = this.graph.apply(
        definition,
        tensors,
        attributes as Attributes,
        nodeName(node),
      );
      const lacking = node.output.slice(outputs.length).find((name) => this.isNeeded(name));
      return lacking ? new Kept(`its output "${lacking}" is not known here`) : outputs;
    } catch (error) {
      if (error instanceof UnsupportedError) return new Kept(error.problem);
      if (error instanceof GraphError) throw error;
      const problem = `cannot be applied: ${error instanceof Error ? error.message : error}`;
      throw new GraphError(node.opType, nodeName(node), problem, [], { cause: error });
    }
  }

  private attributes(node: NodeProto): Record<string, AttributeValue> | undefined {
    const attributes = decodeAttributes(node, (attribute, into) => {
      this.tensorAttribute(attribute, into);
    });
    if (!attributes) return undefined;
    const { opset } = this.model;
    if (opset < 13 && (node.opType === "Softmax" || node.opType === "LogSoftmax")) {
      attributes.flatten = 1;
    }
    if (node.opType === "Split" && !attributes.split && !node.input[1]) {
      // Until opset 18 the number of outputs says it alone.
      attributes.num_outputs ??= node.output.length;
      if (attributes.num_outputs !== node.output.length) {
        const { num_outputs: claimed } = attributes;
        const problem = `num_outputs is ${claimed}, but it has ${node.output.length} outputs`;
        throw new GraphError(node.opType, nodeName(node), problem);
      }
    }
    return attributes;
  }

  /** ConstantOfShape's value: one element, whose dtype is the result's. */
  private tensorAttribute({ name, t }: AttributeProto, into: Record<string, AttributeValue>): void {
    const { dtype, data } = decodeTensor(t!, this.model.external);
    into.dtype = dtypeInfo(dtype).code;
    into[name] = [...toFloat64(dtype, data)];
  }

  /**
   * Moves constant inputs that are parameters into `attributes`; returns the tensors that remain.
   * Where such an input is not constant the shape is not static either, and the node is kept.
   */
  private takeParameters(
    node: NodeProto,
    definition: OperatorDefinition,
    inputs: (Tensor | undefined)[],
    attributes: Record<string, AttributeValue>,
  ): (Tensor | undefined)[] | Kept {
    const parameters = definition.parameters ?? [];
    for (const { attribute, input, scalar, dtype } of parameters) {
      const tensor = inputs[input];
      if (!tensor) continue;
      if (!tensor.data) return new Kept(`its ${attribute} is not constant`);
      if (!exactInFloat64(tensor.data)) return new Kept(`its ${attribute} is beyond 2^53`);
      const values = toFloat64(tensor.dtype, tensor.data);
      if (scalar && values.length !== 1) {
        throw new GraphError(node.opType, nodeName(node), `${attribute} must be a single number`);
      }
      attributes[attribute] = scalar ? values[0]! : [...values];
      // Generators have no tensor left to take their element type from.
      if (dtype === "like" && definition.defaults && "dtype" in definition.defaults) {
        attributes.dtype = dtypeInfo(tensor.dtype).code;
      }
    }
    const positions = new Set(parameters.map(({ input }) => input));
    const tensors = inputs.filter((_, i) => !positions.has(i));
    while (tensors.length > 0 && tensors.at(-1) === undefined) tensors.pop();
    return tensors;
  }

  /** Keeps the node as it is; its outputs have the types that the file or the caller declares. */
  private opaque(node: NodeProto, inputs: Tensors, reason: string): Tensors {
    const captured = [...new Set(subgraphsOf(node).flatMap((graph) => [...capturedNames(graph)]))];
    const versionOf = (domain: string) => this.model.domains.get(domain) ?? 1;
    return this.graph.opaque(
      new OpaqueOperator(node, captured, versionOf, reason),
      [...inputs, ...captured.map((name) => this.value(name))],
      node.output.map((name) => this.declaredType(name)),
      nodeName(node),
    );
  }

  private declaredType(name: string): TensorType | undefined {
    const { types = {} } = this.options;
    if (Object.hasOwn(types, name)) return types[name];
    const declared = this.trustDeclared ? this.model.declared.get(name) : undefined;
    if (!declared?.dtype || !declared.shape) return undefined;
    const shape = declared.shape.filter((dim) => typeof dim === "number");
    return shape.length === declared.shape.length ? { dtype: declared.dtype, shape } : undefined;
  }
}

/** Exporters may leave nodes unnamed; their first output then names them. */
function nodeName(node: NodeProto): string {
  return node.name || node.output[0] || node.opType;
}
