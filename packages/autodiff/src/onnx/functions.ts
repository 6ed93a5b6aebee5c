/**
 * Model-local functions (ONNX FunctionProto) put in place of the nodes that call them, so that the
 * importer meets only operators.
 */
import { clone } from "@bufbuild/protobuf";
import { GraphError } from "../graph/errors.js";
import {
  AttributeProtoSchema,
  type FunctionProto,
  type NodeProto,
  NodeProtoSchema,
} from "./onnx_pb.js";

/** Functions may call functions; a chain longer than this is a recursion. */
const DEEPEST_CALL = 32;
/** Nested calls multiply; a file that grows beyond this is an attack. */
const MOST_NODES = 1 << 20;

/** @throws GraphError when functions call themselves or expand beyond a million nodes. */
export function inlineFunctions(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
): NodeProto[] {
  const byName = new Map(functions.map((f) => [`${f.domain}:${f.name}`, f]));
  const inlined: NodeProto[] = [];
  const visit = (node: NodeProto, depth: number) => {
    const body = byName.get(`${node.domain}:${node.opType}`);
    if (!body) inlined.push(node);
    else if (depth >= DEEPEST_CALL) {
      throw new GraphError(node.opType, node.name, "this function calls itself");
    } else {
      const prefix = node.name || node.output[0] || node.opType;
      for (const inner of expandCall(node, body, prefix)) visit(inner, depth + 1);
    }
    if (inlined.length > MOST_NODES) {
      throw new GraphError(node.opType, node.name, `functions expand to over ${MOST_NODES} nodes`);
    }
  };
  for (const node of nodes) visit(node, 0);
  return inlined;
}

function expandCall(call: NodeProto, body: FunctionProto, prefix: string): NodeProto[] {
  const outer = new Map<string, string>();
  body.input.forEach((name, i) => {
    outer.set(name, call.input[i] ?? "");
  });
  body.output.forEach((name, i) => {
    if (call.output[i]) outer.set(name, call.output[i]);
  });
  const rename = (name: string) => (name === "" ? "" : (outer.get(name) ?? `${prefix}/${name}`));
  const given = new Map(call.attribute.map((attribute) => [attribute.name, attribute]));
  return body.node.map((node) => {
    const copy = clone(NodeProtoSchema, node);
    copy.name = `${prefix}/${node.name || node.opType}`;
    copy.input = node.input.map(rename);
    copy.output = node.output.map(rename);
    copy.attribute = copy.attribute.flatMap((attribute) => {
      if (attribute.refAttrName === "") return [attribute];
      const value = given.get(attribute.refAttrName);
      if (!value) return [];
      const bound = clone(AttributeProtoSchema, value);
      bound.name = attribute.name;
      return [bound];
    });
    return copy;
  });
}
