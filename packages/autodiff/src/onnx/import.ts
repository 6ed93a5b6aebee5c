/**
 * Applies a model read from an `.onnx` file inside a graph: its inputs are bound to tensors of the
 * graph, its weights become constants (shared between applications), and any of its values can be
 * taken out.
 */
import { dtypeInfo, toFloat64 } from "../graph/dtype.js";
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
import { fill } from "../operators/broadcasting.js";
import { Conv, type ConvAttributes, conv } from "../operators/convolution.js";
import { operatorNamed } from "../operators/registry.js";
import { decodeAttribute } from "./attributes.js";
import type { AttributeProto, NodeProto } from "./onnx_pb.js";
import { capturedNames, OpaqueOperator, subgraphsOf } from "./opaque.js";
import { namesRead, type OnnxModel, type ValueDeclaration } from "./read.js";
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
      const input = declared.get(name);
      if (tensor.graph !== this.graph) {
        throw new GraphError("importModel", name, "is bound to a tensor of another graph");
      }
      if (!input && !this.model.initializers.has(name)) {
        const names = [...declared.keys()].join(", ");
        throw new GraphError("importModel", name, `the model has no such input; it has ${names}`);
      }
      if (input) {
        this.checkBinding(input, tensor);
        exact &&= input.shape?.every((dim, i) => dim === tensor.shape[i]) ?? false;
      }
      this.values.set(name, tensor);
    }
    return exact;
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
    const outputs =
      this.special(node, inputs) ?? this.known(node, inputs) ?? this.opaque(node, inputs);
    node.output.forEach((name, i) => {
      const output = outputs[i];
      if (name !== "" && output && !this.values.has(name)) this.values.set(name, output);
    });
  }

  /** Nodes that are not applications of an operator, or are better imported as another one. */
  private special(
    node: NodeProto,
    inputs: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[] | undefined {
    if (node.domain !== "" && node.domain !== "ai.onnx") return undefined;
    const [x, ...rest] = inputs;
    switch (node.opType) {
      case "Constant":
        return this.constant(node);
      case "Dropout":
        // Inference: the identity. A model exported in training mode says so by its third input.
        if (!x?.typed || rest[1]?.data?.[0]) return undefined;
        return [x, fill(this.graph.constant(1, "bool"), 1, x.shape)];
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

  private constant(node: NodeProto): Tensor[] | undefined {
    const [attribute] = node.attribute;
    if (!attribute) return undefined;
    if (attribute.t) {
      const { dtype, shape, data } = decodeTensor(attribute.t, this.model.external);
      return [this.graph.constant(data, dtype, shape, node.output[0])];
    }
    const value = decodeAttribute(attribute);
    const dtype = attribute.name.startsWith("value_int") ? "int64" : "float32";
    if (typeof value === "number") return [this.graph.constant(value, dtype)];
    if (Array.isArray(value) && typeof value[0] !== "string") {
      return [this.graph.constant(value as number[], dtype)];
    }
    return undefined;
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
    const shared = this.uses.get(source) !== 1 || this.requested.includes(source);
    if (!made || shared || node.output.slice(1).some((name) => name !== "")) return undefined;
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
    const epsilonAttribute = node.attribute.find(({ name }) => name === "epsilon");
    const epsilon = epsilonAttribute ? epsilonAttribute.f : 1e-5;
    const gain = scale!.map((s, c) => s / Math.sqrt(variance![c]! + epsilon));
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

  /** Applies a supported operator; undefined if its type, its form or its inputs are not supported. */
  private known(
    node: NodeProto,
    inputs: readonly (Tensor | undefined)[],
  ): readonly Tensor[] | undefined {
    if (node.domain !== "" && node.domain !== "ai.onnx") return undefined;
    const definition = operatorNamed(node.opType === "Scatter" ? "ScatterElements" : node.opType);
    if (!definition || inputs.some((tensor) => tensor && !tensor.typed)) return undefined;
    const attributes = this.attributes(node);
    const tensors = attributes && this.takeParameters(node, definition, [...inputs], attributes);
    if (!tensors) return undefined;
    try {
      return this.graph.apply(definition, tensors, attributes as Attributes, nodeName(node));
    } catch (error) {
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
  }

  private attributes(node: NodeProto): Record<string, AttributeValue> | undefined {
    const attributes: Record<string, AttributeValue> = {};
    for (const attribute of node.attribute) {
      const value = decodeAttribute(attribute) ?? this.tensorAttribute(attribute, attributes);
      if (value === undefined) return undefined;
      attributes[attribute.name] = value;
    }
    const beforeAxisSoftmax = this.model.opset < 13;
    if (beforeAxisSoftmax && (node.opType === "Softmax" || node.opType === "LogSoftmax")) {
      attributes.flatten = 1;
    }
    return attributes;
  }

  /** ConstantOfShape's value: one element, whose dtype is the result's. */
  private tensorAttribute(
    { t }: AttributeProto,
    attributes: Record<string, AttributeValue>,
  ): AttributeValue | undefined {
    if (!t) return undefined;
    const { dtype, data } = decodeTensor(t, this.model.external);
    attributes.dtype = t.dataType;
    return [...toFloat64(dtype, data)];
  }

  /**
   * Moves constant inputs that are parameters into `attributes`; returns the tensors that remain,
   * or undefined when such an input is not constant (then the shape is not static either).
   */
  private takeParameters(
    node: NodeProto,
    definition: OperatorDefinition,
    inputs: (Tensor | undefined)[],
    attributes: Record<string, AttributeValue>,
  ): (Tensor | undefined)[] | undefined {
    const parameters = definition.parameters ?? [];
    for (const { attribute, input, scalar, dtype } of parameters) {
      const tensor = inputs[input];
      if (!tensor) continue;
      if (!tensor.data) return undefined;
      const values = toFloat64(tensor.dtype, tensor.data);
      if (scalar && values.length !== 1) {
        throw new GraphError(node.opType, node.name, `${attribute} must be a single number`);
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
  private opaque(node: NodeProto, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] {
    const captured = [...new Set(subgraphsOf(node).flatMap((graph) => [...capturedNames(graph)]))];
    const { domain } = node;
    const opset =
      domain === "" || domain === "ai.onnx"
        ? this.model.opset
        : (this.model.domains.get(domain) ?? 1);
    return this.graph.opaque(
      new OpaqueOperator(node, captured, opset),
      [...inputs, ...captured.map((name) => this.value(name))],
      node.output.map((name) => this.declaredType(name)),
      nodeName(node),
    );
  }

  private declaredType(name: string): TensorType | undefined {
    const given = this.options.types?.[name];
    if (given) return given;
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
