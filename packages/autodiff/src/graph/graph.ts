/**
 * The graph under construction: it makes tensors, gives them names, infers their shapes, folds
 * constants and merges common subexpressions.
 *
 * Merging is by hash-consing: a node is looked up by operator, attributes and inputs before it is
 * made, so asking twice for the same value gives the same tensor. Nodes are held weakly; those that
 * no reachable tensor needs are forgotten, and only ancestors of what is compiled are ever written.
 */
import {
  allocate,
  bytesOf,
  type DType,
  dtypeInfo,
  exactInFloat64,
  fromFloat64,
  holds,
  type TypedArray,
  toFloat64,
  widenFloat16,
} from "./dtype.js";
import { GraphError } from "./errors.js";
import { GraphNode } from "./node.js";
import type { Attributes, AttributeValue, OperatorDefinition, TensorType } from "./operator.js";
import { formatShape, isStaticShape, type Shape, sizeOf } from "./shape.js";
import { Tensor } from "./tensor.js";

/** Constants up to this many elements are folded through any operator. */
const SMALL_CONSTANT = 1 << 16;
/** Elements that folding may add to a graph, besides twice those it was given. */
const FOLDED_ELEMENTS = 1 << 22;

export type ConstantValue = number | boolean | TypedArray | readonly number[];

export class Graph {
  private nextId = 0;
  private readonly names = new Map<string, number>();
  private readonly interned = new Map<string, WeakRef<GraphNode>>();
  private readonly constantsByContent = new Map<string, WeakRef<Tensor>[]>();
  private readonly constantsByArray = new WeakMap<TypedArray, Map<string, Tensor>>();
  private scopes: readonly string[] = [];
  /** Elements that folding may still make: small files must not fold to gigabytes. */
  private foldable = FOLDED_ELEMENTS;

