/** Runs the built command, as a user's shell does. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";
import { main } from "../src/main.node.js";

const COMMAND = fileURLToPath(new URL("../bin/ganfit.js", import.meta.url));
export const PORTRAIT = fileURLToPath(
  new URL("../../core/test/fixtures/astronaut.jpg", import.meta.url),
);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Folder of the user's models; a new one where absent. */
  readonly home?: string;
  /** Interrupts the command after so many milliseconds. */
  readonly interruptAfter?: number;
  /** Interrupts the command when its error stream says this. */
  readonly interruptOn?: RegExp;
}

/** A folder that is removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ganfit-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function ganfit(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...process.env, GANFIT_HOME: options.home ?? join(tmpdir(), "ganfit-cli-none") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (!child.killed && options.interruptOn?.test(stderr)) child.kill("SIGINT");
    });
    if (options.interruptAfter !== undefined) {
      setTimeout(() => child.kill("SIGINT"), options.interruptAfter);
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The same without a process of its own, which takes a second to start. */
export async function ganfitHere(args: readonly string[]): Promise<Outcome> {
  const told = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      told[name] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await main(args), ...told };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
