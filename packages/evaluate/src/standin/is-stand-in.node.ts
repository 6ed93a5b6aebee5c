/** Whether a benchmark's data is one of our stand-ins, beside whose figures no published ones belong. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";

/** Of stand-ins, in their folder. */
export const TRUTH_FILE = "truth.json";

const schema = z.object({ kind: z.string(), seed: z.number(), subjects: z.array(z.unknown()) });

/** @param folder of the data, which a stand-in has `truth.json` in or beside */
export async function isStandIn(folder: string): Promise<boolean> {
  const place = resolve(folder);
  for (const candidate of [place, dirname(place)]) {
    const text = await readFile(join(candidate, TRUTH_FILE), "utf8").catch(() => null);
    if (text !== null && schema.safeParse(parsed(text)).success) return true;
  }
  return false;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
