import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Graph } from "../graph/graph.js";
import { mul } from "../operators/arithmetic.js";
import { conv } from "../operators/convolution.js";
import { ModelProtoSchema } from "./onnx_pb.js";
import { serialise } from "./serialise.js";
import { writeModel } from "./write.js";

it("gives the bytes that a general protobuf writer gives", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2, 5, 5]);
  const weights = Float32Array.from({ length: 36 }, (_, i) => i / 7);
  const y = mul(conv(x, graph.constant(weights, "float32", [2, 2, 3, 3])), 3);
  const bytes = writeModel({ inputs: { x }, outputs: { y }, name: "small" });
  const model = fromBinary(ModelProtoSchema, bytes);
  expect(model.graph!.initializer.length).toBeGreaterThan(0);
  expect(bytes).toEqual(toBinary(ModelProtoSchema, model));
});

it("writes empty tensors, and refuses more than 2 GiB", () => {
  const { graph } = create(ModelProtoSchema, { graph: { name: "g" } });
  const parts = { irVersion: 8n, producerName: "p", opsetImport: [], graph: graph! };
  const initializer = { name: "none", dataType: 1, dims: [0], bytes: new Uint8Array() };
  const model = fromBinary(ModelProtoSchema, serialise({ ...parts, initializers: [initializer] }));
  expect(model.graph!.initializer[0]).toMatchObject({ name: "none", dims: [0n] });
  const large = { length: 2 ** 31 } as Uint8Array;
  const initializers = [{ ...initializer, bytes: large }];
  expect(() => serialise({ ...parts, initializers })).toThrow(/2 GiB/);
});
