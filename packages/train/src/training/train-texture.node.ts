/** A whole training, from a dataset on disk to a generator on disk, which can be stopped and resumed. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { CompileOptions } from "@ganfit/autodiff";
import {
  cannotWrite,
  contactSheet,
  GanfitError,
  type Holder,
  loadUvFrame,
  randomNormals,
  shrinkTexture,
  UV_FRAME,
  writeImage,
  writeWhole,
} from "@ganfit/core";
import { loadDataset, type TextureDataset } from "../dataset/dataset-reader.node.js";
import { MANIFEST_FILE } from "../dataset/manifest.js";
import { generatorFile } from "../export/generator-file.js";
import {
  progressiveArchitecture,
  regionalArchitecture,
  SEEN_AREA,
  type TextureArchitecture,
} from "../networks/architecture.js";
import { type Configuration, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import { datasetSource, linearModelOf } from "./map-sources.js";
import { phaseAt, phasesOf } from "./recipe.js";
import { samplePictures } from "./sample-pictures.js";
import { TextureTrainer, type TrainingReport } from "./trainer.js";

export interface TrainTextureOptions extends Pick<CompileOptions, "device" | "threads"> {
  /** Folder of a dataset. */
  readonly data: string;
  /** Folder of the results. */
  readonly out: string;
  /** All but the dataset's hash. */
  readonly configuration: Omit<Configuration, "dataset">;
  /** Maps to show, those before an interruption included. */
  readonly images: number;
  /** Maps between two checkpoints. */
  readonly every: number;
  /** Whether to go on from the folder's checkpoint. */
  readonly resume: boolean;
  readonly signal?: AbortSignal;
  readonly onStage?: (stage: string) => void;
  readonly onStep?: (report: TrainingReport) => void;
}

export const CHECKPOINT_FILE = "checkpoint.safetensors";
export const LOG_FILE = "log.jsonl";
const GENERATOR_NAME = "texture-generator";
const SAMPLES = 16;
/** Its first size is half of its last, and has areas of whole texels. */
const LEAST_REGIONAL = 128;
/** `textureGenerator` of the core takes none with smaller textures. */
const LEAST_GENERATOR = 64;

/**
 * Writes, every so many images and at the end, `checkpoint.safetensors`, `samples-IMAGES.png` and a line of `log.jsonl` with
 * the mean losses since the last; at the end also `texture-generator.onnx` and `.json`, if the textures have 64 texels or
 * more and their resolution is being trained. Cancelled, it writes a checkpoint first.
 *
 * @returns a sentence that says why there is no generator, where there is none
 * @throws GanfitError `usage` where the dataset is smaller than the textures, or a checkpoint is there and is not to be
 *   resumed, or is not there and is, or is of another configuration; `output` where something cannot be written; the
 *   signal's reason
 */
