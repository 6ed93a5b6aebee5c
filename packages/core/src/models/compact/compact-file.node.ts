import { open } from "node:fs/promises";
import { GanfitError } from "../../errors.js";
import type { ByteSource } from "./byte-source.js";

/** A file read in place; close it when done. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/**
 * Opens a file to read parts of it.
 *
 * @throws GanfitError `model` where it cannot be opened or is no ordinary file
 */
export async function fileSource(path: string): Promise<FileSource> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new GanfitError("model", `${path} cannot be opened: ${(cause as Error).message}.`, {
      cause,
    });
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new GanfitError("model", `${path} is not a file.`);
  }
  return {
    size: stats.size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) {
          throw new GanfitError("model", `${path} became shorter while it was read.`);
        }
        done += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}

/** Runs `use` with an open file and closes it afterwards. */
export async function withFile<T>(
  path: string,
  use: (source: FileSource) => Promise<T>,
): Promise<T> {
  const source = await fileSource(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}
