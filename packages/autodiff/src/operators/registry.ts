/** Every operator by its ONNX name, for the importer. */
import type { OperatorDefinition } from "../graph/operator.js";
import * as activation from "./activation.js";
import * as arithmetic from "./arithmetic.js";
import * as blocks from "./blocks.js";
import * as broadcasting from "./broadcasting.js";
import * as convolution from "./convolution.js";
import * as cumulative from "./cumulative.js";
import * as einsum from "./einsum.js";
import * as elementary from "./elementary.js";
import * as generators from "./generators.js";
import * as gridsample from "./gridsample.js";
import * as indexing from "./indexing.js";
import * as layout from "./layout.js";
import * as matmul from "./matmul.js";
import * as normalisation from "./normalisation.js";
import * as pooling from "./pooling.js";
import * as reduction from "./reduction.js";
import * as resize from "./resize.js";
import * as selection from "./selection.js";
import * as slicing from "./slicing.js";

const FAMILIES: readonly object[] = [
  activation,
  arithmetic,
  blocks,
  broadcasting,
  convolution,
  cumulative,
  einsum,
  elementary,
  generators,
  gridsample,
  indexing,
  layout,
  matmul,
  normalisation,
  pooling,
  reduction,
  resize,
  selection,
  slicing,
];

function isDefinition(value: unknown): value is OperatorDefinition {
  return typeof value === "object" && value !== null && "infer" in value && "arity" in value;
}

const DEFINITIONS = new Map<string, OperatorDefinition>();
for (const family of FAMILIES) {
  for (const value of Object.values(family)) {
    if (isDefinition(value) && !value.virtual) DEFINITIONS.set(value.type, value);
  }
}

/** The definition of an operator of ONNX's own domain, or undefined if it is not supported. */
export function operatorNamed(type: string): OperatorDefinition | undefined {
  return DEFINITIONS.get(type);
}

/** ONNX names of the supported operators, sorted. */
export function supportedOperators(): string[] {
  return [...DEFINITIONS.keys()].sort();
}
