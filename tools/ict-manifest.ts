/**
 * Lists the files of ICT-FaceKit that `ganfit models add ict-facekit` fetches, with sizes and SHA-256 sums:
 *
 *     npx tsx tools/ict-manifest.ts DIRECTORY > packages/core/assets/ict-facekit.json
 *
 * DIRECTORY is the unpacked repository: LICENSE and the folder FaceXModel.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: tsx tools/ict-manifest.ts DIRECTORY");

const meshes = readdirSync(join(directory, "FaceXModel"))
  .filter((name) => name.endsWith(".obj") || name === "vertex_indices.json")
  .map((name) => `FaceXModel/${name}`);
const files = ["LICENSE", ...meshes.sort()].map((path) => {
  const bytes = readFileSync(join(directory, path));
  return { path, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
});
process.stdout.write(`${JSON.stringify({ files }, null, 2)}\n`);
