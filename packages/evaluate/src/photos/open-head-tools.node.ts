/** Everything that benchmarks of photos fit and judge with. */
import { readFile } from "node:fs/promises";
import {
  type FitModelFiles,
  loadFitModels,
  loadUvFrame,
  type NetworkOptions,
  type RecognitionModel,
  readRecognitionFile,
} from "@ganfit/core";
import { z } from "zod";
import { type HeadFitOptions, type HeadFitter, openHeadFitter } from "./head-fitter.js";
import { type Judge, openJudge } from "./judge.js";

export interface HeadToolsOptions extends FitModelFiles {
  /** A recognition network's JSON file or the network; the one that heads are fitted with where absent. */
  readonly judge?: string | RecognitionModel | undefined;
  readonly fit?: HeadFitOptions;
  readonly network?: NetworkOptions;
  readonly signal?: AbortSignal | undefined;
}

export interface HeadTools {
  readonly fitter: HeadFitter;
  readonly judge: Judge;
  /** Releases the networks. */
  dispose(): Promise<void>;
}

/** @throws GanfitError `model` or `network` naming the file that is missing or wrong; the signal's reason */
export async function openHeadTools(options: HeadToolsOptions = {}): Promise<HeadTools> {
  const { judge: given, fit = {}, network = {}, signal, ...files } = options;
  const version = await ownVersion();
  const frame = await loadUvFrame();
  const models = await loadFitModels(files, { ...network, signal });
  try {
    const read = typeof given === "string" ? await readRecognitionFile(given) : given;
    const { faces, hashes, recognition } = models;
    const judge = await openJudge(read ?? recognition, faces, hashes.recognition, network);
    return {
      fitter: openHeadFitter(models, frame, { options: fit, network, version }),
      judge,
      async dispose() {
        await judge.dispose();
        await models.dispose();
      },
    };
  } catch (error) {
    await models.dispose();
    throw error;
  }
}

/** This package's. */
async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
