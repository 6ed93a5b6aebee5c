/** What was measured of each photo, on the disk, so that an interrupted run goes on where it was. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeJpeg, type Image, sha256, writeFolder } from "@ganfit/core";
import type { z } from "zod";

/** Of JPEG: pictures to be looked at. */
const QUALITY = 88;

export class KeptWork {
  /** @param folder made when the first result is kept */
  constructor(private readonly folder: string) {}

  /** 64 hexadecimal digits, other ones for other content. */
  async key(content: unknown): Promise<string> {
    return sha256(new TextEncoder().encode(JSON.stringify(content)));
  }

  /** What was kept; null where nothing was, or it or one of its pictures is damaged or gone. */
  async read<T>(
    key: string,
    schema: z.ZodType<T>,
    pictures: readonly string[] = [],
  ): Promise<T | null> {
    try {
      for (const picture of pictures) await access(this.pictureFile(key, picture));
      return schema.parse(JSON.parse(await readFile(join(this.folder, `${key}.json`), "utf8")));
    } catch {
      return null;
    }
  }

  /**
   * All or nothing.
   *
   * @param pictures by name
   * @throws GanfitError `output`
   */
  async keep(key: string, value: object, pictures: ReadonlyMap<string, Image>): Promise<void> {
    const files = new Map<string, Uint8Array>();
    for (const [name, image] of pictures) {
      files.set(nameOf(key, name), await encodeJpeg(image, { quality: QUALITY }));
    }
    // Last, so that a result that is there has its pictures.
    files.set(`${key}.json`, new TextEncoder().encode(JSON.stringify(value)));
    await writeFolder(this.folder, files);
  }

  /** The bytes of a picture that was kept. */
  async picture(key: string, name: string): Promise<Uint8Array> {
    return readFile(this.pictureFile(key, name));
  }

  private pictureFile(key: string, name: string): string {
    return join(this.folder, nameOf(key, name));
  }
}

function nameOf(key: string, picture: string): string {
  return `${key}-${picture}.jpg`;
}
