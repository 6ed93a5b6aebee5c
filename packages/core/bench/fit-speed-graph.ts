/** The graph that a fit compiles for its steps, and what the last of them was fed. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { COMPILED, type Compiled, type TypedArray } from "@ganfit/autodiff";

export type Feeds = Readonly<Record<string, TypedArray>>;

export interface StepGraph extends Pick<Compiled, "graph" | "options"> {
  readonly feeds: Feeds;
}

/**
 * Runs `work`, which fits, and looks at the graph of the energy's gradient that it compiles.
 *
 * @throws Error where it compiles and runs no such graph
 */
export async function withStepGraph<T>(work: () => Promise<T>): Promise<[T, StepGraph]> {
  const seen: { compiled: Compiled; feeds?: Feeds }[] = [];
  const onCompiled = (message: unknown) => {
    const compiled = message as Compiled;
    if (!("energy" in compiled.options.outputs)) return;
    const entry: (typeof seen)[number] = { compiled };
    const { program } = compiled;
    const run = program.run.bind(program);
    program.run = (feeds) => {
      entry.feeds = feeds;
      return run(feeds);
    };
    seen.push(entry);
  };
  subscribe(COMPILED, onCompiled);
  try {
    const result = await work();
    const last = seen.findLast(({ feeds }) => feeds);
    if (!last?.feeds) throw new Error("the fit ran no graph of an energy");
    const { graph, options } = last.compiled;
    return [result, { graph, options, feeds: last.feeds }];
  } finally {
    unsubscribe(COMPILED, onCompiled);
  }
}

/** Names of the outputs that are gradients, `d-NAME`, and what they are gradients by. */
export function gradientsOf({ options }: StepGraph): string[] {
  return Object.keys(options.outputs)
    .filter((name) => name.startsWith("d-"))
    .map((name) => name.slice(2));
}
