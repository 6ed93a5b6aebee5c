// Parts of a file on a web server (RFC 9110, section 14), so that a model of many modes need not come
// over the wire whole.
import { GanfitError } from "../../errors.js";
import { type ByteSource, memorySource } from "./byte-source.js";

export interface HttpSourceOptions {
  readonly signal?: AbortSignal;
  /** Bytes to fetch at once with the first request; enough for a header. */
  readonly firstBytes?: number;
  /** Most bytes to accept from a server that cannot send parts and sends everything. */
  readonly maxBytes?: number;
  /** For tests and for programs with a `fetch` of their own. */
  readonly fetch?: typeof fetch;
}

const DEFAULTS = { firstBytes: 65_536, maxBytes: 2 ** 30 };

/**
 * A file on a web server, read in parts. A server that does not know ranges sends everything, which is
 * then kept in memory. The file must not change while it is read: its ETag is compared.
 *
 * @throws GanfitError `download` where the server refuses, stops early or changes the file;
 *   `cancelled` where the signal fired
 */
export async function httpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): Promise<ByteSource> {
  const { firstBytes, maxBytes } = { ...DEFAULTS, ...options };
  const get = options.fetch ?? fetch;
  const request = async (first: number, last: number): Promise<Response> => {
    try {
      return await get(url, {
        headers: { Range: `bytes=${first}-${last}` },
        ...(options.signal && { signal: options.signal }),
      });
    } catch (cause) {
      throw refused(options.signal, `cannot be reached`, cause);
    }
  };
  const refused = (signal: AbortSignal | undefined, sentence: string, cause?: unknown) =>
    signal?.aborted
      ? new GanfitError("cancelled", `Reading ${url} was cancelled.`, { cause })
      : new GanfitError("download", `${url} ${sentence}.`, { cause });

  const body = async (response: Response, limit: number): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of stream(response)) {
        length += chunk.length;
        if (length > limit) throw refused(undefined, `sends more than ${limit} bytes`);
        chunks.push(chunk);
      }
    } catch (cause) {
      if (cause instanceof GanfitError) throw cause;
      throw refused(options.signal, `stopped sending after ${length} bytes`, cause);
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  };

  const response = await request(0, firstBytes - 1);
  if (response.status === 200) return memorySource(await body(response, maxBytes));
  // A file of no bytes has no first byte to send.
  if (response.status === 416) return memorySource(new Uint8Array(0));
  if (response.status !== 206) throw refused(undefined, `answers ${response.status}`);
  const size = Number(
    /^bytes 0-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1],
  );
  if (!Number.isSafeInteger(size)) throw refused(undefined, "does not say how large it is");
  const version = response.headers.get("etag");
  const head = await body(response, firstBytes);
  if (head.length !== Math.min(firstBytes, size)) {
    throw refused(undefined, `sent ${head.length} bytes of ${Math.min(firstBytes, size)}`);
  }

  return {
    size,
    async read(offset, length) {
      if (offset + length <= head.length) return head.subarray(offset, offset + length);
      if (length === 0) return new Uint8Array(0);
      const part = await request(offset, offset + length - 1);
      const range = part.headers.get("content-range");
      if (part.status !== 206 || range !== `bytes ${offset}-${offset + length - 1}/${size}`) {
        throw refused(undefined, `answers ${part.status} ${range ?? ""} to a request for a part`);
      }
      if (part.headers.get("etag") !== version)
        throw refused(undefined, "changed while it was read");
      const bytes = await body(part, length);
      if (bytes.length !== length) {
        throw refused(undefined, `sent ${bytes.length} bytes of ${length}`);
      }
      return bytes;
    },
  };
}

/** The body's chunks; Safari's streams are no async iterables. */
async function* stream(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
