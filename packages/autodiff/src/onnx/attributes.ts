/**
 * ONNX attributes to and from plain values.
 *
 * Operators here trust the types of their attributes, so a file's are checked once, on the way in.
 * ONNX gives an attribute of one name the same type in every operator, so one table by name does.
 */
import { create } from "@bufbuild/protobuf";
import { GraphError } from "../graph/errors.js";
import type { AttributeValue } from "../graph/operator.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  AttributeProto_AttributeType as Type,
} from "./onnx_pb.js";

/** Every attribute of the supported operators, by the type ONNX stores it as. */
const NAMES = new Map([
  [
    Type.INT,
    `align_corners allowzero antialias axis batch_dims blocksize ceil_mode count_include_pad dtype
    end exclude_outside exclusive group k keepdims largest noop_with_empty_axes num_groups
    num_outputs p reverse select_last_index sorted spatial start stash_type storage_order to
    training_mode transA transB upper`,
  ],
  [Type.FLOAT, "alpha beta cubic_coeff_a epsilon extrapolation_value gamma max min momentum value"],
  [
    Type.STRING,
    `approximate auto_pad coordinate_transformation_mode equation keep_aspect_ratio_policy mode
    nearest_mode padding_mode reduction`,
  ],
  [
    Type.INTS,
    `axes dilations ends kernel_shape output_padding output_shape pads perm shape split starts
    strides`,
  ],
  [Type.FLOATS, "scales"],
]);

const TYPES = new Map(
  [...NAMES].flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type])),
);

/** Attributes without meaning for the element types supported here (float8 alone has it). */
const IGNORED = new Set(["saturate"]);

const WORDS: Partial<Record<Type, string>> = {
  [Type.FLOAT]: "a float",
  [Type.INT]: "an integer",
  [Type.STRING]: "a string",
  [Type.TENSOR]: "a tensor",
  [Type.GRAPH]: "a graph",
  [Type.FLOATS]: "a list of floats",
  [Type.INTS]: "a list of integers",
  [Type.STRINGS]: "a list of strings",
};

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function encodeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: utf8.encode(value) });
  }
  if (typeof value === "number") {
    return TYPES.get(name) === Type.FLOAT
      ? create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value })
      : create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  }
  if (typeof value[0] === "string") {
    const strings = (value as readonly string[]).map((s) => utf8.encode(s));
    return create(AttributeProtoSchema, { name, type: Type.STRINGS, strings });
  }
  const ints = (value as readonly number[]).map((v) => BigInt(v));
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints });
}

/** A number, string or list; undefined for tensors, graphs and types, which callers handle. */
export function decodeAttribute(attribute: AttributeProto): AttributeValue | undefined {
  switch (attributeType(attribute)) {
    case Type.FLOAT:
      return attribute.f;
    case Type.INT:
      return Number(attribute.i);
    case Type.STRING:
      return text.decode(attribute.s);
    case Type.FLOATS:
      return attribute.floats;
    case Type.INTS:
      return attribute.ints.map(Number);
    case Type.STRINGS:
      return attribute.strings.map((s) => text.decode(s));
    default:
      return undefined;
  }
}

/**
 * The attributes of a supported operator; tensors are left to `tensor`. Undefined when one is not
 * known here: the operator is then of a newer or older kind than this library's.
 *
 * @throws GraphError when an attribute is not of the type that ONNX gives it.
 */
export function decodeAttributes(
  node: NodeProto,
  tensor: (attribute: AttributeProto, into: Record<string, AttributeValue>) => void,
): Record<string, AttributeValue> | undefined {
  const values: Record<string, AttributeValue> = {};
  for (const attribute of node.attribute) {
    const { name, t } = attribute;
    if (IGNORED.has(name)) continue;
    const expected = TYPES.get(name);
    if (expected === undefined) return undefined;
    // ConstantOfShape's value is a tensor, Pad's a float.
    const given = attributeType(attribute) || expected;
    if (name === "value" && t) tensor(attribute, values);
    else if (given === expected) values[name] = decodeAttribute(attribute)!;
    else {
      const [is, should] = [given, expected].map((type) => WORDS[type] ?? `of type ${type}`);
      throw new GraphError(node.opType, node.name, `attribute "${name}" is ${is}, not ${should}`);
    }
  }
  return values;
}

/** The declared type, or for old files that leave it out, the one field that is set. */
function attributeType(attribute: AttributeProto): Type {
  if (attribute.type !== Type.UNDEFINED) return attribute.type;
  if (attribute.ints.length > 0) return Type.INTS;
  if (attribute.floats.length > 0) return Type.FLOATS;
  if (attribute.strings.length > 0) return Type.STRINGS;
  if (attribute.s.length > 0) return Type.STRING;
  if (attribute.f !== 0) return Type.FLOAT;
  if (attribute.t) return Type.TENSOR;
  return attribute.g ? Type.GRAPH : (TYPES.get(attribute.name) ?? Type.INT);
}
