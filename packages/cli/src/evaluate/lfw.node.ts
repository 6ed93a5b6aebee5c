/** `ganfit evaluate lfw`. */
import type { Texture } from "@ganfit/evaluate";
import { TEXTURES } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { positiveNumber } from "../numbers.js";
import { type HeadOptions, reportHeads, withHeadOptions } from "./head-session.node.js";

interface LfwOptions extends HeadOptions {
  readonly pairs?: string;
  readonly texture: Texture;
  readonly folds?: number;
  readonly limit?: number;
  readonly sameNetwork?: boolean;
}

export function lfwCommand(signal: AbortSignal): Command {
  const command = new Command("lfw")
    .description(
      "identity on Labeled Faces in the Wild: heads against photos, by the list of pairs",
    )
    .argument("<photos>", "LFW's folder, a folder for each person")
    .option("--pairs <file>", "the list of pairs; default: pairs.txt in that folder")
    .addOption(
      new Option("--texture <source>", "what the heads wear")
        .choices(TEXTURES)
        .default("generated"),
    )
    .option("--folds <count>", "the first so many of the list's folds", positiveNumber)
    .option("--limit <count>", "the first so many pairs of each kind in each fold", positiveNumber)
    .option(
      "--same-network",
      "let the network judge that the heads are fitted with, which flatters them",
    );
  return withHeadOptions(command).action(async (data: string, options: LfwOptions) => {
    const { evaluateLfw } = await import("@ganfit/evaluate");
    const { pairs, texture, folds, limit, sameNetwork = false, out } = options;
    return reportHeads(options, signal, (tools) =>
      evaluateLfw(
        { data, pairs, texture, folds, limit, out, allowSameNetwork: sameNetwork },
        tools,
      ),
    );
  });
}
