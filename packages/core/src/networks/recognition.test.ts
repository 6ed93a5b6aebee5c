import {
  compile,
  Graph,
  gradients,
  mul,
  readModel,
  reduceSum,
  sub,
  writeModel,
} from "@ganfit/autodiff";
import { expect, test } from "vitest";
import {
  importRecognition,
  openRecognition,
  parseRecognition,
  type RecognitionInput,
} from "./recognition.js";

/** Mean of each channel, as the network sees it: enough to see what its input was. */
function meansNetwork(layout: "chw" | "hwc", side = 16): Uint8Array {
  const graph = new Graph();
  const shape = layout === "chw" ? [1, 3, side, side] : [1, side, side, 3];
  const data = graph.input("data", "float32", shape);
  const axes = layout === "chw" ? [2, 3] : [1, 2];
  const means = mul(reduceSum(data, axes), 1 / side ** 2);
  const centred = sub(means, 0.25);
  return writeModel({ inputs: { data }, outputs: { means, centred } });
}

const BASE: RecognitionInput = {
  name: "means",
  licence: "none",
  input: { width: 16, height: 16 },
  embedding: "means",
  layers: ["means", "centred"],
};

async function run(input: Partial<RecognitionInput["input"]>, colour: readonly number[]) {
  const layout = input.layout ?? "chw";
  const description = parseRecognition({ ...BASE, input: { ...BASE.input, ...input } });
  const graph = new Graph();
  const aligned = graph.input("aligned", "float32", [1, 3, 16, 16]);
  const network = importRecognition(graph, readModel(meansNetwork(layout)), description, aligned);
  const program = await compile(graph, {
    inputs: { aligned },
    outputs: { embedding: network.embedding, means: network.layers.means! },
  });
  const feed = Float32Array.from({ length: 3 * 256 }, (_, i) => colour[Math.floor(i / 256)]! / 255);
  const result = await program.run({ aligned: feed });
  await program.dispose();
  return result as Record<string, Float32Array>;
}

test.each(["chw", "hwc"] as const)("the network sees (byte - mean) * scale, %s", async (layout) => {
  const input = { layout, mean: [10, 20, 30], scale: [1, 0.5, 0.25] } satisfies Partial<
    RecognitionInput["input"]
  >;
  const { means } = await run(input, [110, 120, 130]);
  [100, 50, 25].forEach((value, c) => {
    expect(means![c]).toBeCloseTo(value, 3);
  });
});

test("bgr turns the channels round; mean and scale stay with their colours", async () => {
  const { means } = await run({ order: "bgr", mean: [10, 0, 0] }, [110, 50, 7]);
  [7, 50, 100].forEach((value, c) => {
    expect(means![c]).toBeCloseTo(value, 3);
  });
});

test("the embedding has length 1", async () => {
  const { embedding } = await run({}, [30, 40, 0]);
  expect([...embedding!].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([0.6, 0.8, 0]);
});

test("gradients reach the picture: of a mean over 256 bytes, 255 / 256 for each pixel", async () => {
  const graph = new Graph();
  const aligned = graph.input("aligned", "float32", [2, 3, 16, 16]);
  const model = readModel(meansNetwork("chw"));
  const { layers, embedding } = importRecognition(graph, model, parseRecognition(BASE), aligned);
  expect(embedding.shape).toEqual([2, 3]);
  const [slope] = gradients(reduceSum(layers.means!), [aligned]);
  const program = await compile(graph, { inputs: { aligned }, outputs: { slope: slope! } });
  const { slope: values } = await program.run({ aligned: new Float32Array(2 * 3 * 256) });
  await program.dispose();
  expect(values).toHaveLength(2 * 3 * 256);
  for (const value of values as Float32Array) expect(value).toBeCloseTo(255 / 256, 5);
});

test.each<[string, unknown, RegExp]>([
  ["an unknown entry", { ...BASE, embeding: "x" }, /embeding/],
  ["no licence", { ...BASE, licence: undefined }, /licence/],
  ["a size of a million", { ...BASE, input: { width: 1e6, height: 1e6 } }, /input\.width/],
  ["a scale of zero", { ...BASE, input: { ...BASE.input, scale: 0 } }, /input\.scale/],
  ["an oblong without template", { ...BASE, input: { width: 96, height: 112 } }, /template/],
  ["no object", 3, /top level/],
])("a description with %s is refused", (_, description, message) => {
  expect(() => parseRecognition(description)).toThrow(
    expect.objectContaining({ code: "network", message: expect.stringMatching(message) }),
  );
});

test.each<[string, Partial<RecognitionInput>, RegExp]>([
  ["embedding", { embedding: "fc1" }, /no value "fc1"/],
  ["layer", { layers: ["conv"] }, /no value "conv"/],
  ["input", { input: { ...BASE.input, name: "image" } }, /no input "image"/],
])("a network without the described %s is refused", async (_, change, message) => {
  const opened = openRecognition(meansNetwork("chw"), parseRecognition({ ...BASE, ...change }));
  await expect(opened).rejects.toThrow(
    expect.objectContaining({ code: "network", message: expect.stringMatching(message) }),
  );
});

test("a file that is no network is refused", async () => {
  const opened = openRecognition(new TextEncoder().encode("hello"), parseRecognition(BASE));
  await expect(opened).rejects.toThrow(expect.objectContaining({ code: "network" }));
});
