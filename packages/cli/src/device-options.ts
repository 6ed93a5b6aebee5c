import type { NetworkOptions } from "@ganfit/core";
import { type Command, Option } from "commander";
import { positiveNumber } from "./numbers.js";

export type DeviceOptions = Pick<NetworkOptions, "device" | "threads">;

/** Adds `--device` and `--threads`. */
export function withDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--device <name>", "what the networks run on")
        .choices(["cpu", "cuda", "webgpu"])
        .default("cpu"),
    )
    .option("--threads <count>", "threads of the CPU; default: one per core", positiveNumber);
}
