/** Where ONNX Runtime spends the time of a graph: its own profile of some runs, node by node. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeModel } from "@ganfit/autodiff";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { StepGraph } from "./fit-speed-graph.js";

export interface NodeTime {
  readonly name: string;
  readonly operator: string;
  /** Median over the runs. */
  readonly milliseconds: number;
}

/** One entry of the profile; times in microseconds. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

const KERNEL = "_kernel_time";
const WARM_UP = 3;

/** Profiles `runs` runs on the last step's feeds. */
export async function profileOf(
  { options, feeds }: StepGraph,
  runs: number,
  threads: number,
): Promise<NodeTime[]> {
  const folder = await mkdtemp(join(tmpdir(), "ganfit-profile-"));
  try {
    const session = await InferenceSession.create(writeModel({ ...options, device: "cpu" }), {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
      intraOpNumThreads: threads,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const tensors = Object.fromEntries(
      session.inputNames.map((name) => {
        const { dtype, shape } = options.inputs[name]!;
        return [name, new Tensor(dtype as "float32", feeds[name] as Float32Array, shape)];
      }),
    );
    for (let run = -WARM_UP; run < runs; run++) await session.run(tensors);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return nodeTimes(JSON.parse(await readFile(join(folder, file!), "utf8")), WARM_UP);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Medians of each node's times in a profile, the first `skipped` runs left out; the longest first. */
export function nodeTimes(events: readonly ProfileEvent[], skipped: number): NodeTime[] {
  const nodes = new Map<string, { operator: string; times: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith(KERNEL)) continue;
    const key = name.slice(0, -KERNEL.length);
    const node = nodes.get(key) ?? { operator: args.op_name ?? "", times: [] };
    node.times.push(dur / 1000);
    nodes.set(key, node);
  }
  return [...nodes]
    .map(([name, { operator, times }]) => {
      const kept = times.slice(skipped).sort((a, b) => a - b);
      return { name, operator, milliseconds: kept[kept.length >> 1] ?? 0 };
    })
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/**
 * The part of the graph that a node belongs to: the scope it was made in, with `gradient` before it where it is
 * backward. ONNX Runtime's own changes of layout have names of their own.
 */
export function partOf({ name, operator }: NodeTime): string {
  if (/^Reorder(Input|Output)$/.test(operator)) return "layout";
  const scopes = name.split("/").slice(0, -1);
  if (scopes.length === 0) return "other";
  if (scopes[0] !== "gradient") return scopes[0]!;
  return scopes.length > 1 ? `gradient/${scopes[1]}` : "gradient";
}

/** Sums by a key, milliseconds to two digits, the largest first. */
export function summed(nodes: readonly NodeTime[], key: (node: NodeTime) => string) {
  const sums = new Map<string, number>();
  for (const node of nodes) sums.set(key(node), (sums.get(key(node)) ?? 0) + node.milliseconds);
  const entries = [...sums].sort(([, a], [, b]) => b - a);
  return Object.fromEntries(entries.map(([name, time]) => [name, Math.round(100 * time) / 100]));
}
