/** `npm run bench -- NAME [ARGUMENTS]`: runs one benchmark; CONTRIBUTING.md says what each measures. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const BENCHMARKS: Readonly<Record<string, readonly [file: string, ...first: string[]]>> = {
  fit: ["packages/core/bench/fit.ts"],
  "fit-speed": ["packages/core/bench/fit-speed.ts"],
  geometry: ["packages/evaluate/bench/geometry.ts"],
  kernels: ["packages/evaluate/bench/geometry-kernels.ts"],
  protocols: ["packages/evaluate/bench/protocols.ts"],
  gradient: ["packages/autodiff/bench/run.ts", "gradient"],
  photos: ["packages/core/bench/photos.ts"],
  recognition: ["packages/evaluate/bench/recognition.ts"],
  segmentation: ["packages/core/bench/segmentation.ts"],
  head: ["packages/core/bench/head.ts"],
  likeness: ["packages/evaluate/bench/likeness.ts"],
  relight: ["packages/core/bench/relight.ts"],
  render: ["packages/core/bench/render.ts"],
  texture: ["packages/train/bench/texture.ts"],
  train: ["packages/train/bench/throughput.ts"],
  uv: ["packages/core/bench/uv.ts"],
};

const [name = "", ...rest] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark) {
  const [file, ...first] = benchmark;
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const { status } = spawnSync(process.execPath, [tsx, path, ...first, ...rest], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} else {
  console.error(`bench: no benchmark "${name}"; there are: ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exitCode = 2;
}
