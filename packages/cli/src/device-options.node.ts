/** `--device` and `--threads`, the same for every command that runs networks. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { NetworkOptions } from "@ganfit/core";
import { type Command, Option } from "commander";
import { positiveNumber } from "./numbers.js";

export interface DeviceOptions {
  readonly device: NonNullable<NetworkOptions["device"]> | "auto";
  readonly threads?: number;
}

const PROBE = fileURLToPath(new URL("./probe-device.node.js", import.meta.url));
/** A device that takes longer to get going is as good as none, milliseconds. */
const PATIENCE = 30_000;

/** Adds `--device` and `--threads`. */
export function withDeviceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--device <name>",
        "what the networks run on; auto takes the first of cuda and webgpu that works and is faster than the cpu",
      )
        .choices(["cpu", "webgpu", "cuda", "wasm", "auto"])
        .default("cpu"),
    )
    .option("--threads <count>", "threads of the CPU; default: one per core", positiveNumber);
}

/**
 * What the options say, `auto` replaced by the device that it finds; `say` is told which. Threads are as many as there
 * are processors for this process, which a container may have fewer of than its machine: ONNX Runtime would count
 * wrong there.
 */
export async function chosenDevice(
  { device, threads = availableParallelism() }: DeviceOptions,
  signal: AbortSignal,
  say: (what: string) => void,
): Promise<NetworkOptions> {
  const chosen = device === "auto" ? await available(signal) : device;
  if (device === "auto") say(`running on ${chosen}`);
  return { device: chosen, threads };
}

async function available(signal: AbortSignal): Promise<"cuda" | "webgpu" | "cpu"> {
  for (const device of ["cuda", "webgpu"] as const) {
    if (await works(device, signal)) return device;
    signal.throwIfAborted();
  }
  return "cpu";
}

/** In a process of its own: drivers that are missing print on their own account, and faulty ones crash. */
function works(device: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = spawn(process.execPath, [PROBE, device], {
      stdio: "ignore",
      signal,
      timeout: PATIENCE,
    });
    probe.on("error", () => resolve(false));
    probe.on("close", (code) => resolve(code === 0));
  });
}
