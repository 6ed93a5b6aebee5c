/** A texture generator for tests: even skin with stripes, whose channels the latent's first numbers change. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { add, Graph, matmul, readModel, reshape, writeModel } from "@ganfit/autodiff";
import { type TextureGenerator, textureGenerator } from "../src/texture/texture-generator.js";

export const PLAIN_LATENT = 8;
const SIZES = [64];

const DESCRIPTION = {
  name: "plain",
  licence: "CC0-1.0",
  uvFrame: "ganfit-uv-1",
  prior: "normal",
};

/**
 * @param strength by how much the latent changes the texture
 * @param sizes sides of its textures, the largest last; the stripes are as wide in texels in each of them
 */
export function plainGenerator(
  strength = 0.05,
  sizes: readonly number[] = SIZES,
): TextureGenerator {
  return textureGenerator(DESCRIPTION, readModel(network(strength, sizes)));
}

/**
 * Writes it into a folder.
 *
 * @returns the path of its description
 */
export function writePlainGenerator(folder: string, strength = 0.05): string {
  const path = join(folder, "plain.json");
  writeFileSync(join(folder, "plain.onnx"), network(strength, SIZES));
  writeFileSync(path, JSON.stringify({ ...DESCRIPTION, file: "plain.onnx" }));
  return path;
}

function network(strength: number, sizes: readonly number[]): Uint8Array {
  const graph = new Graph();
  const latent = graph.input("latent", "float32", [1, PLAIN_LATENT]);
  const constant = (values: number[], shape: number[]) =>
    graph.constant(Float32Array.from(values), "float32", shape);
  const mix = Array.from({ length: 3 * PLAIN_LATENT }, (_, i) =>
    Math.floor(i / 3) === i % 3 ? strength : 0,
  );
  const shift = reshape(matmul(latent, constant(mix, [PLAIN_LATENT, 3])), [1, 3, 1, 1]);
  const outputs = sizes.map((size, index) => {
    const skin = [0.8, 0.62, 0.52].flatMap((value) =>
      Array.from({ length: size * size }, (_, i) => value + (i % 7 === 0 ? 0.02 : 0)),
    );
    const name = index === sizes.length - 1 ? "texture" : `texture${size}`;
    return [name, add(constant(skin, [1, 3, size, size]), shift)] as const;
  });
  return writeModel({ inputs: { latent }, outputs: Object.fromEntries(outputs) });
}