export async function trainTexture(options: TrainTextureOptions): Promise<string | undefined> {
  const { data, out, images, every, signal, onStage, onStep, device, threads } = options;
  const runtime = { ...(device && { device }), ...(threads && { threads }) };
  const hash = createHash("sha256")
    .update(await datasetManifest(data))
    .digest("hex");
  const configuration: Configuration = { ...options.configuration, dataset: hash };
  const checkpoint = await checkpointOf(options, configuration);
  onStage?.("reading the dataset");
  const dataset = await loadDataset(data);
  const { resolution, recipe, seed } = configuration;
  if (resolution > dataset.size) {
    throw new GanfitError(
      "usage",
      `Textures of ${resolution} texels cannot be learnt from maps of ${dataset.size}.`,
    );
  }
  if (recipe.encoded) onStage?.("fitting the linear model");
  if (configuration.architecture === "regional" && resolution < LEAST_REGIONAL) {
    throw new GanfitError(
      "usage",
      `The regional generator makes textures of ${LEAST_REGIONAL} texels or more, not of ${resolution}.`,
    );
  }
  const made = architecturesOf(configuration, dataset);
  const frame = await loadUvFrame();
  const trainer = new TextureTrainer({
    architecture: made.trained,
    recipe,
    seed,
    source: (size) => datasetSource(dataset, frame, size, made.model),
    ...runtime,
  });
  await mkdir(out, { recursive: true }).catch((error) => {
    throw cannotWrite(out, error);
  });
  const latents = Array.from({ length: SAMPLES }, (_, i) =>
    Float32Array.from(randomNormals(configuration.latentSize, i + 1)),
  );
  const log = join(out, LOG_FILE);
  const save = async ({ size, fade, step }: TrainingReport, losses: Sums) => {
    const state = trainer.state();
    const pictures = await samplePictures(
      made.whole(),
      state.averages,
      { size, fade, latents },
      runtime,
    );
    const name = `samples-${String(state.images).padStart(8, "0")}.png`;
    await writeImage(join(out, name), contactSheet(pictures, { columns: 4 }));
    const line = { images: state.images, step, size, fade, ...losses.means() };
    await appendFile(log, `${JSON.stringify(line)}\n`).catch((error) => {
      throw cannotWrite(log, error);
    });
    // Last, so that it stands for what came before it.
    const shapes = new Map([...(checkpoint?.shapes ?? []), ...trainer.specs]);
    const bytes = encodeCheckpoint({ configuration, state }, shapes);
    await writeWhole(join(out, CHECKPOINT_FILE), bytes);
  };
  try {
    onStage?.("preparing the gradients");
    if (checkpoint) {
      await trainer.restore(checkpoint.state);
      await trimLog(log, checkpoint.state.images);
    }
    let shown = checkpoint?.state.images ?? 0;
    let losses = new Sums();
    let saved = true;
    let report: TrainingReport | undefined;
    while (shown < images) {
      if (signal?.aborted) break;
      report = await trainer.step();
      losses.add(report.losses);
      saved = Math.floor(report.images / every) > Math.floor(shown / every);
      shown = report.images;
      onStep?.(report);
      if (saved) {
        await save(report, losses);
        losses = new Sums();
      }
    }
    if (report && !saved) await save(report, losses);
    signal?.throwIfAborted();
    const state = trainer.state();
    if (resolution < LEAST_GENERATOR) {
      return `No generator is written: fits take textures of ${LEAST_GENERATOR} texels or more.`;
    }
    if (state.size < resolution) {
      return `No generator is written: after ${state.images} images textures of ${state.size} texels are trained, those of ${resolution} not yet.`;
    }
    const { fade } = phaseAt(phasesOf(made.trained.sizes, recipe), state.images);
    const bytes = generatorFile((hold) => made.whole(hold), state.averages, resolution, fade);
    await writeGenerator(out, bytes, configuration.architecture, dataset, made.trained.prior);
    return undefined;
  } finally {
    await trainer.dispose();
  }
}

/** Means of losses that are not all there in every step. */
class Sums {
  private readonly sums = new Map<string, [sum: number, count: number]>();

  add(losses: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(losses)) {
      const [sum, count] = this.sums.get(name) ?? [0, 0];
      this.sums.set(name, [sum + value, count + 1]);
    }
  }

  means(): Record<string, number> {
    const entries = [...this.sums].map(([name, [sum, count]]) => [name, sum / count] as const);
    return Object.fromEntries(entries.map(([name, value]) => [name, Number(value.toPrecision(6))]));
  }
}

/** Texels of the maps that a progressive generator is given linear latents of. */
const ENCODED_SIZE = 64;

interface Architectures {
  readonly trained: TextureArchitecture;
  readonly model?: ReturnType<typeof linearModelOf>;
  /** That makes whole maps. */
  whole(hold?: Holder): TextureArchitecture;
}