  /** A value fed at every run. */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    if (!isStaticShape(shape)) {
      throw new GraphError("input", name, `${formatShape(shape)} is not a static shape`);
    }
    return this.tensor(this.uniqueName(name), { dtype, shape }, undefined, 0, undefined);
  }

  /**
   * A constant. A number fills `shape` (default: a scalar); an array must have as many elements.
   * Equal constants are one tensor, so that a network applied twice shares its weights.
   */
  constant(value: ConstantValue, dtype: DType = "float32", shape?: Shape, name?: string): Tensor {
    const data = toTypedArray(value, dtype, shape);
    const dims = shape ?? (typeof value === "object" ? [data.length] : []);
    if (sizeOf(dims) !== data.length) {
      throw new GraphError(
        "constant",
        name,
        `${data.length} elements do not fill the shape ${formatShape(dims)}`,
      );
    }
    if (data === value) this.foldable += 2 * data.length;
    return this.constantOf(data, dtype, dims, name);
  }

  private constantOf(data: TypedArray, dtype: DType, dims: Shape, name?: string): Tensor {
    const type = `${dtype}${formatShape(dims)}`;
    const known = this.constantsByArray.get(data)?.get(type);
    if (known) return known;
    const key = `${type}${hash(data)}`;
    const twins = this.constantsByContent.get(key) ?? [];
    for (const twin of twins) {
      const tensor = twin.deref();
      if (tensor?.data && equalContent(tensor.data, data)) return tensor;
    }
    const base = name ?? (data.length === 1 ? `constant_${String(data[0])}` : "constant");
    const tensor = this.tensor(
      this.uniqueName(base),
      { dtype, shape: [...dims] },
      undefined,
      0,
      data,
    );
    this.constantsByContent.set(key, [...twins, new WeakRef(tensor)]);
    const byType = this.constantsByArray.get(data) ?? new Map<string, Tensor>();
    this.constantsByArray.set(data, byType.set(type, tensor));
    return tensor;
  }

  /** Nodes made inside `build` get names under `scope/`; "" adds nothing. */
  scope<T>(scope: string, build: () => T): T {
    if (scope === "") return build();
    const outer = this.scopes;
    this.scopes = [...outer, scope];
    try {
      return build();
    } finally {
      this.scopes = outer;
    }
  }

  /** Applies an operator and returns all its outputs. Operator functions call this. */
  apply<A extends Attributes>(
    definition: OperatorDefinition<A>,
    inputs: readonly (Tensor | undefined)[],
    attributes: A,
    name?: string,
  ): readonly Tensor[] {
    const operands = definition.commutative ? sortById(inputs) : inputs;
    this.checkOperands(definition, operands, name);
    const key = internKey(definition, operands, attributes);
    const twin = this.interned.get(key)?.deref();
    if (twin) return twin.outputs;
    const node = new GraphNode(
      this,
      definition,
      this.uniqueName(name ?? definition.type),
      operands,
      { ...definition.defaults, ...attributes },
    );
    const types = this.typesOf(node);
    node.outputs = types.map((type, index) =>
      this.tensor(
        index === 0 ? node.name : `${node.name}:${index}`,
        type,
        node as unknown as GraphNode,
        index,
        undefined,
      ),
    );
    const outputs = definition.simplify?.(node) ?? this.fold(node) ?? node.outputs;
    if (outputs !== node.outputs) node.outputs = outputs;
    this.interned.set(key, new WeakRef(node as unknown as GraphNode));
    return outputs;
  }

  /**
   * A node of an operator this library does not know: it is written out as it was read.
   * `types[i]` is undefined where nothing declares the type of output i.
   */
  opaque(
    definition: OperatorDefinition,
    inputs: readonly (Tensor | undefined)[],
    types: readonly (TensorType | undefined)[],
    name: string,
  ): readonly Tensor[] {
    const node = new GraphNode(this, definition, this.uniqueName(name), inputs, {});
    node.outputs = types.map((type, index) =>
      this.tensor(this.uniqueName(`${node.name}:${index}`), type, node, index, undefined),
    );
    return node.outputs;
  }

  private typesOf<A extends Attributes>(node: GraphNode<A>): TensorType[] {
    try {
      const types = node.definition.infer(node);
      for (const { shape } of types) {
        if (!isStaticShape(shape)) {
          node.fail(`an output of shape ${formatShape(shape)} is impossible`);
        }
      }
      return types;
    } catch (error) {
      this.names.delete(node.name); // free for the node that the importer keeps instead
      throw error;
    }
  }

  /** The outputs as constants when every input is one and the work is small. */
  private fold<A extends Attributes>(node: GraphNode<A>): readonly Tensor[] | undefined {
    const { definition, inputs, outputs } = node;
    const given = new Set(inputs.filter((tensor) => tensor !== undefined));
    if (!definition.evaluate || given.size === 0) return undefined;
    for (const { data } of given) if (!data) return undefined;
    const sizes = (tensors: Iterable<Tensor>) => [...tensors].map(({ size }) => size);
    const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    const made = total(sizes(outputs));
    const small = [...sizes(given), ...sizes(outputs)].every((size) => size <= SMALL_CONSTANT);
    if (!small && !(definition.movesData && made <= total(sizes(given)))) return undefined;
    if (made > this.foldable) return undefined;
    for (const { data } of given) if (!exactInFloat64(data!)) return undefined;
    const values = inputs.map((tensor) => {
      if (!tensor) return new Float64Array(0);
      // What only moves data does not need float64: weights are large.
      const { dtype, data } = tensor;
      const moved = definition.movesData ? asFloat32(dtype, data!) : undefined;
      return (moved as unknown as Float64Array | undefined) ?? toFloat64(dtype, data!);
    });
    const results = definition.evaluate(node, values);
    const inexact = outputs.some(
      ({ dtype }, i) =>
        dtypeInfo(dtype).kind === "integer" &&
        !definition.movesData &&
        results[i]!.some((value) => Math.abs(value) > Number.MAX_SAFE_INTEGER),
    );
    if (inexact) return undefined;
    return results.map((value, i) => {
      const { dtype, shape } = outputs[i]!;
      // An operator that returns what it was given shares the constant's elements.
      const source = inputs[values.indexOf(value)];
      if (source?.dtype === dtype) return this.constantOf(source.data!, dtype, shape, node.name);
      this.foldable -= value.length;
      const data: TypedArray = value;
      const kept = holds(dtype, data) ? data : fromFloat64(dtype, value);
      return this.constantOf(kept, dtype, shape, node.name);
    });
  }

  private tensor(
    name: string,
    type: TensorType | undefined,
    producer: GraphNode | undefined,
    index: number,
    data: TypedArray | undefined,
  ): Tensor {
    return new Tensor(this, this.nextId++, name, type?.dtype, type?.shape, producer, index, data);
  }

  private uniqueName(base: string): string {
    const scoped = [...this.scopes, base].join("/");
    let name = scoped;
    for (let n = this.names.get(scoped) ?? 0; this.names.has(name); n++) {
      name = `${scoped}_${n + 1}`;
      this.names.set(scoped, n + 1);
    }
    this.names.set(name, 0);
    return name;
  }

  private checkOperands(
    definition: { readonly type: string; readonly arity: readonly [number, number] },
    inputs: readonly (Tensor | undefined)[],
    name: string | undefined,
  ): void {
    const [fewest, most] = definition.arity;
    if (inputs.length < fewest || inputs.length > most) {
      const expected = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
      throw new GraphError(
        definition.type,
        name,
        `takes ${expected} inputs, not ${inputs.length}`,
        inputs.map((tensor) => tensor?.knownShape ?? null),
      );
    }
    for (const tensor of inputs) {
      if (tensor && tensor.graph !== this) {
        throw new GraphError(definition.type, name, `"${tensor.name}" belongs to another graph`);
      }
    }
  }
}

