// Fetching a list of files whose sizes and SHA-256 sums are known.
//
// Files are verified before they get their names, so what is there is right: an interrupted download goes
// on where it stopped, and a damaged file is fetched again.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { GanfitError } from "../../errors.js";

const manifestSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(/^[\w.-]+(\/[\w.-]+)*$/)
          .refine((path) => !path.split("/").some((part) => /^\.+$/.test(part))),
        size: z
          .int()
          .min(0)
          .max(2 ** 31),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(100_000),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = Manifest["files"][number];

/** How far a download has come; what was there already counts as done. */
export interface DownloadProgress {
  /** The file that has just been finished or moved on. */
  readonly file: string;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Files fetched at a time. */
  readonly parallel?: number;
  /** Tries per file and source, after failures that may pass. */
  readonly attempts?: number;
  /** Wait before the second try, milliseconds; it doubles with every further one. */
  readonly retryDelay?: number;
  /** Give up a try when nothing comes for so long, milliseconds. */
  readonly stallTimeout?: number;
}

export const DOWNLOAD_DEFAULTS = {
  parallel: 6,
  attempts: 5,
  retryDelay: 500,
  stallTimeout: 30_000,
} as const satisfies DownloadOptions;

/** Longest wait that a server's Retry-After can ask for, milliseconds. */
const MAX_WAIT = 60_000;

/**
 * Reads a list of files.
 *
 * @throws GanfitError `download` where it is not one
 */
export async function readManifest(path: string | URL): Promise<Manifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new GanfitError("download", `${path} is no list of files to download.`, { cause });
  }
}

/**
 * Fetches the files of a manifest that are not there yet.
 *
 * @param sources addresses that paths are appended to; the next is tried where one lacks a file or sends
 *   another one
 * @param directory where the files go, made if need be
 * @throws GanfitError `download` where a file cannot be had from any source, after which the finished ones
 *   stay and a second call fetches the rest; `cancelled` where the signal fired
 */
export async function downloadFiles(
  manifest: Manifest,
  sources: readonly string[],
  directory: string,
  options: DownloadOptions = {},
): Promise<void> {
  const settings = { ...DOWNLOAD_DEFAULTS, ...options };
  const stop = new AbortController();
  const unlink = link(options.signal, stop);
  const progress = new Progress(manifest, options.onProgress);
  const queue = [...manifest.files];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      stop.signal.throwIfAborted();
      if (!(await isVerified(join(directory, file.path), file))) {
        await fetchFile(file, sources, directory, stop.signal, settings, progress);
      }
      progress.finish(file);
    }
  };
  // Others are stopped at the first failure, and all have ended when this returns.
  const workers = Array.from({ length: settings.parallel }, () =>
    worker().catch((error: unknown) => {
      const first = !stop.signal.aborted;
      stop.abort();
      return first ? error : undefined;
    }),
  );
  const error = (await Promise.all(workers)).find((result) => result !== undefined);
  unlink();
  if (options.signal?.aborted) {
    throw new GanfitError("cancelled", "The download was cancelled; what has come is kept.", {
      cause: error,
    });
  }
  if (error !== undefined) throw error;
}

/** A failure of one try. */
class TryError extends Error {
  constructor(
    message: string,
    /** Whether another try at the same source makes sense. */
    readonly passing: boolean,
    /** Milliseconds that the server asks to wait. */
    readonly wait = 0,
  ) {
    super(message);
  }
}

type Settings = Required<Omit<DownloadOptions, "onProgress" | "signal">>;

async function fetchFile(
  file: ManifestFile,
  sources: readonly string[],
  directory: string,
  signal: AbortSignal,
  settings: Settings,
  progress: Progress,
): Promise<void> {
  let reason = "no source is known";
  let cause: unknown;
  for (const source of sources) {
    const url = `${source}${file.path}`;
    for (let attempt = 0; attempt < settings.attempts; attempt++) {
      try {
        await tryFile(url, file, join(directory, file.path), signal, settings, progress);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof TryError)) throw error;
        progress.restart(file);
        reason = `${url} ${error.message}`;
        cause = error;
        if (!error.passing) break;
        if (attempt + 1 < settings.attempts) {
          // Spread, so that files that failed together do not come back together.
          const backoff = settings.retryDelay * 2 ** attempt * (0.75 + 0.5 * Math.random());
          await sleep(Math.min(MAX_WAIT, Math.max(backoff, error.wait)), undefined, { signal });
        }
      }
    }
  }
  throw new GanfitError(
    "download",
    `${file.path} could not be fetched: ${reason}. The files that have come are kept: try again later.`,
    { cause },
  );
}