function architecturesOf(configuration: Configuration, dataset: TextureDataset): Architectures {
  const { architecture, resolution, width, latent, latentSize, recipe } = configuration;
  if (architecture === "progressive") {
    const made = progressiveArchitecture(resolution, { width, latent, latentSize });
    const model = recipe.encoded ? linearModelOf(dataset, ENCODED_SIZE) : undefined;
    return { trained: made, whole: () => made, ...(model && { model }) };
  }
  const model = linearModelOf(dataset, resolution / 2);
  const mean = shrinkTexture(dataset.mean, dataset.size / resolution);
  return {
    trained: regionalArchitecture(model, mean, { area: SEEN_AREA }),
    model,
    whole: (hold) => regionalArchitecture(model, mean, hold ? { hold } : {}),
  };
}

async function datasetManifest(data: string): Promise<Uint8Array> {
  try {
    return await readFile(join(data, MANIFEST_FILE));
  } catch (error) {
    throw new GanfitError(
      "usage",
      `${data} is no dataset (${(error as Error).message}); ganfit dataset build makes one.`,
      { cause: error },
    );
  }
}

async function checkpointOf(
  { out, resume }: TrainTextureOptions,
  configuration: Configuration,
): Promise<ReturnType<typeof decodeCheckpoint> | undefined> {
  const path = join(out, CHECKPOINT_FILE);
  const there = await stat(path).catch(() => null);
  if (!resume && there) {
    throw new GanfitError(
      "usage",
      `${out} holds a training already: go on with --resume, or choose another folder.`,
    );
  }
  if (!resume) return undefined;
  if (!there) throw new GanfitError("usage", `There is no ${path} to go on from.`);
  const bytes = await readFile(path).catch((error) => {
    throw new GanfitError("usage", `${path} cannot be read (${error.code}).`, { cause: error });
  });
  const checkpoint = decodeCheckpoint(bytes, path);
  const differs = (Object.keys(configuration) as (keyof Configuration)[]).find(
    (key) => JSON.stringify(configuration[key]) !== JSON.stringify(checkpoint.configuration[key]),
  );
  if (!differs) return checkpoint;
  throw new GanfitError(
    "usage",
    `${path} is of another training: its ${differs} is ${JSON.stringify(checkpoint.configuration[differs])}, not ${JSON.stringify(configuration[differs])}.`,
  );
}

/** Takes out what a run wrote after its last checkpoint and before it was cut off, be it half a line. */
async function trimLog(path: string, images: number): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text === "") return;
  const lines = text.split(/(?<=\n)/);
  const kept = lines.findIndex((line) => !isLineUpTo(line, images));
  if (kept === -1) return;
  const bytes = new TextEncoder().encode(lines.slice(0, kept).join(""));
  await truncate(path, bytes.length).catch((error) => {
    throw cannotWrite(path, error);
  });
}

function isLineUpTo(line: string, images: number): boolean {
  try {
    return line.endsWith("\n") && (JSON.parse(line) as { images: number }).images <= images;
  } catch {
    return false;
  }
}

async function writeGenerator(
  out: string,
  bytes: Uint8Array,
  architecture: Configuration["architecture"],
  { manifest }: TextureDataset,
  prior: TextureArchitecture["prior"],
): Promise<void> {
  const file = `${GENERATOR_NAME}.onnx`;
  const unique = (values: readonly string[]) => [...new Set(values)].join("; ");
  const description = {
    file,
    name: `ganfit ${architecture} texture GAN`,
    licence: unique(manifest.maps.map(({ licence }) => licence)).slice(0, 500) || "unknown",
    attribution: unique(manifest.maps.map(({ attribution }) => attribution)).slice(0, 2000),
    uvFrame: UV_FRAME,
    prior,
  };
  await writeWhole(join(out, file), bytes);
  const text = `${JSON.stringify(description, null, 2)}\n`;
  await writeWhole(join(out, `${GENERATOR_NAME}.json`), new TextEncoder().encode(text));
}