function sortById(inputs: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  return [...inputs].sort((a, b) => (a?.id ?? -1) - (b?.id ?? -1));
}

function internKey<A extends Attributes>(
  definition: OperatorDefinition<A>,
  inputs: readonly (Tensor | undefined)[],
  attributes: A,
): string {
  const ids = inputs.map((tensor) => tensor?.id ?? "-").join(",");
  const sorted = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encoded(value!)}`);
  return `${definition.type}(${ids})${sorted.join(";")}`;
}

/** JSON, but with NaN and the infinities apart. */
function encoded(value: AttributeValue): string {
  if (typeof value === "object") return `[${value.map(encoded).join()}]`;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function toTypedArray(value: ConstantValue, dtype: DType, shape: Shape | undefined): TypedArray {
  if (typeof value === "object") {
    if (holds(dtype, value)) return value;
    if (Array.isArray(value)) return fromFloat64(dtype, value);
    throw new GraphError(
      "constant",
      undefined,
      `${value.constructor.name} does not hold ${dtype}; pass ${dtypeInfo(dtype).array.name}`,
    );
  }
  const [element] = fromFloat64(dtype, [Number(value)]);
  const data = allocate(dtype, sizeOf(shape ?? []));
  return (data as Float64Array).fill(element as number) as TypedArray;
}

/** Words of a large constant that its hash reads: most of its memory is then not touched. */
const HASHED_WORDS = 1 << 12;

/**
 * FNV-1a over 32-bit words where alignment allows, of large arrays over a sample. Only candidates
 * for equality: they are compared in full afterwards.
 */
function hash(data: TypedArray): number {
  const words =
    data.byteOffset % 4 === 0 && data.byteLength % 4 === 0
      ? new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
      : bytesOf(data);
  const step = Math.max(1, Math.floor(words.length / HASHED_WORDS));
  let h = 0x811c9dc5;
  for (let i = 0; i < words.length; i += step) h = Math.imul(h ^ words[i]!, 0x01000193);
  return h >>> 0;
}

const NARROW_INTEGERS: ReadonlySet<DType> = new Set(["int8", "uint8", "int16", "uint16"]);

/** Elements that float32 holds exactly, as such; undefined for other types. */
function asFloat32(dtype: DType, data: TypedArray): Float32Array | undefined {
  if (dtype === "float16") return widenFloat16(data as Uint16Array);
  if (NARROW_INTEGERS.has(dtype)) return new Float32Array(data as Int8Array);
  return data instanceof Float32Array ? data : undefined;
}

function equalContent(a: TypedArray, b: TypedArray): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const left = bytesOf(a);
  const right = bytesOf(b);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}
