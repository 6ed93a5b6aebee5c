/** ONNX attributes to and from plain values. */
import { create } from "@bufbuild/protobuf";
import type { AttributeValue } from "../graph/operator.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Type,
} from "./onnx_pb.js";

/** Attributes that ONNX stores as floats; every other number is an integer. */
const FLOATS = new Set([
  "alpha",
  "beta",
  "gamma",
  "epsilon",
  "momentum",
  "cubic_coeff_a",
  "min",
  "max",
]);

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function encodeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: utf8.encode(value) });
  }
  if (typeof value === "number") {
    return FLOATS.has(name)
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

/** The declared type, or for old files that leave it out, the one field that is set. */
function attributeType(attribute: AttributeProto): Type {
  if (attribute.type !== Type.UNDEFINED) return attribute.type;
  if (attribute.ints.length > 0) return Type.INTS;
  if (attribute.floats.length > 0) return Type.FLOATS;
  if (attribute.strings.length > 0) return Type.STRINGS;
  if (attribute.s.length > 0) return Type.STRING;
  if (attribute.f !== 0) return Type.FLOAT;
  return attribute.t || attribute.g ? Type.UNDEFINED : Type.INT;
}
