/**
 * WebGPU without a GPU: Debian's chromium package ships SwiftShader, a Vulkan driver in software,
 * and the Vulkan loader, on which ONNX Runtime's WebGPU provider runs in Node. The variables that
 * name them must be set before a process starts, hence a child.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { expectAgreement, type Results } from "./compare.js";
import { deviceCase } from "./graph.js";
import { runOn } from "./run.js";

const CHROMIUM = "/usr/lib/chromium";
const DRIVER = join(CHROMIUM, "vk_swiftshader_icd.json");
/** Modules are found from here by a program that comes on standard input. */
const PACKAGE = new URL("../..", import.meta.url);
/** None of these may have fallen back to the CPU, which ONNX Runtime does without a word. */
const WORK = ["Conv", "MatMul", "Gemm", "Resize", "GridSample", "Softmax", "LayerNormalization"];

if (!existsSync(DRIVER)) console.log(`WebGPU is not tested: there is no ${DRIVER}`);

test.skipIf(!existsSync(DRIVER))("webgpu in Node agrees with cpu", async () => {
  const folder = await mkdtemp(join(tmpdir(), "webgpu-"));
  try {
    const results = JSON.parse(await runChild(join(folder, "profile"))) as Results;
    expectAgreement(results, await runOn("cpu", deviceCase()));
    const [profile] = await readdir(folder);
    const ran = providers(await readFile(join(folder, profile!), "utf8"));
    expect(WORK.map((type) => [type, [...(ran.get(type) ?? [])]])).toEqual(
      WORK.map((type) => [type, ["WebGpuExecutionProvider"]]),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** What the child prints. It is bundled from the sources, so that no stale build is tested. */
async function runChild(profilePrefix: string): Promise<string> {
  const bundle = await build({
    entryPoints: [new URL("webgpu.process.ts", import.meta.url).pathname],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
  });
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: CHROMIUM,
    VK_ICD_FILENAMES: DRIVER,
    PROFILE_PREFIX: profilePrefix,
  };
  const child = spawn(process.execPath, ["--input-type=module"], { cwd: PACKAGE, env });
  let [printed, complaints] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  child.stdin.end(bundle.outputFiles[0]!.text);
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the child ended with ${code}: ${complaints}`);
  return printed;
}

/** The providers on which each type of operator ran. */
function providers(profile: string): Map<string, Set<string>> {
  const ran = new Map<string, Set<string>>();
  const events = JSON.parse(profile) as {
    readonly cat: string;
    readonly args?: { readonly op_name?: string; readonly provider?: string };
  }[];
  for (const { cat, args } of events) {
    if (cat !== "Node" || !args?.op_name || !args.provider) continue;
    ran.set(args.op_name, (ran.get(args.op_name) ?? new Set()).add(args.provider));
  }
  return ran;
}
