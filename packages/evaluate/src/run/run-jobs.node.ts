/** Jobs side by side on worker threads; in this thread where one is all that is asked for. */
import { Piscina } from "piscina";
import type { Job } from "./worker.node.js";
import work from "./worker.node.js";

export interface RunOptions {
  /** At least 1. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** After each job. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * @returns what the jobs gave, in their order
 * @throws the first error of a job, or the signal's reason; what other jobs have kept stays
 */
export async function runJobs(
  jobs: readonly Job[],
  { threads, signal, onProgress }: RunOptions,
): Promise<Awaited<ReturnType<typeof work>>[]> {
  let done = 0;
  const tell = () => onProgress?.(++done, jobs.length);
  if (threads === 1 || jobs.length < 2) {
    const results: Awaited<ReturnType<typeof work>>[] = [];
    for (const job of jobs) {
      signal?.throwIfAborted();
      results.push(await work(job));
      tell();
    }
    return results;
  }
  const count = Math.min(threads, jobs.length);
  const pool = new Piscina<Job, Awaited<ReturnType<typeof work>>>({
    filename: new URL("./worker.node.js", import.meta.url).href,
    minThreads: count,
    maxThreads: count,
  });
  // One listener for all jobs: Node warns of a leak where each has its own.
  const stop = () => void pool.destroy();
  signal?.throwIfAborted();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.all(
      jobs.map(async (job) => {
        const result = await pool.run(job);
        tell();
        return result;
      }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.destroy();
  }
}
