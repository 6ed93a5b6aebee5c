/** `ganfit evaluate photos`. */
import type { Texture } from "@ganfit/evaluate";
import { TEXTURES } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { positiveNumber } from "../numbers.js";
import { type HeadOptions, reportHeads, withHeadOptions } from "./head-session.node.js";

interface PhotosOptions extends HeadOptions {
  readonly texture: Texture;
  readonly limit?: number;
}

export function photosCommand(signal: AbortSignal): Command {
  const command = new Command("photos")
    .description("how good the heads of any photos are, worst first, with pictures")
    .argument("<photos>", "folder; a folder in it with two photos or more is one person")
    .addOption(
      new Option("--texture <source>", "what the heads wear").choices(TEXTURES).default("photo"),
    )
    .option("--limit <count>", "the first so many people", positiveNumber);
  return withHeadOptions(command).action(async (photos: string, options: PhotosOptions) => {
    const { evaluatePhotos } = await import("@ganfit/evaluate");
    const { texture, limit, out } = options;
    return reportHeads(options, signal, (tools) =>
      evaluatePhotos({ photos, out, textures: [texture], limit }, tools),
    );
  });
}
