import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cast, Graph, mul, reduceSum, reshape, writeModel } from "@ganfit/autodiff";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolutionFor } from "./texture-generator.js";
import { loadDefaultGenerator, openTextureGenerator } from "./texture-generator.node.js";

const DESCRIPTION = {
  file: "flat.onnx",
  name: "flat",
  licence: "none",
  uvFrame: "ganfit-uv-1",
  prior: "normal",
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-generator-"));
  await writeFile(join(folder, "flat.onnx"), network({}));
  await writeFile(join(folder, "text.onnx"), "hello");
});
afterAll(() => rm(folder, { recursive: true }));

interface Form {
  readonly input?: string;
  readonly output?: string;
  readonly latent?: readonly number[];
  readonly texture?: readonly number[];
  readonly double?: boolean;
  /** More outputs by name, with their shapes. */
  readonly more?: Readonly<Record<string, readonly number[]>>;
}

/** A network that gives the latent's sum everywhere. */
function network({
  input = "latent",
  output = "texture",
  latent = [1, 8],
  texture = [1, 3, 64, 64],
  double = false,
  more = {},
}: Form): Uint8Array {
  const graph = new Graph();
  const z = graph.input(input, double ? "float64" : "float32", latent);
  const sum = cast(reduceSum(z), "float32");
  const outputs = Object.entries({ [output]: texture, ...more }).map(([name, shape]) => {
    const one = reshape(
      sum,
      shape.map(() => 1),
    );
    return [name, mul(one, graph.constant(1, "float32", shape))];
  });
  return writeModel({ inputs: { [input]: z }, outputs: Object.fromEntries(outputs) });
}

async function written(content: unknown): Promise<string> {
  const path = join(folder, "generator.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("a description and the network beside it", async () => {
  const generator = await openTextureGenerator(await written(DESCRIPTION));
  expect(generator).toMatchObject({
    name: "flat",
    attribution: "",
    uvFrame: "ganfit-uv-1",
    prior: "normal",
    latentSize: 8,
    resolution: 64,
    resolutions: [64],
  });
  await writeFile(join(folder, "flat.json"), JSON.stringify(DESCRIPTION));
  const same = await openTextureGenerator(join(folder, "flat.onnx"));
  expect(same.latentSize).toBe(8);
});

test("outputs with the texture at lower resolutions", async () => {
  const more = {
    texture32: [1, 3, 32, 32],
    texture4: [1, 3, 4, 4],
    textured: [5],
    texture032: [5],
  };
  await writeFile(join(folder, "steps.onnx"), network({ more }));
  const generator = await openTextureGenerator(
    await written({ ...DESCRIPTION, file: "steps.onnx" }),
  );
  expect(generator.resolutions).toEqual([4, 32, 64]);
  const chosen = [1, 4, 5, 32, 33, 64, 256].map((side) => resolutionFor(generator, side));
  expect(chosen).toEqual([4, 4, 32, 32, 64, 64, 64]);
});

test("the one that comes with the package", async () => {
  const generator = await loadDefaultGenerator();
  expect(generator).toMatchObject({ latentSize: 512, resolution: 512, prior: "normal" });
  expect(generator.attribution).toContain("DeBruine");
});

test.each<[string, unknown, RegExp]>([
  ["that is not JSON", "{ file:", /generator\.json describes no texture generator/],
  ["of two megabytes", `"${"x".repeat(2 << 20)}"`, /it has \d+ bytes/],
  ["that is a list", [], /"file"/],
  ["without a file", { ...DESCRIPTION, file: undefined }, /"file"/],
  ["without a licence", { ...DESCRIPTION, licence: undefined }, /wrong at licence/],
  ["with more than it should", { ...DESCRIPTION, secret: 1 }, /secret/],
  ["of an unknown prior", { ...DESCRIPTION, prior: "uniform" }, /wrong at prior/],
  ["of another layout", { ...DESCRIPTION, uvFrame: "ffhq-uv" }, /layout is ffhq-uv/],
  ["of a network that is not there", { ...DESCRIPTION, file: "no.onnx" }, /no\.onnx.*ENOENT/],
  ["of a text", { ...DESCRIPTION, file: "text.onnx" }, /text\.onnx.*cannot be read/],
])("a description %s is refused", async (_, content, message) => {
  await expect(openTextureGenerator(await written(content))).rejects.toThrow(
    expect.objectContaining({ code: "network", message: expect.stringMatching(message) }),
  );
});

test.each<[string, Form]>([
  ["input of another name", { input: "z" }],
  ["latent of another rank", { latent: [1, 8, 1] }],
  ["latent of several rows", { latent: [2, 8] }],
  ["latent in double precision", { double: true }],
  ["output of another name", { output: "image" }],
  ["texture that is not square", { texture: [1, 3, 64, 128] }],
  ["texture of four channels", { texture: [1, 4, 64, 64] }],
  ["texture of an odd size", { texture: [1, 3, 100, 100] }],
  ["tiny texture", { texture: [1, 3, 2, 2] }],
  ["smaller texture of another size", { more: { texture32: [1, 3, 16, 16] } }],
  ["smaller texture of one channel", { more: { texture32: [1, 1, 32, 32] } }],
])("a network with an %s is refused", async (_, form) => {
  await writeFile(join(folder, "wrong.onnx"), network(form));
  const path = await written({ ...DESCRIPTION, file: "wrong.onnx" });
  await expect(openTextureGenerator(path)).rejects.toThrow(
    expect.objectContaining({
      code: "network",
      message: expect.stringMatching(/^The texture generator flat cannot be used: it.*float32/),
    }),
  );
});

test("a smaller texture that is not smaller is refused", async () => {
  await writeFile(join(folder, "wrong.onnx"), network({ more: { texture64: [1, 3, 64, 64] } }));
  const path = await written({ ...DESCRIPTION, file: "wrong.onnx" });
  await expect(openTextureGenerator(path)).rejects.toThrow(
    /its output texture64 must be smaller than texture, which has a side of 64\.$/,
  );
});
