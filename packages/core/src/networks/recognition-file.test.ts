import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Graph, mul, reduceSum, writeModel } from "@ganfit/autodiff";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readImage } from "../image/decode.node.js";
import { loadSface as loadSfaceInPage } from "./recognition.browser.js";
import { openRecognition, similarityOf } from "./recognition.js";
import { loadSface, readRecognitionFile } from "./recognition.node.js";

const DESCRIPTION = {
  file: "means.onnx",
  name: "means",
  licence: "none",
  input: { width: 16, height: 16 },
  embedding: "means",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-recognition-"));
  const graph = new Graph();
  const data = graph.input("data", "float32", [1, 3, 16, 16]);
  const means = mul(reduceSum(data, [2, 3]), 1 / 256);
  await writeFile(join(folder, "means.onnx"), writeModel({ inputs: { data }, outputs: { means } }));
  await writeFile(join(folder, "text.onnx"), "hello");
});
afterAll(() => rm(folder, { recursive: true }));

async function written(content: unknown): Promise<string> {
  const path = join(folder, "network.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const IMAGE = { width: 64, height: 64, data: new Uint8Array(3 * 64 * 64).fill(90) };
const FIXTURES = new URL("../../test/fixtures/", import.meta.url);

async function astronaut() {
  const image = await readImage(new URL("astronaut.jpg", FIXTURES).pathname);
  const landmarks = await readFile(new URL("astronaut-landmarks.json", FIXTURES), "utf8");
  return { image, points: Float64Array.from(JSON.parse(landmarks) as number[]) };
}

test("the network's file lies beside its description, wherever the program runs", async () => {
  const path = await written(DESCRIPTION);
  for (const way of [path, relative(process.cwd(), path)]) {
    const { description, model } = await readRecognitionFile(way);
    expect(description).toMatchObject({ name: "means", input: { order: "rgb", layout: "chw" } });
    const network = await openRecognition(model, description);
    const { points } = await astronaut();
    const embedding = await network.embed(
      IMAGE,
      points.map((value) => value / 8),
    );
    await network.dispose();
    for (const value of embedding) expect(value).toBeCloseTo(1 / Math.sqrt(3), 5);
  }
});

test.each<[string, unknown, RegExp]>([
  ["that is not JSON", "{ file:", /network\.json describes no recognition network/],
  ["of two megabytes", `"${"x".repeat(2 << 20)}"`, /it has \d+ bytes/],
  ["without a file", { ...DESCRIPTION, file: undefined }, /"file"/],
  ["whose file is a number", { ...DESCRIPTION, file: 3 }, /"file"/],
  ["that is a list", [], /"file"/],
  ["without an embedding", { ...DESCRIPTION, embedding: undefined }, /embedding/],
  ["of a network that is not there", { ...DESCRIPTION, file: "no.onnx" }, /no\.onnx.*ENOENT/],
  ["of a text", { ...DESCRIPTION, file: "text.onnx" }, /The network of means cannot be read/],
])("a description %s is refused", async (_, content, message) => {
  await expect(readRecognitionFile(await written(content))).rejects.toThrow(
    expect.objectContaining({ code: "network", message: expect.stringMatching(message) }),
  );
});

test("a description that is not there is refused", async () => {
  await expect(readRecognitionFile(join(folder, "nowhere.json"))).rejects.toThrow(
    expect.objectContaining({ code: "network", message: expect.stringMatching(/ENOENT/) }),
  );
});

test("SFace fetched by a page gives what SFace read from disk gives", async () => {
  const { image, points } = await astronaut();
  const fetched: string[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    fetched.push(url.pathname.split("/").at(-1)!);
    return new Response(new Uint8Array(await readFile(url)));
  });
  try {
    const networks = [await loadSfaceInPage(), await loadSface()];
    expect(fetched).toEqual(["sface.onnx"]);
    const [inPage, onDisk] = await Promise.all(networks.map((each) => each.embed(image, points)));
    await Promise.all(networks.map((each) => each.dispose()));
    expect(inPage).toHaveLength(128);
    expect(similarityOf(inPage!, onDisk!)).toBeCloseTo(1, 5);
  } finally {
    vi.unstubAllGlobals();
  }
});
