/** Scores on the disk, so that an interrupted run goes on where it was. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFolder } from "@ganfit/core";
import { z } from "zod";
import { WORK } from "../report/report-folders.js";
import type { KeptScore } from "../score.js";

// NaN is no JSON: such figures are null.
const schema = z.object({
  system: z.string(),
  subject: z.string(),
  figures: z.record(z.string(), z.number().nullable()),
  pooled: z.number().int().min(0),
  pictures: z.array(z.object({ title: z.string(), file: z.string().regex(/^pictures\/[^/\\]+$/) })),
});

/** The score of that key; null where there is none, or it or a picture of it is damaged or gone. */
export async function readKeptScore(out: string, key: string): Promise<KeptScore | null> {
  try {
    const kept = schema.parse(JSON.parse(await readFile(join(out, WORK, `${key}.json`), "utf8")));
    const bytes = kept.pooled === 0 ? new Uint8Array() : await readFile(pooledFile(out, key));
    if (bytes.byteLength !== 4 * kept.pooled) return null;
    for (const { file } of kept.pictures) await access(join(out, file));
    const figures = Object.entries(kept.figures).map(([name, value]) => [name, value ?? NaN]);
    return {
      ...kept,
      figures: Object.fromEntries(figures),
      pooled: new Float32Array(Uint8Array.from(bytes).buffer),
    };
  } catch {
    return null;
  }
}

/**
 * @param out the report's folder, in which its pictures are already
 * @throws GanfitError `output`
 */
export async function keepScore(out: string, key: string, score: KeptScore): Promise<void> {
  const { pooled } = score;
  const text = JSON.stringify({ ...score, pooled: pooled.length });
  const files = new Map<string, Uint8Array>([[`${key}.json`, new TextEncoder().encode(text)]]);
  if (pooled.length > 0) {
    files.set(`${key}.f32`, new Uint8Array(pooled.buffer, pooled.byteOffset, pooled.byteLength));
  }
  await writeFolder(join(out, WORK), files);
}

function pooledFile(out: string, key: string): string {
  return join(out, WORK, `${key}.f32`);
}