/**
 * Aborts a controller when a signal fires.
 *
 * @returns takes the connection away again, so that thousands of tries do not gather on one signal
 */
function link(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return () => signal?.removeEventListener("abort", abort);
}

/**
 * Ends waiting when a signal fires. In Node 20 the body of an aborted `fetch` sometimes neither ends nor
 * fails, so the signal given to `fetch` alone does not do.
 */
class Abortion {
  private readonly rejection: Promise<never>;

  constructor(signal: AbortSignal) {
    this.rejection = new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    this.rejection.catch(() => undefined);
  }

  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.rejection]);
  }
}

/** One request, into a temporary file that is renamed when its sum is right. */
async function tryFile(
  url: string,
  file: ManifestFile,
  path: string,
  signal: AbortSignal,
  settings: Settings,
  progress: Progress,
): Promise<void> {
  const attempt = new AbortController();
  const unlink = link(signal, attempt);
  const aborted = new Abortion(attempt.signal);
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    attempt.abort();
  }, settings.stallTimeout);
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    const response = await aborted.race(fetch(url, { signal: attempt.signal }));
    if (response.status !== 200) {
      void response.body?.cancel().catch(() => undefined);
      throw refusal(response);
    }
    await mkdir(dirname(path), { recursive: true });
    await receive(response, file, temporary, aborted, (bytes) => {
      timer.refresh();
      progress.advance(file, bytes);
    });
    await rename(temporary, path);
  } catch (error) {
    if (stalled) {
      throw new TryError(`sent nothing for ${settings.stallTimeout / 1000} s`, true);
    }
    throw networkFailure(error) ?? error;
  } finally {
    clearTimeout(timer);
    unlink();
    await rm(temporary, { force: true });
  }
}

/** Writes a response to disk while its sum is taken. */
async function receive(
  response: Response,
  { size, sha256 }: ManifestFile,
  path: string,
  aborted: Abortion,
  onBytes: (count: number) => void,
): Promise<void> {
  const output = await open(path, "wx");
  const reader = response.body?.getReader();
  const hash = createHash("sha256");
  let received = 0;
  try {
    while (reader && received <= size) {
      const { done, value } = await aborted.race(reader.read());
      if (done) break;
      received += value.length;
      if (received > size) break;
      hash.update(value);
      await output.writeFile(value);
      onBytes(value.length);
    }
    await output.sync();
  } finally {
    void reader?.cancel().catch(() => undefined);
    await output.close();
  }
  if (received > size) throw new TryError(`sends more than the expected ${size} bytes`, true);
  if (received < size) throw new TryError(`sent ${received} of ${size} bytes`, true);
  if (hash.digest("hex") !== sha256) {
    throw new TryError("is not the file it should be: its SHA-256 differs", true);
  }
}

function refusal(response: Response): TryError {
  const { status } = response;
  const passing = status === 408 || status === 429 || status >= 500;
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return new TryError(`answers ${status}`, passing, Number.isFinite(seconds) ? 1000 * seconds : 0);
}

/** What `fetch` and its streams throw where a connection fails: a TypeError around the cause. */
function networkFailure(error: unknown): TryError | null {
  if (!(error instanceof TypeError)) return null;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return new TryError(`cannot be read (${cause})`, true);
}

/** Whether a file is there with the right content. */
async function isVerified(path: string, { size, sha256 }: ManifestFile): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile() || stats.size !== size) return false;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex") === sha256;
}

/** Adds up what has come, also of files under way. */
class Progress {
  private filesDone = 0;
  private bytesDone = 0;
  private readonly bytesTotal: number;
  private readonly partial = new Map<ManifestFile, number>();

  constructor(
    private readonly manifest: Manifest,
    private readonly report: DownloadOptions["onProgress"],
  ) {
    this.bytesTotal = manifest.files.reduce((sum, file) => sum + file.size, 0);
  }

  advance(file: ManifestFile, bytes: number): void {
    this.set(file, (this.partial.get(file) ?? 0) + bytes);
    this.tell(file);
  }

  /** A try failed: its bytes do not count. */
  restart(file: ManifestFile): void {
    this.set(file, 0);
  }

  finish(file: ManifestFile): void {
    this.set(file, file.size);
    this.filesDone++;
    this.tell(file);
  }

  private set(file: ManifestFile, bytes: number): void {
    this.bytesDone += bytes - (this.partial.get(file) ?? 0);
    this.partial.set(file, bytes);
  }

  private tell(file: ManifestFile): void {
    this.report?.({
      file: file.path,
      filesDone: this.filesDone,
      filesTotal: this.manifest.files.length,
      bytesDone: this.bytesDone,
      bytesTotal: this.bytesTotal,
    });
  }
}
