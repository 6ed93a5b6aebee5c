/**
 * Files that are damaged or meant to do harm. Each must import, or end in a GraphError with a
 * sentence: never in another error, a crash, or an allocation that the size of the file does not
 * justify.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphError } from "../../src/graph/errors.js";
import { Graph } from "../../src/graph/graph.js";
import { isStaticShape } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { encodeAttribute } from "../../src/onnx/attributes.js";
import { importModel } from "../../src/onnx/import.js";
import {
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
} from "../../src/onnx/onnx_pb.js";
import { type OnnxModel, readModel } from "../../src/onnx/read.js";
import { readModelFile } from "../../src/onnx/read-file.node.js";
import { writeModel } from "../../src/onnx/write.js";
import { operatorNamed, supportedOperators } from "../../src/operators/registry.js";
import {
  type AttributeInit,
  float,
  floats,
  graph,
  int,
  ints,
  type ModelInit,
  modelBytes,
  node,
  reference,
  tensor,
  text,
  weight,
} from "./models.js";
import { sampleOf } from "./samples.js";

const MEBIBYTE = 2 ** 20;
/** What a small file may make the process allocate, and what the collector leaves lying. */
const MOST_BYTES = 64 * MEBIBYTE;
const SLACK = 48 * MEBIBYTE;
const MOST_SECONDS = 5;

/** Reads, imports and writes; open dimensions are two. */
function importAndWrite(model: OnnxModel): void {
  const own = new Graph();
  const inputs = Object.fromEntries(
    model.inputs.flatMap(({ name, dtype = "float32", shape = [] }): [string, Tensor][] => {
      const sizes = shape.map((dim) => (typeof dim === "number" ? dim : 2));
      return isStaticShape(sizes) ? [[name, own.input(name, dtype, sizes)]] : [];
    }),
  );
  const outputs = importModel(model, own, inputs);
  writeModel({ inputs, outputs });
}

