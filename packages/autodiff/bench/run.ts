/** `npm run bench -- NAME [CASES]`: runs one benchmark; see CONTRIBUTING.md for their names. */
import { gradientBenchmark } from "./gradient.js";

const benchmarks: Readonly<Record<string, (only?: string) => Promise<void>>> = {
  gradient: gradientBenchmark,
};

const [name = "", only] = process.argv.slice(2);
const benchmark = benchmarks[name];
if (benchmark) await benchmark(only);
else {
  console.error(`bench: no benchmark "${name}"; there are: ${Object.keys(benchmarks).join(", ")}`);
  process.exitCode = 2;
}
