/**
 * A node that was kept as it was read belongs to the opset of its model; a file has one opset for
 * all its nodes. Here the node is brought to that of the file.
 *
 * Most changes between opsets moved attributes to inputs, which the operators' definitions know
 * (`parameters`). The others that matter are listed below; what is in neither place kept its form.
 */
import { create } from "@bufbuild/protobuf";
import type { DType } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import type { ConstantParameter } from "../graph/operator.js";
import { operatorNamed } from "../operators/registry.js";
import { decodeAttribute, encodeAttribute } from "./attributes.js";
import { type AttributeProto, type NodeProto, NodeProtoSchema } from "./onnx_pb.js";
import { domainOf, ONNX_DOMAIN } from "./opaque.js";
import { mapNodes, mapSubgraphs, withAttributes } from "./subgraph.js";

/** Where a node comes from and goes to. */
export interface Move {
  readonly from: number;
  readonly to: number;
  /** The name of a constant in the file. */
  readonly constant: (
    values: readonly number[],
    dtype: DType,
    shape: readonly number[],
    name: string,
  ) => string;
  /** Element type of the node's first input, for constants that must share it. */
  readonly dtype: DType;
}

/**
 * The node in the form of opset `to`; several nodes where one no longer does.
 *
 * @throws GraphError when there is no such form.
 */
export function modernised(node: NodeProto, move: Move): NodeProto[] {
  // Nothing is known of the types in subgraphs; bounds and fill values there are floats.
  const inner = (each: NodeProto) => modernised(each, { ...move, dtype: "float32" });
  const attributes = mapSubgraphs(node.attribute, (graph) => mapNodes(graph, inner));
  const current = withAttributes(node, attributes);
  if (move.from >= move.to || domainOf(node) !== ONNX_DOMAIN) return [current];
  const change = CHANGES.get(node.opType);
  const applies = change && move.from < change.opset && move.to >= change.opset;
  const nodes = applies ? change.apply(current, move) : [current];
  return nodes.map((each) => withParametersAsInputs(each, move));
}

function withParametersAsInputs(node: NodeProto, move: Move): NodeProto {
  const input = [...node.input];
  let { attribute } = node;
  for (const parameter of operatorNamed(node.opType)?.parameters ?? []) {
    const { sinceOpset = 0, attribute: name, input: at } = parameter;
    const given = attribute.find((each) => each.name === name);
    if (!given || sinceOpset <= move.from || sinceOpset > move.to) continue;
    attribute = attribute.filter((each) => each !== given);
    while (input.length <= at) input.push("");
    input[at] = constantOf(given, parameter, move);
  }
  return withAttributes(node, attribute, { input });
}

function constantOf(
  attribute: AttributeProto,
  { dtype, scalar }: ConstantParameter,
  { constant, dtype: like }: Move,
): string {
  const value = decodeAttribute(attribute);
  const values = (Array.isArray(value) ? value : [value]) as number[];
  const shape = scalar ? [] : [values.length];
  return constant(values, dtype === "like" ? like : dtype, shape, attribute.name);
}

interface Change {
  /** The opset that brought it. */
  readonly opset: number;
  readonly apply: (node: NodeProto, move: Move) => NodeProto[];
}

const without = (node: NodeProto, name: string) =>
  withAttributes(
    node,
    node.attribute.filter((attribute) => attribute.name !== name),
  );

/** Before opset 13 these ran over all axes from `axis` on, by default from the second. */
const overFlattened: Change = {
  opset: 13,
  apply(node) {
    const [x = ""] = node.input;
    const [y = ""] = node.output;
    const own = (part: string) => `${node.name}/${part}`;
    const axis = node.attribute.find(({ name }) => name === "axis");
    const make = (opType: string, input: string[], output: string, attribute: AttributeProto[]) =>
      create(NodeProtoSchema, { opType, name: own(output), input, output: [output], attribute });
    return [
      make("Flatten", [x], own("flat"), axis ? [axis] : []),
      make(node.opType, [own("flat")], own("normalised"), [encodeAttribute("axis", 1)]),
      make("Shape", [x], own("shape"), []),
      make("Reshape", [own("normalised"), own("shape")], y, []),
    ];
  },
};

function refused(opset: number): Change {
  return {
    opset,
    apply(node, { from, to }) {
      const problem = `this form of opset ${from} has none in opset ${to} that equals it`;
      throw new GraphError(node.opType, node.name, problem);
    },
  };
}

const CHANGES: ReadonlyMap<string, Change> = new Map(
  Object.entries<Change>({
    Dropout: { opset: 12, apply: (node) => [without(node, "ratio")] },
    GridSample: {
      opset: 20,
      apply(node) {
        const mode = node.attribute.find(({ name }) => name === "mode");
        const value = mode && decodeAttribute(mode);
        const named = value === "bilinear" ? "linear" : value === "bicubic" ? "cubic" : undefined;
        if (!named) return [node];
        const { attribute } = without(node, "mode");
        return [withAttributes(node, [...attribute, encodeAttribute("mode", named)])];
      },
    },
    GroupNormalization: refused(21),
    Hardmax: overFlattened,
    LogSoftmax: overFlattened,
    Resize: refused(11),
    RoiAlign: {
      opset: 16,
      apply(node) {
        const mode = encodeAttribute("coordinate_transformation_mode", "output_half_pixel");
        return [withAttributes(node, [...node.attribute, mode])];
      },
    },
    Scan: refused(9),
    Scatter: {
      opset: 11,
      apply: (node) => [withAttributes(node, node.attribute, { opType: "ScatterElements" })],
    },
    Softmax: overFlattened,
    Split: {
      opset: 18,
      apply(node) {
        const given = node.input.length > 1 || node.attribute.some(({ name }) => name === "split");
        const count = encodeAttribute("num_outputs", node.output.length);
        return [given ? node : withAttributes(node, [...node.attribute, count])];
      },
    },
    Upsample: {
      opset: 10,
      apply(node, move) {
        const [x = "", given] = node.input;
        const attribute = node.attribute.find(({ name }) => name === "scales");
        const parameter = { attribute: "scales", input: 2, dtype: "float32" } as const;
        const scales = given ?? (attribute ? constantOf(attribute, parameter, move) : "");
        return [
          withAttributes(
            node,
            [
              ...without(node, "scales").attribute,
              encodeAttribute("coordinate_transformation_mode", "asymmetric"),
              encodeAttribute("nearest_mode", "floor"),
            ],
            { opType: "Resize", input: [x, "", scales] },
          ),
        ];
      },
    },
  }),
);