/** The error the bytes end in; undefined when they import. Fails on any other kind of error. */
function outcome(action: () => unknown): GraphError | undefined {
  const before = process.memoryUsage().rss;
  const highest = process.resourceUsage().maxRSS * 1024;
  const start = performance.now();
  try {
    action();
    return undefined;
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    expect(error.message).toMatch(/^\S.*: .*\S/s);
    expect(error.message).not.toMatch(/undefined|\[object|NaN elements/);
    return error;
  } finally {
    // The peak, if it is new.
    const peak = process.resourceUsage().maxRSS * 1024;
    if (peak > highest && peak - before > MOST_BYTES + SLACK) {
      expect.fail(`took ${Math.round((peak - before) / MEBIBYTE)} MiB`);
    }
    const seconds = (performance.now() - start) / 1000;
    if (seconds > MOST_SECONDS) expect.fail(`took ${seconds} s`);
  }
}

const ofBytes = (bytes: Uint8Array) => outcome(() => importAndWrite(readModel(bytes)));
const ofModel = (init: ModelInit) => ofBytes(modelBytes(init));

/** Fails unless the model is refused, saying so. */
function expectRefused(init: ModelInit, message: RegExp): void {
  expect(ofModel(init)?.message).toMatch(message);
}

const small: ModelInit = {
  nodes: [
    node("Conv", ["x", "w"], ["c"], { pads: ints(1, 1, 1, 1), auto_pad: text("NOTSET") }),
    node("Relu", ["c"], ["r"], {}, { name: "relu" }),
    node("Reshape", ["r", "shape"], ["y"], {}, { name: "rows" }),
    node("LeakyRelu", ["y"], ["z"], { alpha: float(0.2) }),
  ],
  inputs: [["x", "float32", [1, 2, 4, 4]]],
  outputs: [["z", "float32", ["n", 3]]],
  weights: [
    weight(
      "w",
      Array.from({ length: 54 }, (_, i) => i / 54),
      [3, 2, 3, 3],
    ),
    weight("shape", [-1, 3], [2], "int64"),
  ],
  declared: [["r", "float32", [1, 3, 4, 4]]],
};

const one = weight("one", [1], []);
const x: ModelInit["inputs"] = [["x", "float32", [2, 3]]];
const y: ModelInit["outputs"] = [["y"]];

describe("claims beyond all memory", () => {
  const claims: readonly (readonly [string, MessageInitShape<typeof TensorProtoSchema>])[] = [
    ["no data", { dims: [2n ** 40n] }],
    ["little data", { dims: [2n ** 20n, 2n ** 20n], rawData: new Uint8Array(4) }],
    ["negative dimensions", { dims: [-1n, 4n], rawData: new Uint8Array(16) }],
    ["two negative dimensions", { dims: [-2n, -2n], rawData: new Uint8Array(16) }],
    ["dimensions that overflow", { dims: [2n ** 32n, 2n ** 32n, 2n ** 32n] }],
    ["dimensions beyond 2^53", { dims: [2n ** 62n + 1n] }],
    ["dimensions that overflow to zero", { dims: [2n ** 60n, 2n ** 60n, 0n, 2n ** 62n] }],
    ["thousands of axes", { dims: Array.from({ length: 5000 }, () => 1n) }],
    ["too much data", { dims: [1n], rawData: new Uint8Array(8) }],
    ["half an element", { dims: [1n], rawData: new Uint8Array(3) }],
    ["a list too short", { dims: [3n], floatData: [new Uint8Array(8)] }],
    ["half an element in a list", { dims: [1n], floatData: [new Uint8Array(3)] }],
    ["integers too short", { dataType: 7, dims: [3n], int64Data: [1n] }],
    ["strings", { dataType: 8, dims: [1n], stringData: [new Uint8Array(3)] }],
    ["complex numbers", { dataType: 14, dims: [1n], rawData: new Uint8Array(8) }],
    ["an unknown element type", { dataType: 1234, dims: [1n], rawData: new Uint8Array(4) }],
    ["a negative element type", { dataType: -1, dims: [1n], rawData: new Uint8Array(4) }],
    ["segments", { dims: [1n], segment: { begin: 0n, end: 1n }, rawData: new Uint8Array(4) }],
  ];

  it.each(claims)("of a weight: %s", (_, init) => {
    const proto = create(TensorProtoSchema, { name: "w", dataType: 1, ...init });
    const direct = { nodes: [node("Identity", ["w"], ["y"])], outputs: y, weights: [proto] };
    expectRefused(direct, /"w": /);
    const constant = node("Constant", [], ["y"], { value: tensor(proto) });
    expectRefused({ nodes: [constant], outputs: y }, /"w": /);
  });

  it.each([2 ** 24, 2 ** 31, 2 ** 40, 2 ** 62])("of operators: %d", (huge) => {
    const shape = weight("shape", [huge], [1], "int64");
    const int64 = (name: string, value: number) => weight(name, [value], [], "int64");
    const zero = int64("zero", 0);
    const unit = int64("unit", 1);
    const count = int64("count", huge);
    const one1 = weight("one1", [1], [1]);
    const cases: readonly [NodeProto, TensorProto[]][] = [
      [node("ConstantOfShape", ["shape"], ["h"]), [shape]],
      [node("Expand", ["one", "shape"], ["h"]), [one, shape]],
      [node("Tile", ["one1", "shape"], ["h"]), [one1, shape]],
      [node("Range", ["zero", "count", "unit"], ["h"]), [zero, unit, count]],
      [node("Pad", ["one1", "pads"], ["h"]), [one1, weight("pads", [0, huge], [2], "int64")]],
      [
        node("Resize", ["image", "", "scales"], ["h"], { mode: text("linear") }),
        [weight("image", [1], [1, 1, 1, 1]), weight("scales", [1, 1, 1, huge])],
      ],
      [
        node("Upsample", ["image", "scales"], ["h"]),
        [weight("image", [1], [1, 1, 1, 1]), weight("scales", [1, 1, 1, huge])],
      ],
      [node("OneHot", ["zero", "count", "values"], ["h"]), [zero, count, weight("values", [0, 1])]],
    ];
    for (const [made, weights] of cases) {
      for (const [then, ...more] of [
        ["Identity"],
        ["Neg"],
        ["ReduceSum"],
        ["Shape"],
        ["NonZero"],
      ]) {
        ofModel({
          opset: made.opType === "Upsample" ? 9 : 17,
          nodes: [made, node(then!, ["h", ...more], ["y"])],
          outputs: y,
          weights,
        });
      }
    }
  });

  it("of constants that grow as they are folded", () => {
    const row = Array.from({ length: 8192 }, (_, i) => i);
    const doubling = Array.from({ length: 24 }, (_, i) =>
      node("Concat", [`c${i}`, `c${i}`], [`c${i + 1}`], { axis: int(0) }),
    );
    const gather = node("Gather", ["c0", "places"], ["y"], { axis: int(1) });
    const places = weight("places", Array(8192).fill(0), [8192], "int64");
    const weights = [weight("c0", row, [1, 8192]), places];
    ofModel({ nodes: [gather], outputs: y, weights: [weight("c0", row, [8192, 1]), places] });
    ofModel({ nodes: doubling, outputs: [["c24"]], weights });
    // Many constants, each small enough.
    const tiles = Array.from({ length: 2000 }, (_, i) => [
      node("Expand", ["row", `s${i}`], [`t${i}`]),
      node("ReduceSum", [`t${i}`], [`r${i}`]),
    ]);
    const shapes = Array.from({ length: 2000 }, (_, i) =>
      weight(`s${i}`, [30000 + i, 2], [2], "int64"),
    );
    ofModel({
      nodes: [
        ...tiles.flat(),
        node(
          "Sum",
          tiles.map((_, i) => `r${i}`),
          ["y"],
        ),
      ],
      outputs: y,
      weights: [weight("row", [1, 2], [1, 2]), ...shapes],
    });
  });

  it("of nodes with very many inputs", () => {
    const names = Array.from({ length: 20_000 }, () => "x");
    for (const op of ["Concat", "Sum", "Max", "Mean", "Einsum", "LSTM"]) {
      const attributes: Record<string, AttributeInit> = op === "Concat" ? { axis: int(0) } : {};
      ofModel({ nodes: [node(op, names, ["y"], attributes)], inputs: x, outputs: y });
    }
  });
});

/** The sample of an operator as a model; `large` makes its inputs computed ones of many elements. */
function sampleModel(
  operator: string,
  overrides: Readonly<Record<string, number | string | readonly number[]>> = {},
  large = 1,
): ModelInit {
  const { inputs, attributes = {} } = sampleOf(operator);
  const definition = operatorNamed(operator)!;
  const names: string[] = [];
  const weights: TensorProto[] = [one];
  const own: NodeProto[] = [];
  inputs.forEach(([shape, dtype = "float32"], i) => {
    names.push(`in${i}`);
    const sizes = weight(
      `size${i}`,
      shape.map((dim) => dim * large),
      undefined,
      "int64",
    );
    weights.push(sizes, weight(`value${i}`, [1], [], dtype));
    own.push(node("Expand", [`value${i}`, `size${i}`], [`in${i}`]));
  });
  const values = { ...attributes, ...overrides };
  const tensors = [...names];
  const positions = new Map(definition.parameters?.map((p) => [p.attribute, p]));
  const taken = new Set([...positions.values()].map(({ input }) => input));
  const input: string[] = [];
  for (let at = 0; tensors.length > 0 || [...taken].some((p) => p >= at); at++) {
    input.push(taken.has(at) ? "" : (tensors.shift() ?? ""));
  }
  const made = node(operator, [], ["y"], {}, { name: "it" });
  for (const [name, value] of Object.entries(values)) {
    const parameter = positions.get(name);
    if (!parameter || (parameter.sinceOpset ?? 0) > 17 || value === undefined) {
      if (value !== undefined) made.attribute.push(encodeAttribute(name, value));
      continue;
    }
    const list = (typeof value === "number" ? [value] : value) as readonly number[];
    const dtype = parameter.dtype === "like" ? "float32" : parameter.dtype;
    const shape = parameter.scalar ? [] : [list.length];
    weights.push(weight(`p_${name}`, list, shape, dtype));
    input[parameter.input] = `p_${name}`;
  }
  made.input = input;
  return { nodes: [...own, made], outputs: y, weights };
}

describe.each(supportedOperators())("%s", (operator) => {
  const { attributes = {} } = sampleOf(operator);

  it("takes inputs of any size without touching them", () => {
    for (const large of [1, 2 ** 6, 2 ** 14, 2 ** 30]) ofModel(sampleModel(operator, {}, large));
  });

  it("survives any numbers in its attributes", () => {
    for (const [name, value] of Object.entries(attributes)) {
      for (const bad of [2 ** 20, 2 ** 31, 2 ** 45, -1, -(2 ** 40), 0, 3]) {
        if (typeof value === "number") ofModel(sampleModel(operator, { [name]: bad }));
        if (!Array.isArray(value)) continue;
        const list = value as readonly number[];
        ofModel(sampleModel(operator, { [name]: list.map(() => bad) }));
        ofModel(sampleModel(operator, { [name]: [...list.slice(1), bad] }));
        ofModel(sampleModel(operator, { [name]: [...list, bad] }));
        ofModel(sampleModel(operator, { [name]: [] }));
      }
    }
  });

  it("survives attributes of other types, with other names, and missing ones", () => {
    const given = modelBytes(sampleModel(operator));
    const inits: AttributeInit[] = [
      int(1),
      int(2n ** 62n),
      float(Number.NaN),
      floats(0.5, Number.NaN, Number.POSITIVE_INFINITY),
      floats(),
      ints(),
      ints(1, 2 ** 40),
      text("reflect"),
      text("constructor"),
      tensor(one),
      { type: AttributeType.TENSOR },
      { type: AttributeType.GRAPH },
      { type: AttributeType.UNDEFINED },
      { type: 77 as AttributeType },
      graph({ nodes: [], outputs: [] }),
      reference("outside", AttributeType.INT),
    ];
    const names = new Set([
      ...Object.keys(attributes),
      ...Object.keys(operatorNamed(operator)!.defaults ?? {}),
      ...["axis", "mode", "pads", "nearest_mode", "value", "__proto__", "constructor", ""],
    ]);
    for (const name of names) {
      for (const init of inits) {
        const altered = sampleModel(operator);
        const made = altered.nodes.at(-1)!;
        const [attribute] = node("", [], [], { [name]: init }).attribute;
        if (!attribute) continue;
        made.attribute = [...made.attribute.filter((each) => each.name !== name), attribute];
        ofModel(altered);
      }
      const without = sampleModel(operator);
      const made = without.nodes.at(-1)!;
      made.attribute = made.attribute.filter((each) => each.name !== name);
      ofModel(without);
    }
    const fewer = sampleModel(operator);
    fewer.nodes.at(-1)!.input.pop();
    ofModel(fewer);
    fewer.nodes.at(-1)!.input = [];
    ofModel(fewer);
    const more = sampleModel(operator);
    more.nodes.at(-1)!.input.push("one", "one", "one", "one", "one", "one");
    more.nodes.at(-1)!.output.push("y2", "y3", "y4", "y5", "y6", "y7");
    ofModel(more);
    expect(ofBytes(given), `${operator} itself`).toBeUndefined();
  });
});

describe("damaged files", () => {
  const bytes = modelBytes(small);

  it("is not said of a sound one", () => {
    expect(ofBytes(bytes)).toBeUndefined();
  });

  it("that are empty or text", () => {
    expect(ofBytes(new Uint8Array(0))?.message).toMatch(/the file is empty/);
    const utf8 = new TextEncoder();
    for (const file of ["hello, world\n", "<!doctype html>", "{}", "\0\0\0\0"]) {
      expect(ofBytes(utf8.encode(file))?.message).toMatch(/not an ONNX model|holds no graph/);
    }
  });

  it("of random bytes", () => {
    const files = fc.uint8Array({ minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(files, (file) => void ofBytes(file)),
      { seed: 7, numRuns: 200 },
    );
  });

  it("cut short anywhere", () => {
    for (let i = 0; i < 200; i++) {
      ofBytes(bytes.subarray(0, Math.floor((i * bytes.length) / 200)));
    }
  });

  it("with one bit flipped", () => {
    const bits = fc.integer({ min: 0, max: 8 * bytes.length - 1 });
    fc.assert(
      fc.property(bits, (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        ofBytes(flipped);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe("malformed graphs", () => {
  it("with cycles", () => {
    const nodes = [
      node("Add", ["x", "b"], ["a"]),
      node("Relu", ["a"], ["b"]),
      node("Neg", ["b"], ["y"]),
    ];
    expectRefused({ nodes, inputs: x, outputs: y }, /Add.*cycle/);
    expectRefused({ nodes: [node("Relu", ["y"], ["y"])], outputs: y }, /Relu.*cycle/);
  });

  it("with duplicate definitions", () => {
    const twice = [node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])];
    expectRefused({ nodes: twice, inputs: x, outputs: y }, /Neg.*defines "y".*already/);
    expectRefused(
      { nodes: [node("Relu", ["x"], ["x"])], inputs: x, outputs: [["x"]] },
      /Relu.*defines "x".*already/,
    );
    const both = [node("Split", ["x"], ["y", "y"], { axis: int(0) })];
    expectRefused({ nodes: both, inputs: x, outputs: y }, /Split.*defines "y".*already/);
    const nodes = [node("Relu", ["x"], ["y"])];
    expectRefused({ nodes, inputs: [...x, ...x], outputs: y }, /"x".*defined twice/);
    const weights = [weight("w", [1]), weight("w", [2])];
    expectRefused({ nodes, inputs: x, outputs: y, weights }, /"w".*defined twice/);
    expectRefused({ nodes, inputs: x, outputs: y, weights: [weight("", [1])] }, /no name/);
  });

  it("with undefined values", () => {
    const nodes = [node("Add", ["x", "nothing"], ["y"])];
    expectRefused({ nodes, inputs: x, outputs: y }, /Add.*"nothing", which nothing defines/);
    expectRefused({ nodes: [], inputs: x, outputs: [["nowhere"]] }, /"nowhere"/);
    expectRefused({ nodes: [node("Relu", [""], ["y"])], outputs: y }, /Relu/);
    const branch = { nodes: [node("Neg", ["gone"], ["t"])], outputs: [["t"]] as const };
    const conditional = node("If", ["c"], ["y"], {
      then_branch: graph(branch),
      else_branch: graph(branch),
    });
    expectRefused(
      { nodes: [conditional], inputs: [["c", "bool", []]], outputs: y },
      /If.*"gone", which nothing defines/,
    );
  });

  it("with versions that do not exist", () => {
    const nodes = [node("Relu", ["x"], ["y"])];
    for (const opset of [0, -1, 2 ** 62]) {
      expectRefused({ nodes, inputs: x, outputs: y, opset }, /no version/);
    }
  });

  it("with names that objects inherit", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const init: ModelInit = {
        nodes: [node("Relu", [name], ["valueOf"], {}, { name }), node(name, ["valueOf"], ["y"])],
        inputs: [[name, "float32", [2]]],
        outputs: y,
      };
      expect(ofModel(init)).toBeUndefined();
    }
  });
});

describe("functions", () => {
  const call = (name: string, input: string, output: string) =>
    node(name, [input], [output], {}, { domain: "f" });
  const define = (name: string, nodes: NodeProto[]) => ({
    name,
    domain: "f",
    input: ["a"],
    output: ["b"],
    node: nodes,
    opsetImport: [{ domain: "", version: 17n }],
  });

  it("that call themselves", () => {
    const functions = [define("F", [call("F", "a", "b")])];
    const nodes = [call("F", "x", "y")];
    expectRefused({ nodes, functions, inputs: x, outputs: y }, /F.*calls itself/);
    const mutual = [define("F", [call("G", "a", "b")]), define("G", [call("F", "a", "b")])];
    expectRefused({ nodes, functions: mutual, inputs: x, outputs: y }, /calls itself/);
  });

  it.each([true, false])("that multiply (with nodes at the end: %s)", (leaf) => {
    const levels = Array.from({ length: 30 }, (_, i) =>
      define(`F${i}`, [
        ...Array.from({ length: 20 }, (_, k) => call(`F${i + 1}`, "a", `b${k}`)),
        call(`F${i + 1}`, "a", "b"),
      ]),
    );
    const last = define("F30", leaf ? [node("Relu", ["a"], ["b"])] : []);
    const nodes = [call("F0", "x", "y")];
    expectRefused({ nodes, functions: [...levels, last], inputs: x, outputs: y }, /expand to/);
  });

  it("that multiply long names, weights and subgraphs", () => {
    const name = "n".repeat(MEBIBYTE);
    const large = weight("", Array(100_000).fill(1), [100_000]);
    const branch = {
      nodes: Array.from({ length: 1000 }, (_, i) => node("Relu", ["a"], [`t${i}`])),
      outputs: [["t0"]] as const,
    };
    const bodies = [
      [node("Relu", ["a"], [name]), node("Relu", [name], ["b"])],
      [node("Relu", ["a"], ["b"], {}, { name })],
      [node("Constant", [], ["w"], { value: tensor(large) }), node("Add", ["a", "w"], ["b"])],
      [
        node("Constant", [], ["c"], { value: tensor(weight("", [1], [], "bool")) }),
        node("If", ["c"], ["b"], { then_branch: graph(branch), else_branch: graph(branch) }),
      ],
    ];
    for (const body of bodies) {
      const nodes = Array.from({ length: 500 }, (_, i) => call("F", "x", `y${i}`));
      const calls = [...nodes, call("F", "x", "y")];
      ofModel({ nodes: calls, functions: [define("F", body)], inputs: x, outputs: y });
    }
  });
});

describe("depth", () => {
  it("of subgraphs", () => {
    for (const depth of [20, 40, 300]) {
      let inner: Parameters<typeof graph>[0] = {
        nodes: [node("Relu", ["x"], ["t"])],
        outputs: [["t"]],
      };
      for (let i = 0; i < depth; i++) {
        const branches = { then_branch: graph(inner), else_branch: graph(inner) };
        if (i > 4) branches.else_branch = graph({ nodes: [], outputs: [["x"]] });
        inner = { nodes: [node("If", ["c"], [`t${i}`], branches)], outputs: [[`t${i}`]] };
      }
      const init: ModelInit = { ...inner, inputs: [["c", "bool", []], ...x] };
      const error = ofModel(init);
      if (depth < 30) expect(error).toBeUndefined();
      else expect(error?.message).toMatch(/not an ONNX model/);
    }
  });

  it("of chains: 100 000 nodes, from last to first, import in reasonable time", () => {
    const nodes = Array.from({ length: 100_000 }, (_, i) =>
      node(i % 2 === 0 ? "Sin" : "LSTM", [i === 0 ? "x" : `v${i - 1}`], [`v${i}`]),
    );
    const bytes = modelBytes({ nodes: nodes.reverse(), inputs: x, outputs: [["v99999"]] });
    const start = performance.now();
    importAndWrite(readModel(bytes));
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  it("of fans: one value read by 20 000 nodes", () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) =>
      node("LeakyRelu", ["x"], [`v${i}`], { alpha: float(i) }),
    );
    const bytes = modelBytes({ nodes, inputs: x, outputs: nodes.map((_, i) => [`v${i}`]) });
    const start = performance.now();
    importAndWrite(readModel(bytes));
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("external data", () => {
  let folder = "";
  beforeAll(() => {
    const outside = mkdtempSync(join(tmpdir(), "autodiff-hostile-"));
    folder = join(outside, "model");
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "weights.bin"), new Uint8Array(32));
    writeFileSync(join(folder, "sub", "weights.bin"), new Uint8Array(32));
    writeFileSync(join(outside, "secret.bin"), new Uint8Array(32));
    symlinkSync(join(outside, "secret.bin"), join(folder, "link.bin"));
    symlinkSync(outside, join(folder, "way"));
    symlinkSync(join(folder, "sub", "weights.bin"), join(folder, "inner.bin"));
    symlinkSync(join(folder, "loop.bin"), join(folder, "loop.bin"));
  });
  afterAll(() => rmSync(join(folder, ".."), { recursive: true }));

  const external = (entries: Readonly<Record<string, string>>): ModelInit => ({
    nodes: [node("Identity", ["w"], ["y"])],
    outputs: y,
    weights: [
      create(TensorProtoSchema, {
        name: "w",
        dataType: 1,
        dims: [4n],
        dataLocation: 1,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      }),
    ],
  });
  const ofFile = (init: ModelInit) => {
    const path = join(folder, "model.onnx");
    writeFileSync(path, modelBytes(init));
    return outcome(() => importAndWrite(readModelFile(path)));
  };

  it("within the folder is read", () => {
    for (const location of ["weights.bin", "sub/weights.bin", "./weights.bin", "inner.bin"]) {
      expect(ofFile(external({ location, offset: "16", length: "16" }))).toBeUndefined();
    }
    expect(ofFile(external({ location: "weights.bin", offset: "16" }))).toBeUndefined();
  });

  it.each([
    ["/etc/passwd", /outside/],
    ["../secret.bin", /outside/],
    ["sub/../../secret.bin", /outside/],
    ["C:\\secret.bin", /outside/],
    ["..\\secret.bin", /outside/],
    ["link.bin", /outside/],
    ["way/secret.bin", /outside/],
    ["loop.bin", /cannot be read|not found/],
    ["missing.bin", /not found/],
    ["sub", /not found/],
    ["weights.bin/x", /cannot be read|not found/],
    ["", /not found/],
    ["\0", /outside/],
    ["x".repeat(5000), /cannot be read|not found/],
  ])("at %j is refused", (location, message) => {
    expect(ofFile(external({ location }))?.message).toMatch(message);
  });

  it.each([
    { offset: "32" },
    { offset: "-16", length: "16" },
    { offset: "0", length: "-16" },
    { offset: "99999999999999999999", length: "16" },
    { offset: "0", length: "1e400" },
    { offset: "0x10", length: "16" },
    { offset: "NaN" },
    { offset: "24", length: "16" },
    { length: "17" },
    { length: "" },
  ])("with bounds %j is refused", (bounds) => {
    const error = ofFile(external({ location: "weights.bin", ...bounds }));
    expect(error?.message).toMatch(/"w": /);
  });

  it("that names no file, or is read from bytes alone, is refused", () => {
    expectRefused(external({}), /names no file/);
    expectRefused(external({ location: "weights.bin" }), /not found/);
  });

  it("a model file that is missing or a folder is refused", () => {
    expect(outcome(() => readModelFile(join(folder, "no.onnx")))?.message).toMatch(/no\.onnx/);
    expect(outcome(() => readModelFile(folder))?.message).toMatch(/cannot be read/);
  });
});
