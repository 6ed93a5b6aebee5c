/**
 * tools/torch trains the same networks in the same way: its pictures, scores, losses and gradients are those of
 * `trainingPrograms`, and a training that changes over between the two, there and back, goes on as if it had not.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compile, Graph, type Tensor } from "@ganfit/autodiff";
import { randomNormals, randomUniform, shrunk, toPlanes } from "@ganfit/core";
import { afterAll, describe, expect, it } from "vitest";
import { parseManifest } from "../../packages/train/src/dataset/manifest.js";
import {
  progressiveArchitecture,
  type TextureArchitecture,
} from "../../packages/train/src/networks/architecture.js";
import { trainableWeights } from "../../packages/train/src/networks/weights.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
} from "../../packages/train/src/safetensors.js";
import {
  type Configuration,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../packages/train/src/training/checkpoint.js";
import { PROGRESSIVE_RECIPE, type Recipe } from "../../packages/train/src/training/recipe.js";
import {
  type MapSource,
  TextureTrainer,
  type TrainingState,
} from "../../packages/train/src/training/trainer.js";
import {
  DISCRIMINATOR,
  GENERATOR,
  trainingPrograms,
} from "../../packages/train/src/training/training-programs.js";
import { pythonWith } from "../python/find-python.node.js";

const python = pythonWith("numpy, torch");
if (!python) console.log("PyTorch is absent: install python3-torch to compare training with it");

const WIDTH = 1 / 32;
const SEED = 3;
const folder = mkdtempSync(join(tmpdir(), "ganfit-torch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const run = (...args: string[]) => execFileSync(python!, args, { encoding: "utf8" });

/** As two processes of one training, each with the environment that torchrun would give it. */
async function runTwice(args: readonly string[]): Promise<void> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const common = { MASTER_ADDR: "127.0.0.1", MASTER_PORT: `${port}`, WORLD_SIZE: "2" };
  const processes = ["0", "1"].map((rank) =>
    promisify(execFile)(python!, args, {
      timeout: 300_000,
      env: { ...process.env, ...common, OMP_NUM_THREADS: "1", RANK: rank, LOCAL_RANK: rank },
    }),
  );
  await Promise.all(processes);
}

function noise(count: number, seed: number): Float32Array {
  const next = randomUniform(seed);
  return Float32Array.from({ length: count }, next);
}

const architectureOf = ({
  resolution,
  latent,
  latentSize,
}: Pick<Configuration, "resolution" | "latent" | "latentSize">) =>
  progressiveArchitecture(resolution, { latent, latentSize, width: WIDTH });

function configurationOf(
  resolution: number,
  latent: "dense" | "local",
  recipe: Recipe,
  dataset = "",
): Configuration {
  const batch = Object.fromEntries(
    Object.entries(recipe.batch).map(([size, count]) => [size, count]),
  );
  return {
    architecture: "progressive",
    resolution,
    width: WIDTH,
    latent,
    latentSize: 512,
    seed: SEED,
    dataset,
    recipe: { ...recipe, batch },
  };
}

/** The largest difference, in parts of the largest value. */
function difference(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  let [largest, most] = [1e-9, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]!));
    most = Math.max(most, Math.abs(found[i]! - wanted[i]!));
  }
  return most / largest;
}

/** Colours where the mask is 1, the mean where it is 0, and the mask: `n x 4 x size x size`. */
function shownPictures(colours: Float32Array, mask: Float32Array, mean: Float32Array) {
  const texels = mean.length / 3;
  const n = mask.length / texels;
  const out = new Float32Array(n * 4 * texels);
  for (let i = 0; i < n; i++) {
    const own = mask.subarray(i * texels, (i + 1) * texels);
    for (let k = 0; k < 3 * texels; k++) {
      const usual = mean[k]!;
      out[i * 4 * texels + k] = usual + (colours[i * 3 * texels + k]! - usual) * own[k % texels]!;
    }
    out.set(own, (i * 4 + 3) * texels);
  }
  return out;
}

