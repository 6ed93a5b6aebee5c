/** What a kept score is known by: everything that decides it. */
import { sha256 } from "@ganfit/core";
import { MAX_MESH_BYTES } from "../files/limits.js";
import { readBytes } from "../files/read-bytes.node.js";
import type { ScoreTask } from "../score.js";

/** Raised when a protocol's arithmetic or a picture changes, so that older scores are not taken for current ones. */
const VERSION = 1;

/**
 * 64 hexadecimal digits that differ where the files' content, the settings, the subject or the system differ.
 *
 * @throws GanfitError `data` where a file cannot be read
 */
export async function scoreKey({
  protocol,
  system,
  subject,
  files,
  settings,
}: ScoreTask): Promise<string> {
  const hashes: string[] = [];
  for (const file of files) hashes.push(await sha256(await readBytes(file, MAX_MESH_BYTES)));
  const all = JSON.stringify({ VERSION, protocol, system, subject, settings, hashes });
  return sha256(new TextEncoder().encode(all));
}