describe.skipIf(!python)("the networks in PyTorch", () => {
  const FADES = [0.3, 1];
  const n = 4;

  /** After a first step, with biases that show where they are missing. */
  async function stateOf(configuration: Configuration, recipe: Recipe, source: MapSource) {
    const architecture = architectureOf(configuration);
    const trainer = new TextureTrainer({ architecture, recipe, source: () => source, seed: SEED });
    await trainer.step();
    const state = trainer.state();
    await trainer.dispose();
    for (const [name, values] of Object.entries(state.weights)) {
      if (!name.endsWith("/bias")) continue;
      const shift = randomNormals(values.length, 5);
      for (let i = 0; i < values.length; i++) values[i]! += 0.2 * shift[i]!;
    }
    return { state, specs: trainer.specs };
  }

  it.each([
    [8, "dense"],
    [8, "local"],
    [16, "dense"],
    [16, "local"],
  ] as const)("give the same at %d, latent %s", async (size, latent) => {
    const texels = size * size;
    const recipe: Recipe = { ...PROGRESSIVE_RECIPE, phase: 0, batch: { [size]: n } };
    const configuration = configurationOf(size, latent, recipe);
    const architecture = architectureOf(configuration);
    const mean = { size, colour: noise(texels * 3, 1) };
    const { state, specs } = await stateOf(configuration, recipe, {
      mean,
      next: (seed) => ({ colour: noise(texels * 3, seed), confidence: noise(texels, seed + 1) }),
    });
    const real = noise(n * 3 * texels, 11);
    const mask = noise(n * texels, 12);
    const latents = Float32Array.from(randomNormals(n * architecture.latentSize, 13));
    const share = noise(n, 14);
    const planes = toPlanes(mean.colour, texels);

    const checkpoint = join(folder, "compare.safetensors");
    writeFileSync(checkpoint, encodeCheckpoint({ configuration, state }, specs));
    const files = FADES.flatMap((fade) => {
      const tensors: Record<string, SafeTensor> = {
        latent: { data: latents, shape: [n, architecture.latentSize] },
        real: { data: real, shape: [n, 3, size, size] },
        mask: { data: mask, shape: [n, 1, size, size] },
        share: { data: share, shape: [n, 1, 1, 1] },
        fade: { data: Float32Array.of(fade), shape: [1] },
        mean: { data: planes, shape: [3, size, size] },
      };
      const inputs = join(folder, `inputs-${fade}.safetensors`);
      writeFileSync(inputs, encodeSafetensors({ tensors, metadata: {} }));
      return [inputs, join(folder, `out-${fade}.safetensors`)];
    });
    run(here("compare.py"), checkpoint, ...files);

    const programs = await trainingPrograms({
      architecture,
      size,
      batch: n,
      encoded: false,
      augmented: false,
      adversary: recipe.adversary,
      slopes: recipe.slopes,
      weights: recipe.losses,
      penalty: 1,
      mean,
    });
    const networks = await networksOf(architecture, size);
    for (const [i, fade] of FADES.entries()) {
      const batch = { real, mask, latent: latents, fade };
      const made = await programs.generatorStep(state.weights, batch);
      const { pictures: generated } = made;
      const judged = await programs.discriminatorStep(
        state.weights,
        { ...batch, generated, share },
        true,
      );
      const wanted: Record<string, ArrayLike<number>> = {
        ...((await networks.run({
          ...state.weights,
          latent: latents,
          fade: Float32Array.of(fade),
          real: shownPictures(real, mask, planes),
          generated: shownPictures(generated, mask, planes),
        })) as Record<string, Float32Array>),
        "loss/adversary": [made.losses.adversary!],
        "loss/discriminator": [judged.losses.discriminator!],
        "loss/slope": [judged.losses.slope!],
      };
      for (const [name, values] of Object.entries({ ...made.gradients, ...judged.gradients })) {
        wanted[`d/${name}`] = values;
      }
      const found = decodeSafetensors(readFileSync(files[2 * i + 1]!)).tensors;
      expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
      const differences = Object.entries(wanted).map(
        ([name, values]) =>
          [difference(found[name]!.data as Float32Array, values), name, fade] as const,
      );
      const [largest, ...where] = differences.reduce((a, b) => (b[0] > a[0] ? b : a));
      console.log(`${size} ${latent}: largest difference ${largest} of ${where.join(" at fade ")}`);
      expect(largest).toBeLessThan(1e-4);
    }
    await programs.dispose();
    await networks.dispose();
  });

  /** Pictures of every size, and the scores of what the discriminator is shown. */
  function networksOf(architecture: TextureArchitecture, size: number) {
    const graph = new Graph();
    const generator = trainableWeights(graph, GENERATOR);
    const discriminator = trainableWeights(graph, DISCRIMINATOR);
    const latent = graph.input("latent", "float32", [n, architecture.latentSize]);
    const fade = graph.input("fade", "float32", [1]);
    const real = graph.input("real", "float32", [n, 4, size, size]);
    const generated = graph.input("generated", "float32", [n, 4, size, size]);
    const score = (x: Tensor) => architecture.discriminator(discriminator.source, x, size, fade);
    const outputs: Record<string, Tensor> = {
      "scores/real": score(real),
      "scores/generated": score(generated),
    };
    for (const [side, picture] of architecture.generator(generator.source, latent, size, fade)) {
      outputs[`pictures/${side}`] = picture;
    }
    const given = { latent, fade, real, generated };
    const inputs = { ...given, ...generator.tensors, ...discriminator.tensors };
    return compile(graph, { inputs, outputs });
  }
});

const BATCH = 4;
const RESOLUTION = 16;
/** From 8 to 16 texels after 24 images. */
const RECIPE: Recipe = {
  ...PROGRESSIVE_RECIPE,
  phase: 8,
  batch: { 4: BATCH, 8: BATCH, 16: BATCH },
};

/** A dataset of noise as `ganfit dataset build` would write it, and the maps that tools/torch draws from it. */
function noiseDataset() {
  const path = join(folder, "dataset");
  mkdirSync(path);
  const size = RESOLUTION;
  const bytes = (count: number, seed: number) =>
    Uint8Array.from(noise(count, seed), (value) => Math.round(255 * value));
  const ids = ["a", "b", "c"];
  const tensors: Record<string, SafeTensor> = {};
  ids.forEach((id, i) => {
    tensors[`${id}.colour`] = { data: bytes(size * size * 3, 20 + i), shape: [size, size, 3] };
    tensors[`${id}.confidence`] = { data: bytes(size * size, 30 + i), shape: [size, size] };
  });
  const shard = "shard-000.safetensors";
  writeFileSync(join(path, shard), encodeSafetensors({ tensors, metadata: {} }));
  const colour = noise(size * size * 3, 40);
  writeFileSync(
    join(path, "mean.safetensors"),
    encodeSafetensors({
      tensors: { colour: { data: colour, shape: [size, size, 3] } },
      metadata: {},
    }),
  );
  const manifest = JSON.stringify({
    format: "ganfit-texture-dataset",
    version: 1,
    size,
    uvFrame: "ganfit-uv-1",
    tool: "test",
    inputs: "0".repeat(64),
    maps: ids.map((id) => ({
      id,
      shard,
      photo: `${id}.jpg`,
      sha256: "0".repeat(64),
      person: id,
      landmarkError: 0,
      skinTone: [0.5, 0.5, 0.5],
      seen: 0.5,
      licence: "",
      attribution: "",
    })),
    rejected: [],
    mean: "mean.safetensors",
  });
  parseManifest(manifest, "the test's manifest");
  writeFileSync(join(path, "manifest.json"), manifest);

  const source = (side: number): MapSource => {
    const small = (values: ArrayLike<number>, channels: number) =>
      shrunk(Float32Array.from(values), size, channels, size / side);
    const unit = (name: string, channels: number) =>
      small(
        Array.from(tensors[name]!.data as Uint8Array, (value) => value / 255),
        channels,
      );
    const turned = (values: Float32Array, channels: number) =>
      values.map((_, i) => {
        const [texel, channel] = [Math.floor(i / channels), i % channels];
        const [row, column] = [Math.floor(texel / side), texel % side];
        return values[(row * side + side - 1 - column) * channels + channel]!;
      });
    return {
      mean: { size: side, colour: small(colour, 3) },
      next(seed) {
        const random = randomUniform(seed);
        const id = ids[Math.floor(random() * ids.length)]!;
        const [colours, confidence] = [unit(`${id}.colour`, 3), unit(`${id}.confidence`, 1)];
        return random() < 0.5
          ? { colour: turned(colours, 3), confidence: turned(confidence, 1) }
          : { colour: colours, confidence };
      },
    };
  };
  return { path, source, sha256: createHash("sha256").update(manifest).digest("hex") };
}

describe.skipIf(!python)("training in PyTorch", () => {
  const dataset = noiseDataset();
  const configuration = configurationOf(RESOLUTION, "local", RECIPE, dataset.sha256);
  const { source } = dataset;
  const trainerOf = ({ latent, latentSize }: Pick<Configuration, "latent" | "latentSize">) =>
    new TextureTrainer({
      architecture: architectureOf({ resolution: RESOLUTION, latent, latentSize }),
      recipe: RECIPE,
      source,
      seed: SEED,
    });
  const script = here("train_texture.py");
  const train = (out: string, images: number, ...more: string[]) =>
    [script, "--data", dataset.path, "--out", out, "--images", `${images}`, ...more] as const;
  const checkpointIn = (out: string) => {
    const path = join(out, "checkpoint.safetensors");
    return decodeCheckpoint(readFileSync(path), path);
  };
  const begun = (name: string, bytes: Uint8Array): string => {
    const out = join(folder, name);
    mkdirSync(out);
    writeFileSync(join(out, "checkpoint.safetensors"), bytes);
    return out;
  };

  function expectAlike(found: TrainingState, wanted: TrainingState): void {
    const { images, step, size, optimiserSteps, augmentation } = wanted;
    expect(found).toMatchObject({ images, step, size, optimiserSteps, augmentation });
    for (const kind of ["weights", "averages", "moments"] as const) {
      expect(Object.keys(found[kind]).sort()).toEqual(Object.keys(wanted[kind]).sort());
      for (const [name, values] of Object.entries(wanted[kind])) {
        expect(difference(found[kind][name]!, values), `${kind} ${name}`).toBeLessThan(2e-4);
      }
    }
  }

  it("goes on with a checkpoint, over the growth of a size, and back", async () => {
    const straight = trainerOf(configuration);
    for (let i = 0; i < 5; i++) await straight.step();
    const bytes = encodeCheckpoint({ configuration, state: straight.state() }, straight.specs);
    const alone = begun("alone", bytes);
    const shared = begun("shared", bytes);
    for (let i = 0; i < 3; i++) await straight.step();

    const images = 8 * BATCH;
    const printed = run(...train(alone, images, "--resume"));
    expect(JSON.parse(printed)).toMatchObject({ images, step: 8, size: 16 });
    const back = checkpointIn(alone);
    expect(back.configuration).toEqual(configuration);
    expectAlike(back.state, straight.state());

    const returned = trainerOf(configuration);
    await returned.restore(back.state);
    await returned.step();
    await straight.step();
    expectAlike(returned.state(), straight.state());
    await returned.dispose();
    await straight.dispose();

    await runTwice(train(shared, images, "--resume", "--device", "cpu"));
    expectAlike(checkpointIn(shared).state, back.state);
  });

  it("begins with the same weights, latents and configuration", async () => {
    const out = join(folder, "fresh");
    const shape = ["--resolution", `${RESOLUTION}`, "--width", `${WIDTH}`, "--batch", `${BATCH}`];
    run(...train(out, 2 * BATCH, ...shape, "--phase", "8", "--seed", `${SEED}`));
    const { configuration: made, state } = checkpointIn(out);
    const wanted = configurationOf(RESOLUTION, "dense", RECIPE, dataset.sha256);
    // `ganfit train texture --resume` compares the text.
    expect(JSON.stringify(made)).toBe(JSON.stringify(wanted));
    const trainer = trainerOf(made);
    for (let i = 0; i < 2; i++) await trainer.step();
    expectAlike(state, trainer.state());
    await trainer.dispose();
  });

  it("says what is wrong in one sentence", async () => {
    const trainer = trainerOf(configuration);
    await trainer.step();
    const state = trainer.state();
    await trainer.dispose();
    const stored = (name: string, changes: Partial<Configuration>) =>
      begun(
        name,
        encodeCheckpoint({ configuration: { ...configuration, ...changes }, state }, trainer.specs),
      );
    const failed = (...args: readonly string[]) => {
      const { status, stderr } = spawnSync(python!, args, { encoding: "utf8" });
      expect(status).toBe(2);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      return stderr;
    };
    const out = stored("mine", {});
    expect(failed(...train(out, 8))).toMatch("is there already: --resume goes on with it.");
    expect(failed(...train(out, 8, "--resume", "--width", "1"))).toMatch("trained with --width");
    expect(failed(...train(join(folder, "none"), 8, "--resume"))).toMatch("there is no");
    const other = stored("other", { dataset: "0".repeat(64) });
    expect(failed(...train(other, 8, "--resume"))).toMatch("was trained on another dataset");
    const regional = stored("regional", { architecture: "regional" });
    expect(failed(...train(regional, 8, "--resume"))).toMatch(
      "is of a regional, encoded or adaptively",
    );
    const wider = stored("wider", { width: 1 / 16 });
    expect(failed(...train(wider, 8, "--resume"))).toMatch(/weight is \[.*\] and not \[/);
    writeFileSync(join(out, "checkpoint.safetensors"), "no checkpoint");
    expect(failed(...train(out, 8, "--resume"))).toMatch("is no safetensors file");
    expect(failed(script, "--data", folder, "--out", out, "--images", "8")).toMatch(
      "is no manifest of a texture dataset",
    );
    const large = train(join(folder, "large"), 8, "--resolution", "32");
    expect(failed(...large)).toMatch("holds maps of 16 texels a side, too few for 32.");
  });
});
